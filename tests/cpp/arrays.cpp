// Every kind of array of C++ written and read back, and failures. argv[1] is a folder. tests/python/cplusplus.py reads the files.
#include <h5sim.hpp>

#include <cmath>
#include <cstdlib>
#include <iostream>
#include <limits>
#include <numeric>
#if H5SIM_TEST_EIGEN
#include <Eigen/Dense>
#endif

static int checks = 0;

static void expect(bool right, const char *what, int line)
{
    ++checks;
    if (!right) {
        std::cerr << "line " << line << ": wrong: " << what << '\n';
        std::exit(1);
    }
}
#define EXPECT(condition) expect((condition), #condition, __LINE__)

template <class T> std::vector<T> numbers(std::size_t count)
{
    std::vector<T> values(count);
    for (std::size_t i = 0; i < count; ++i)
        values[i] = static_cast<T>(static_cast<float>(i + 1));
    return values;
}

template <class T> void element(h5sim::File &file, const std::string &name, int32_t dtype)
{
    const auto values = numbers<T>(12);
    file.write("types/" + name, values);
    EXPECT(file.dtype("types/" + name) == dtype);
    EXPECT(file.read<std::vector<T>>("types/" + name) == values);
    file.write("scalars/" + name, values[4]);
    EXPECT(file.shape("scalars/" + name).empty());
    EXPECT(file.read<T>("scalars/" + name) == values[4]);
    EXPECT(file.read<T>("types/" + name, "-1") == values[11]);
    file.set_attr("types/" + name, "one", values[2]);
    EXPECT(file.get_attr<T>("types/" + name, "one") == values[2]);
    file.set_attr("types/" + name, "all", values);
    EXPECT(file.get_attr<std::vector<T>>("types/" + name, "all") == values);
    file.append("series/" + name, values);
    file.append_records("series/" + name, std::vector<std::array<T, 12>>(2));
    EXPECT((file.shape("series/" + name) == std::vector<int64_t>{3, 12}));
}

static void types(h5sim::File &file)
{
    element<double>(file, "f64", H5SIM_F64);
    element<float>(file, "f32", H5SIM_F32);
    element<int64_t>(file, "i64", H5SIM_I64);
    element<long long>(file, "long_long", H5SIM_I64);
    element<int>(file, "i32", H5SIM_I32);
    element<int16_t>(file, "i16", H5SIM_I16);
    element<signed char>(file, "i8", H5SIM_I8);
    element<uint64_t>(file, "u64", H5SIM_U64);
    element<unsigned>(file, "u32", H5SIM_U32);
    element<uint16_t>(file, "u16", H5SIM_U16);
    element<unsigned char>(file, "u8", H5SIM_U8);
    element<std::complex<double>>(file, "c128", H5SIM_C128);
    element<std::complex<float>>(file, "c64", H5SIM_C64);
    const std::array<bool, 3> flags{true, false, true};
    file.write("types/bool", flags);
    EXPECT((file.read<std::array<bool, 3>>("types/bool") == flags));
    file.write("scalars/bool", true);
    EXPECT(file.read<bool>("scalars/bool"));
}

static void containers(h5sim::File &file)
{
    double c_array[3][4];
    std::array<std::array<double, 4>, 3> array{};
    for (std::size_t i = 0; i < 3; ++i)
        for (std::size_t j = 0; j < 4; ++j)
            c_array[i][j] = array[i][j] = static_cast<double>(4 * i + j);
    file.write("c_array", c_array);
    file.write("array", array);
    file.write("vector_of_arrays", std::vector<std::array<double, 4>>(array.begin(), array.end()));
    double back[3][4] = {};
    file.read_into("array", back);
    EXPECT(back[2][3] == 11 && back[1][2] == 6);
    EXPECT((file.read<std::array<std::array<double, 4>, 3>>("c_array") == array));
    EXPECT((file.read<std::vector<std::array<double, 4>>>("c_array")[2][1] == 9));
    EXPECT((file.read<std::vector<double>>("c_array", "1") == std::vector<double>{4, 5, 6, 7}));
    EXPECT(file.read<std::vector<float>>("c_array").size() == 12);
    const auto corner = file.read<h5sim::Array<double>>("c_array", ":2, ::-2");
    EXPECT((corner.shape == std::vector<int64_t>{2, 2} && corner.data == std::vector<double>{3, 1, 7, 5}));
    file.write("Array", corner);
    file.write("none", std::vector<double>{});
    EXPECT(file.read<std::vector<double>>("none").empty());
    file.create<double>("lazy", {2, 3});
    file.write_slice("lazy", "1", std::array<double, 3>{1, 2, 3});
    EXPECT((file.read<std::vector<double>>("lazy") == std::vector<double>{0, 0, 0, 1, 2, 3}));

    h5sim::WriteOptions options;
    options.chunks = {3, 2};
    options.maxshape = {std::nullopt, 4};
    options.compression = "gzip";
    options.compression_opts = 7;
    options.shuffle = true;
    options.fillvalue = 0.1;
    options.dtype = "f4";
    file.write("options", array, options);
    options = {};
    options.overwrite = true;
    file.write("array", array, options);
}

static void texts(h5sim::File &file)
{
    file.write("note", "Grüße");
    file.write("text", std::string{"text"});
    EXPECT(file.read<std::string>("note") == "Grüße");
    const std::vector<std::string> species{"H2", "O2", "H2O2"};
    file.write("species", species);
    EXPECT(file.read<std::vector<std::string>>("species") == species);
    file.set_attr("", "unit", "m/s");
    EXPECT(file.get_attr<std::string>("", "unit") == "m/s" && file.attr_keys() == std::vector<std::string>{"unit"});
    file.create_group("group/inner");
    EXPECT(file.kind("group") == H5SIM_GROUP && file.exists("group/inner") && !file.exists("group/none"));
    EXPECT(file.tree("group").find("inner") != std::string::npos);
    file.remove("group/inner");
    EXPECT(file.keys("group").empty());
    file.set_attr("group", "gone", 1);
    file.delete_attr("group", "gone");
    EXPECT(file.attr_keys("group").empty());

    h5sim::Document document;
    document.set("/a/b", 1.5);
    document.set("/n", int64_t{7});
    document.set("/flag", true);
    document.set("/text", "x\"y");
    document.set("/nothing", nullptr);
    document.set_json("/list", "[1, 2]");
    file.write("meta", document);
    auto found = file.read<h5sim::Document>("meta");
    EXPECT(found.dump() == R"({"a": {"b": 1.5}, "n": 7, "flag": true, "text": "x\"y", "nothing": null, "list": [1, 2]})");
    EXPECT(found.get<double>("/a/b") == 1.5 && found.get<int64_t>("/n") == 7 && found.get<bool>("/flag"));
    EXPECT(found.get<std::string>("/text") == "x\"y" && found.get_json("/list") == "[1, 2]");
    EXPECT(found.type("/nothing") == H5SIM_JSON_NULL && found.has("/list/1") && !found.has("/list/2"));
    found.remove("/list");
    EXPECT(!found.has("/list") && h5sim::hash(found.dump()).size() == 10);
    const auto numbered = h5sim::Document::parse_yaml("{10: a, 2: b}");
    EXPECT(numbered.canonical() == R"({"2": "b", "10": "a"})" && h5sim::hash(numbered) != h5sim::hash(numbered.dump()));
    EXPECT(h5sim::hash_name("a", numbered, "b", 4) == "a" + h5sim::hash(numbered, 4) + "b");
    const h5sim::Run run = h5sim::produce(".", "numbered_", numbered, ".h5");
    EXPECT(run.path == h5sim::hash_name("./numbered_", numbered, ".h5") && run.claimed);
    h5sim::release(run.path);
    const h5sim::Document moved = std::move(found);
    EXPECT(found.handle() == 0 && moved.handle() != 0);
}

/// What std::mdspan is like, of which the compilers that this is tested with have none; padded rows.
struct Strided {
    using extents_type = int;
    using layout_type = int;
    using mapping_type = int;
    using value_type = double;
    double *first;
    std::array<int64_t, 2> extents, strides;
    double *data_handle() const { return first; }
    static constexpr std::size_t rank() { return 2; }
    int64_t extent(std::size_t axis) const { return extents[axis]; }
    int64_t stride(std::size_t axis) const { return strides[axis]; }
};

static void strides(h5sim::File &file)
{
    auto cells = numbers<double>(30);
    // The inside of 5 rows of 6: rows 1 to 3, columns 1 to 4.
    const Strided inside{cells.data() + 7, {3, 4}, {6, 1}};
    file.write("inside", inside);
    EXPECT(file.read<std::vector<double>>("inside", "0") == (std::vector<double>{8, 9, 10, 11}));
    // The same transposed: a layout_left.
    file.write("transposed", Strided{cells.data() + 7, {4, 3}, {1, 6}});
    EXPECT(file.read<std::vector<double>>("transposed", ":, 0") == (std::vector<double>{8, 9, 10, 11}));
    file.append("inside_series", inside);
    EXPECT((file.read<std::vector<double>>("inside_series", "0, 2") == std::vector<double>{20, 21, 22, 23}));
    file.append("changed_inside", inside);
    file.write_slice("changed_inside", "0, :, 1:", Strided{cells.data(), {3, 3}, {6, 2}});
    EXPECT((file.read<std::vector<double>>("changed_inside", "0, 2") == std::vector<double>{20, 13, 15, 17}));
    std::vector<double> back(30, -1);
    file.read_into("inside", Strided{back.data() + 7, {3, 4}, {6, 1}});
    EXPECT(back[7] == 8 && back[22] == 23 && back[6] == -1 && back[11] == -1 && back[23] == -1);
    // Two blocks of one array of 6 rows, of columns 1 and 2 of 4; and one of a record.
    const Strided block{cells.data() + 7, {3, 2}, {6, 1}};
    h5sim::WriteOptions options;
    options.dtype = "f4";
    options.fillvalue = 9;
    file.write_block("blocks", block, {6, 4}, {3, 1}, options);
    file.write_block("blocks", block, {6, 4}, {0, 1});
    EXPECT((file.read<std::vector<double>>("blocks", "1") == std::vector<double>{9, 14, 15, 9}));
    file.append_block("block_series", block, {3, 3}, {0, 1});
    EXPECT((file.read<std::vector<double>>("block_series", "0, 2") == std::vector<double>{0, 20, 21}));
    back.assign(30, -1);
    file.read_block("blocks", Strided{back.data() + 7, {3, 2}, {6, 1}}, {3, 1});
    EXPECT(back[7] == 8 && back[20] == 21 && back[6] == -1 && back[9] == -1 && back[21] == -1);
    EXPECT(file.try_write_block("blocks", block, {6, 4}, {4, 1}).code() == H5SIM_ERR_SHAPE);
    EXPECT(file.try_write_block("blocks", block, {6}, {4, 1}).code() == H5SIM_ERR_ARGUMENT);
    EXPECT(file.try_append_block("block_series", block, {3, 3}, {0, 1, 2}).code() == H5SIM_ERR_ARGUMENT);
    EXPECT(file.try_read_block("blocks", back, {}).code() == H5SIM_ERR_ARGUMENT);
    EXPECT((file.shape("block_series") == std::vector<int64_t>{1, 3, 3}));
    if (!h5sim::has_feature("mpi")) {
        h5sim::File many;
        EXPECT(h5sim::File::try_open_mpi("of_many_ranks.h5", "w", 0, {}, many).code() == H5SIM_ERR_UNSUPPORTED);
        EXPECT(many.handle() == 0 && !many.is_open() && file.is_open());
    }
#if defined(__cpp_lib_span)
    file.write("span", std::span<const double>{cells.data(), 5});
    file.read_into("span", std::span<double>{back.data(), 5});
    EXPECT(back[4] == 5);
#endif
}

#if H5SIM_TEST_EIGEN
template <class Scalar, int Rows, int Columns, int Options>
struct h5sim::array_access<Eigen::Matrix<Scalar, Rows, Columns, Options>> {
    using Matrix = Eigen::Matrix<Scalar, Rows, Columns, Options>;
    static h5sim::Memory of(const Matrix &matrix)
    {
        auto memory = h5sim::memory_of(matrix.data(), 2);
        memory.shape[0] = matrix.rows();
        memory.shape[1] = matrix.cols();
        memory.side_by_side = false;
        memory.strides[0] = matrix.rowStride();
        memory.strides[1] = matrix.colStride();
        return memory;
    }
    static Matrix made(int32_t, const int64_t *shape) { return Matrix(shape[0], shape[1]); }
};

static void eigen(h5sim::File &file)
{
    Eigen::MatrixXd matrix(2, 3);
    matrix << 1, 2, 3, 4, 5, 6;
    file.write("eigen", matrix);
    EXPECT((file.read<std::vector<double>>("eigen") == std::vector<double>{1, 2, 3, 4, 5, 6}));
    EXPECT(file.read<Eigen::MatrixXd>("eigen") == matrix);
    EXPECT((file.read<Eigen::Matrix<double, Eigen::Dynamic, Eigen::Dynamic, Eigen::RowMajor>>("eigen") == matrix));
    file.append("eigen_series", matrix);
    EXPECT(file.read<Eigen::MatrixXd>("eigen_series", "0") == matrix);
}
#endif

static void failures(const std::string &folder, h5sim::File &file)
{
    try {
        file.write("note", 1.0);
        EXPECT(file.handle() == 0); // it was written twice
    } catch (const h5sim::Error &error) {
        EXPECT(error.status().code() == H5SIM_ERR_EXISTS && std::string{error.what()}.find("'note' exists") != std::string::npos);
        EXPECT(std::string{error.status().name()} == "H5SIM_ERR_EXISTS");
    }
    double value = 7;
    EXPECT(file.try_read("nowhere", "", value).code() == H5SIM_ERR_NOT_FOUND && value == 7);
    std::array<double, 3> three{1, 2, 3};
    EXPECT(file.try_read("c_array", "0", three).code() == H5SIM_ERR_SHAPE && three[2] == 3);
    std::vector<double> kept{1};
    EXPECT(file.try_read("c_array", "9", kept).code() == H5SIM_ERR_SHAPE && kept.size() == 1);
    std::vector<std::string> names{"kept"};
    EXPECT(!file.try_keys("nowhere", names) && names[0] == "kept");
    h5sim::File other;
    EXPECT(h5sim::File::try_open(folder + "/none.h5", "r", {}, other).code() == H5SIM_ERR_NOT_FOUND && other.handle() == 0);
    EXPECT(other.try_commit().code() == H5SIM_ERR_HANDLE);
    h5sim::Document document;
    EXPECT(h5sim::Document::try_parse("{", document).code() == H5SIM_ERR_JSON && document.handle() == 0);
    h5sim::OpenOptions options;
    options.durability = "no such";
    EXPECT(h5sim::File::try_open(folder + "/x.h5", "w", options, other).code() == H5SIM_ERR_ARGUMENT);
    options.durability = "none";
    options.autocommit = 0.5;
    EXPECT(bool(h5sim::File::try_open(folder + "/x.h5", "w", options, other)));
    h5sim::File moved = std::move(other);
    EXPECT(other.handle() == 0);
    moved.close();
    EXPECT(moved.handle() == 0 && moved.try_close().code() == H5SIM_ERR_HANDLE);
}

int main(int, char **argv)
{
    const std::string folder = argv[1];
    {
        h5sim::File file{folder + "/cpp.h5", "w"};
        types(file);
        containers(file);
        texts(file);
        strides(file);
#if H5SIM_TEST_EIGEN
        eigen(file);
#endif
        failures(folder, file);
        file.commit();
        // Closed by its end, also after an exception.
        try {
            h5sim::File other{folder + "/thrown.h5", "w"};
            other.write("x", 1.0);
            throw 1;
        } catch (int) {
        }
    }
    EXPECT(h5sim::File{folder + "/thrown.h5"}.read<double>("x") == 1);
    EXPECT(std::string{h5sim::version()} == "0.1.0" && h5sim::has_feature("journal"));
    h5sim::finalize();
    std::cout << (checks > 140 ? "all right\n" : "too few checks\n");
}
