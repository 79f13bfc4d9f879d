// The same as tests/fortran/objects.f90.
#include <h5sim.hpp>

#include <array>
#include <cstdlib>
#include <iostream>

static void expect(bool right, const char *what, int line)
{
    if (!right) {
        std::cerr << "line " << line << ": wrong: " << what << '\n';
        std::exit(1);
    }
}
#define EXPECT(condition) expect((condition), #condition, __LINE__)

int main(int, char **argv)
{
    const std::string folder = argv[1];
    const std::array<std::array<double, 3>, 2> u{{{1, 2, 3}, {4, 5, 6}}};
    h5sim::File file{folder + "/cpp.h5", "w"}, other{folder + "/cpp_other.h5", "w"};
    h5sim::WriteOptions options;
    options.chunks = {1, 3};
    options.maxshape = {std::nullopt, 3};
    options.compression = "gzip";
    file.write("g/u", u, options);
    file.set_attr("g/u", "unit", "m");
    file.move("g/u", "state/u");
    file.copy("state", "initial");
    file.copy("state/u", other, "u");
    file.copy("state", file, "shallow/state", R"({"without_attrs": true})");
    file.link("latest", "state/u");
    file.link("kept", "initial/u", R"({"type": "hard"})");
    file.link("elsewhere", "u", R"({"file": "cpp_other.h5"})");
    file.resize("state/u", {3, 3});
    const auto back = file.read<h5sim::Array<double>>("latest");
    EXPECT((back.shape == std::vector<int64_t>{3, 3} && back.data == std::vector<double>{1, 2, 3, 4, 5, 6, 0, 0, 0}));
    const auto about = h5sim::Document::parse(file.layout("kept"));
    EXPECT(about.get<int64_t>("/chunks/1") == 3 && about.get<std::string>("/compression") == "gzip");

    EXPECT(file.try_move("nothing", "x").code() == H5SIM_ERR_NOT_FOUND);
    EXPECT(file.try_copy("state", file, "initial").code() == H5SIM_ERR_EXISTS);
    EXPECT(file.try_link("x", "nothing", R"({"type": "hard"})").code() == H5SIM_ERR_NOT_FOUND);
    EXPECT(file.try_resize("state/u", {3, 4}).code() == H5SIM_ERR_SHAPE);
    std::string kept = "kept";
    EXPECT(file.try_layout("state", kept).code() == H5SIM_ERR_TYPE && kept == "kept");
    h5sim::TextOptions over;
    over.overwrite = true;
    file.write("status", "step 9");
    file.write("status", "step 10", over);
    EXPECT(file.try_write("status", "again").code() == H5SIM_ERR_EXISTS);
    file.write("meta", about, over);
    h5sim::TextOptions kind;
    kind.fixed = false;
    file.write("species", std::vector<std::string>{"H2", "OH", "H2O"}, kind);
    const std::vector<std::string> axes{"x", "longer"};
    file.set_attr("state", "axes", axes);
    kind.fixed = true;
    file.set_attr("state", "fixed", std::vector<std::string>{"a", "b"}, kind);
    EXPECT(file.get_attr<std::vector<std::string>>("state", "axes") == axes);
    for (int i = 1; i < 4; ++i)
        file.append("log", "line " + std::to_string(i));
    EXPECT((file.read<std::vector<std::string>>("log") == std::vector<std::string>{"line 1", "line 2", "line 3"}));
    EXPECT(file.mode() == "r+" && file.path() == folder + "/cpp.h5");
    EXPECT(about.length("/chunks") == 2 && about.keys()[0] == "layout");
    int64_t length = 7;
    EXPECT(about.try_length("/shuffle", length).code() == H5SIM_ERR_TYPE && length == 7);
    EXPECT(std::string{h5sim::version()}
           == std::to_string(H5SIM_VERSION_MAJOR) + "." + std::to_string(H5SIM_VERSION_MINOR) + "." + std::to_string(H5SIM_VERSION_PATCH));
    file.close();
    file = h5sim::File{folder + "/cpp.h5", "r+"};
    file.remove("state");
    file.discard();
    other.close();
    std::cout << "all right\n";
}
