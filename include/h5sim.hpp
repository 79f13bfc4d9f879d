// h5sim: simulation results as HDF5 files, from C++17 on. Header only; link with -lh5sim.
//
//     h5sim::File file{"run.h5", "w"};
//     file.write("u", u);                                       // a number, std::vector, std::array, C array, span, mdspan
//     file.write("v", v, {.compression = "gzip", .shuffle = true});   // C++20; in C++17 set the members by name
//     file.append("energy", e);                                 // in the time loop: one record
//     auto u = file.read<std::vector<double>>("u");
//     auto corner = file.read<h5sim::Array<double>>("u", ":2, ..., :2");   // a part, as in NumPy; knows its shape
//     file.read_into("u", field);                               // into memory that is there: an mdspan, a C array
//     file.write_block("u", inside, {ny, nx}, {y0, x0});        // this process's part of a larger array
//
// Failures   throw h5sim::Error, which has the status and the library's sentence. Each function has a twin whose name begins
//            with try_: it returns an h5sim::Status instead and gives its result by reference. In programs without exceptions
//            (or with H5SIM_NO_EXCEPTIONS defined) there are the twins only.
// Files      are closed, and by that committed, when they go out of scope; that never throws. Call close() to know.
// Arrays     have the order of axes that C has: a[3][4], an mdspan of extents (3, 4) of whatever layout, is (3, 4) in the file.
// Own types  that lie in memory by strides are taught by a specialization of h5sim::array_access, below.
// The rest   is as h5sim.h says, function by function: slices, options, types, threads.

#ifndef H5SIM_HPP
#define H5SIM_HPP

#include "h5sim.h"

#include <array>
#include <complex>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <stdexcept>
#include <string>
#include <string_view>
#include <type_traits>
#include <utility>
#include <vector>
#if defined(__has_include)
#if __has_include(<span>) && __cplusplus >= 202002L
#include <span>
#endif
#endif

#if !defined(H5SIM_NO_EXCEPTIONS) && !defined(__cpp_exceptions)
#define H5SIM_NO_EXCEPTIONS
#endif

namespace h5sim {

// ------------------------------------------------------------------------------------------------------------- failures

/// What a call came to: one of H5SIM_OK and H5SIM_ERR_…; true is success.
class [[nodiscard]] Status {
public:
    Status(int32_t code) noexcept : code_{code} {}
    explicit operator bool() const noexcept { return code_ == H5SIM_OK; }
    /// The status of h5sim.h.
    int32_t code() const noexcept { return code_; }
    /// Its name, such as "H5SIM_ERR_SHAPE".
    const char *name() const noexcept { return h5sim_status_name(code_); }
    /// The sentence of this thread's latest failure.
    static const char *message() noexcept { return h5sim_last_error(); }

private:
    int32_t code_;
};

#ifndef H5SIM_NO_EXCEPTIONS
/// A failure: the status, and what() is the library's sentence.
class Error : public std::runtime_error {
public:
    explicit Error(Status status) : std::runtime_error{Status::message()}, status_{status} {}
    Status status() const noexcept { return status_; }

private:
    Status status_;
};

namespace detail {
inline void check(Status status)
{
    if (!status)
        throw Error{status};
}
} // namespace detail
#endif

namespace detail {

/// A text that the library hands out, freed at the end.
class Text {
public:
    Text() = default;
    Text(const Text &) = delete;
    Text &operator=(const Text &) = delete;
    ~Text() { h5sim_free(text_); }
    char **out() noexcept { return &text_; }
    /// Assigns it where the call has succeeded.
    Status to(std::string &target, Status status) const
    {
        if (status)
            target = text_;
        return status;
    }

private:
    char *text_ = nullptr;
};

/// A JSON string.
inline std::string quoted(std::string_view text)
{
    std::string json = "\"";
    for (char c : text) {
        if (c == '"' || c == '\\')
            json += '\\';
        json += c;
    }
    return json + '"';
}

/// A JSON object made member by member; "" as long as it has none.
class Members {
public:
    void text(const char *name, const std::string &value)
    {
        if (!value.empty())
            add(name, quoted(value));
    }
    void json(const char *name, const std::string &value)
    {
        if (!value.empty())
            add(name, value);
    }
    void flag(const char *name, bool value)
    {
        if (value)
            add(name, "true");
    }
    template <class T> void number(const char *name, const std::optional<T> &value)
    {
        if (value)
            add(name, printed(*value));
    }
    template <class T> void list(const char *name, const std::vector<T> &values)
    {
        std::string json = "[";
        for (const auto &value : values)
            json += (json.size() > 1 ? ", " : "") + printed(value);
        if (!values.empty())
            add(name, json + "]");
    }
    std::string json() const { return all_.empty() ? all_ : all_ + "}"; }

private:
    static std::string printed(const std::string &value) { return quoted(value); }
    static std::string printed(int64_t value) { return std::to_string(value); }
    static std::string printed(int value) { return std::to_string(value); }
    static std::string printed(const std::optional<int64_t> &value) { return value ? std::to_string(*value) : "null"; }
    static std::string printed(double value)
    {
        // As the library prints it, to the last digit.
        h5sim_json document = 0;
        Text text;
        std::string json = "null";
        if (h5sim_json_new(&document) != H5SIM_OK)
            return json;
        if (h5sim_json_set_f64(document, "", value) == H5SIM_OK)
            (void)text.to(json, h5sim_json_dump(document, text.out()));
        h5sim_json_free(document);
        return json;
    }
    void add(const char *name, const std::string &json) { all_ += (all_.empty() ? "{" : ", ") + quoted(name) + ": " + json; }

    std::string all_;
};

} // namespace detail

// -------------------------------------------------------------------------------------------------------------- options

/// How a file is opened; see h5sim_open(). What is not set is the library's default.
struct OpenOptions {
    std::string libver{};
    std::string durability{};
    std::optional<double> autocommit{};
    std::string locking{};
    std::optional<int> threads{};
    std::optional<double> wait{};
    bool track_order = false;

    std::string json() const
    {
        detail::Members members;
        members.flag("track_order", track_order);
        members.number("wait", wait);
        members.text("libver", libver);
        members.text("durability", durability);
        members.number("autocommit", autocommit);
        members.text("locking", locking);
        members.number("threads", threads);
        return members.json();
    }
};

/// How a dataset is stored; see h5sim_write(). What is not set is the library's default.
struct WriteOptions {
    bool overwrite = false;
    std::string dtype{};
    std::vector<int64_t> chunks{};
    /// An empty optional is unlimited.
    std::vector<std::optional<int64_t>> maxshape{};
    std::string compression{};
    std::optional<int> compression_opts{};
    bool shuffle = false;
    bool fletcher32 = false;
    std::optional<double> fillvalue{};
    std::optional<int> quantize{};
    std::optional<int> threads{};
    /// The names of the axes, see h5sim_set_dims(); for append the first is that of the records.
    std::vector<std::string> dims{};
    /// Attributes, as a JSON object.
    std::string attrs{};

    std::string json() const { return json_with_records({}); }
    std::string json_with_records(std::optional<int64_t> records) const
    {
        detail::Members members;
        members.flag("overwrite", overwrite);
        members.text("dtype", dtype);
        members.list("chunks", chunks);
        members.list("maxshape", maxshape);
        members.text("compression", compression);
        members.number("compression_opts", compression_opts);
        members.flag("shuffle", shuffle);
        members.flag("fletcher32", fletcher32);
        members.number("fillvalue", fillvalue);
        members.number("quantize", quantize);
        members.number("threads", threads);
        members.list("dims", dims);
        members.json("attrs", attrs);
        members.number("records", records);
        return members.json();
    }
};

/// How texts and documents are written; see h5sim_write_text_with().
struct TextOptions {
    bool overwrite = false;
    /// With the fixed length of the longest, or each with its own.
    std::optional<bool> fixed{};

    std::string json() const
    {
        detail::Members members;
        members.flag("overwrite", overwrite);
        if (fixed)
            members.json("fixed", *fixed ? "true" : "false");
        return members.json();
    }
};

// --------------------------------------------------------------------------------------------------------------- arrays

/// Whether values of a type can be elements of a dataset.
template <class T>
inline constexpr bool is_element =
    std::is_same_v<T, bool> || std::is_same_v<T, float> || std::is_same_v<T, double> ||
    std::is_same_v<T, std::complex<double>> || std::is_same_v<T, std::complex<float>> ||
    (std::is_integral_v<T> && !std::is_same_v<T, char> && !std::is_same_v<T, wchar_t> && !std::is_same_v<T, char16_t> &&
     !std::is_same_v<T, char32_t>);

/// The library's constant for an element type.
template <class T> constexpr int32_t dtype_of() noexcept
{
    static_assert(is_element<T>, "h5sim keeps bool, integers, float, double and std::complex of the two");
    if constexpr (std::is_same_v<T, bool>) {
        static_assert(sizeof(bool) == 1);
        return H5SIM_BOOL;
    } else if constexpr (std::is_same_v<T, double>) {
        return H5SIM_F64;
    } else if constexpr (std::is_same_v<T, float>) {
        return H5SIM_F32;
    } else if constexpr (std::is_same_v<T, std::complex<double>>) {
        return H5SIM_C128;
    } else if constexpr (std::is_same_v<T, std::complex<float>>) {
        return H5SIM_C64;
    } else if constexpr (std::is_signed_v<T>) {
        return sizeof(T) == 8 ? H5SIM_I64 : sizeof(T) == 4 ? H5SIM_I32 : sizeof(T) == 2 ? H5SIM_I16 : H5SIM_I8;
    } else {
        return sizeof(T) == 8 ? H5SIM_U64 : sizeof(T) == 4 ? H5SIM_U32 : sizeof(T) == 2 ? H5SIM_U16 : H5SIM_U8;
    }
}

/// Where the elements of an array are. Only the first rank extents and strides are set.
struct Memory {
    int32_t dtype;
    int32_t rank;
    /// Bytes of an element.
    int64_t bytes;
    int64_t shape[H5SIM_MAX_RANK];
    /// Distance in elements between neighbours along each axis; of no meaning where the elements lie side by side.
    int64_t strides[H5SIM_MAX_RANK];
    bool side_by_side;
    /// Element (0, …, 0). The library writes to it only where the caller has given what it may write to.
    void *data;

    int64_t size() const noexcept
    {
        int64_t elements = 1;
        for (int32_t axis = 0; axis < rank; ++axis)
            elements *= shape[axis];
        return elements;
    }
    const int64_t *strides_or_null() const noexcept { return side_by_side ? nullptr : strides; }
};

/// Memory of elements that lie side by side; the caller sets the shape.
template <class T> Memory memory_of(const T *data, int32_t rank) noexcept
{
    Memory memory;
    memory.dtype = dtype_of<T>();
    memory.rank = rank;
    memory.bytes = sizeof(T);
    memory.side_by_side = true;
    memory.data = const_cast<void *>(static_cast<const void *>(data));
    return memory;
}

/// How arrays of a type lie in memory. A code's own arrays are taught to h5sim by a specialization:
///
///     template <> struct h5sim::array_access<Field> {
///         static h5sim::Memory of(const Field &field)
///         {
///             auto memory = h5sim::memory_of(field.data(), 2);
///             memory.shape[0] = field.ny(); memory.shape[1] = field.nx();
///             memory.side_by_side = false;
///             memory.strides[0] = field.pitch(); memory.strides[1] = 1;
///             return memory;
///         }
///         // Where read<Field>() is wanted: an array of a shape that is to be filled.
///         static Field made(int32_t rank, const int64_t *shape);
///     };
template <class A, class Enable = void> struct array_access;

namespace detail {

/// Numbers, and arrays whose extents are part of their type: what a container may have as elements.
template <class T, class Enable = void> struct block : std::false_type {};
template <class T> struct block<T, std::enable_if_t<is_element<T>>> : std::true_type {
    using scalar = T;
    static constexpr int32_t rank = 0;
    static void shape(int64_t *) noexcept {}
};
template <class T, std::size_t N> struct block<std::array<T, N>, std::enable_if_t<block<T>::value>> : std::true_type {
    static_assert(sizeof(std::array<T, N>) == N * sizeof(T));
    using scalar = typename block<T>::scalar;
    static constexpr int32_t rank = block<T>::rank + 1;
    static void shape(int64_t *extents) noexcept
    {
        extents[0] = static_cast<int64_t>(N);
        block<T>::shape(extents + 1);
    }
};
template <class T, std::size_t N> struct block<T[N], std::enable_if_t<block<T>::value>> : std::true_type {
    using scalar = typename block<T>::scalar;
    static constexpr int32_t rank = block<T>::rank + 1;
    static void shape(int64_t *extents) noexcept
    {
        extents[0] = static_cast<int64_t>(N);
        block<T>::shape(extents + 1);
    }
};

/// Blocks one after the other.
template <class T> Memory row_of(const T *data, std::size_t size) noexcept
{
    using scalar = typename block<T>::scalar;
    Memory memory = memory_of(reinterpret_cast<const scalar *>(data), block<T>::rank + 1);
    memory.shape[0] = static_cast<int64_t>(size);
    block<T>::shape(memory.shape + 1);
    return memory;
}

/// std::mdspan and those that came before it, told by what they have.
template <class A, class Enable = void> struct is_mdspan : std::false_type {};
template <class A>
struct is_mdspan<A, std::void_t<typename A::extents_type, typename A::layout_type, typename A::mapping_type,
                                decltype(std::declval<const A &>().data_handle())>> : std::true_type {};

template <class A> inline constexpr bool is_text = std::is_convertible_v<const A &, std::string_view>;

template <class A, class Enable = void> struct has_access : std::false_type {};
template <class A>
struct has_access<A, std::void_t<decltype(array_access<A>::of(std::declval<const A &>()))>> : std::true_type {};

template <class A> Memory memory(const A &array)
{
    static_assert(has_access<A>::value, "h5sim does not know how this array lies in memory: specialize h5sim::array_access");
    return array_access<A>::of(array);
}

/// One number for each axis of a block; none where there are more or fewer, which the library then says.
inline const int64_t *axes(const Memory &memory, const std::vector<int64_t> &values) noexcept
{
    return values.size() == static_cast<std::size_t>(memory.rank) ? values.data() : nullptr;
}

/// Elements side by side: those of the array, or a copy.
class SideBySide {
public:
    explicit SideBySide(const Memory &memory) : data_{memory.data}
    {
        if (memory.side_by_side)
            return;
        const auto bytes = static_cast<std::size_t>(memory.bytes);
        copy_.resize(static_cast<std::size_t>(memory.size()) * bytes);
        int64_t index[H5SIM_MAX_RANK] = {};
        auto from = static_cast<const char *>(memory.data);
        for (std::size_t at = 0; at < copy_.size(); at += bytes) {
            for (std::size_t byte = 0; byte < bytes; ++byte)
                copy_[at + byte] = from[byte];
            for (int32_t axis = memory.rank - 1; axis >= 0; --axis) {
                from += memory.strides[axis] * memory.bytes;
                if (++index[axis] < memory.shape[axis])
                    break;
                from -= memory.strides[axis] * memory.bytes * memory.shape[axis];
                index[axis] = 0;
            }
        }
        data_ = copy_.data();
    }
    const void *data() const noexcept { return data_; }

private:
    std::vector<char> copy_;
    const void *data_;
};

/// A text argument, which C wants with a NUL behind it: a literal or a std::string as it is.
class Name {
public:
    Name(const char *text) noexcept : text_{text} {}
    Name(const std::string &text) noexcept : text_{text.c_str()} {}
    operator const char *() const noexcept { return text_; }

private:
    const char *text_;
};

} // namespace detail

template <class A> struct array_access<A, std::enable_if_t<detail::block<A>::value>> {
    static Memory of(const A &array) noexcept
    {
        using scalar = typename detail::block<A>::scalar;
        Memory memory = memory_of(reinterpret_cast<const scalar *>(&array), detail::block<A>::rank);
        detail::block<A>::shape(memory.shape);
        return memory;
    }
};

template <class T, class Allocator> struct array_access<std::vector<T, Allocator>, std::enable_if_t<detail::block<T>::value>> {
    static_assert(!std::is_same_v<T, bool>, "std::vector<bool> has no elements in memory: use std::vector<unsigned char>");
    static Memory of(const std::vector<T, Allocator> &array) noexcept { return detail::row_of(array.data(), array.size()); }
    /// One of numbers takes all elements, whatever the dataset's rank.
    static std::vector<T, Allocator> made(int32_t rank, const int64_t *shape)
    {
        int64_t elements = 1;
        for (int32_t axis = 0; axis < rank - detail::block<T>::rank; ++axis)
            elements *= shape[axis];
        return std::vector<T, Allocator>(static_cast<std::size_t>(elements));
    }
};

#if defined(__cpp_lib_span)
template <class T, std::size_t N> struct array_access<std::span<T, N>, std::enable_if_t<detail::block<std::remove_const_t<T>>::value>> {
    static Memory of(const std::span<T, N> &array) noexcept { return detail::row_of(array.data(), array.size()); }
};
#endif

template <class A> struct array_access<A, std::enable_if_t<detail::is_mdspan<A>::value>> {
    static Memory of(const A &array)
    {
        Memory memory = memory_of<typename A::value_type>(&*array.data_handle(), static_cast<int32_t>(A::rank()));
        memory.side_by_side = false;
        for (std::size_t axis = 0; axis < A::rank(); ++axis) {
            memory.shape[axis] = static_cast<int64_t>(array.extent(axis));
            memory.strides[axis] = static_cast<int64_t>(array.stride(axis));
        }
        return memory;
    }
};

/// An array of any shape, in the order of C.
template <class T> struct Array {
    std::vector<int64_t> shape{};
    std::vector<T> data{};
};

template <class T> struct array_access<Array<T>> {
    static Memory of(const Array<T> &array) noexcept
    {
        Memory memory = memory_of(array.data.data(), static_cast<int32_t>(array.shape.size()));
        for (std::size_t axis = 0; axis < array.shape.size() && axis < H5SIM_MAX_RANK; ++axis)
            memory.shape[axis] = array.shape[axis];
        return memory;
    }
    static Array<T> made(int32_t rank, const int64_t *shape)
    {
        return {std::vector<int64_t>(shape, shape + rank), array_access<std::vector<T>>::made(rank, shape)};
    }
};

// ------------------------------------------------------------------------------------------------------------ documents

/// A JSON document in memory, its members addressed by JSON pointers such as "/model/k0". Freed at the end.
class Document {
public:
    /// None; the first set makes it {}.
    Document() = default;
    Document(const Document &) = delete;
    Document &operator=(const Document &) = delete;
    Document(Document &&other) noexcept : handle_{std::exchange(other.handle_, 0)} {}
    Document &operator=(Document &&other) noexcept
    {
        std::swap(handle_, other.handle_);
        return *this;
    }
    ~Document()
    {
        if (handle_ != 0)
            (void)h5sim_json_free(handle_);
    }
    h5sim_json handle() const noexcept { return handle_; }

    static Status try_parse(detail::Name json, Document &document)
    {
        h5sim_json handle = 0;
        const Status status = h5sim_json_parse(json, &handle);
        return document.replaced(status, handle);
    }
    static Status try_parse_yaml(detail::Name yaml, Document &document)
    {
        h5sim_json handle = 0;
        const Status status = h5sim_json_parse_yaml(yaml, &handle);
        return document.replaced(status, handle);
    }
    /// Set a member to a number, a bool, a text or (nullptr) null.
    template <class T> Status try_set(detail::Name pointer, const T &value)
    {
        const Status made = begun();
        if (!made)
            return made;
        if constexpr (std::is_same_v<T, std::nullptr_t>)
            return h5sim_json_set_null(handle_, pointer);
        else if constexpr (std::is_same_v<T, bool>)
            return h5sim_json_set_bool(handle_, pointer, value ? 1 : 0);
        else if constexpr (std::is_floating_point_v<T>)
            return h5sim_json_set_f64(handle_, pointer, static_cast<double>(value));
        else if constexpr (std::is_integral_v<T>)
            return h5sim_json_set_i64(handle_, pointer, static_cast<int64_t>(value));
        else
            return h5sim_json_set_text(handle_, pointer, detail::Name{value});
    }
    /// Set a member to any value, given as JSON text.
    Status try_set_json(detail::Name pointer, detail::Name json)
    {
        const Status made = begun();
        return made ? Status{h5sim_json_set_json(handle_, pointer, json)} : made;
    }
    /// Get a double, an integer, a bool or a std::string.
    template <class T> Status try_get(detail::Name pointer, T &value) const
    {
        if constexpr (std::is_same_v<T, bool>) {
            int32_t found = 0;
            const Status status = h5sim_json_get_bool(handle_, pointer, &found);
            if (status)
                value = found != 0;
            return status;
        } else if constexpr (std::is_same_v<T, double>) {
            return h5sim_json_get_f64(handle_, pointer, &value);
        } else if constexpr (std::is_integral_v<T>) {
            static_assert(sizeof(T) == 8 && std::is_signed_v<T>, "integers of a document are int64_t");
            int64_t found = 0;
            const Status status = h5sim_json_get_i64(handle_, pointer, &found);
            if (status)
                value = static_cast<T>(found);
            return status;
        } else {
            static_assert(std::is_same_v<T, std::string>, "members are double, int64_t, bool or std::string");
            detail::Text text;
            return text.to(value, h5sim_json_get_text(handle_, pointer, text.out()));
        }
    }
    Status try_get_json(detail::Name pointer, std::string &json) const
    {
        detail::Text text;
        return text.to(json, h5sim_json_get_json(handle_, pointer, text.out()));
    }
    Status try_type(detail::Name pointer, int32_t &type) const { return h5sim_json_type(handle_, pointer, &type); }
    /// How many elements an array has, or members an object.
    Status try_length(detail::Name pointer, int64_t &length) const { return h5sim_json_length(handle_, pointer, &length); }
    /// The names of an object's members, in their order.
    Status try_keys(detail::Name pointer, std::vector<std::string> &names) const;
    Status try_remove(detail::Name pointer) { return h5sim_json_remove(handle_, pointer); }
    Status try_dump(std::string &json) const
    {
        detail::Text text;
        return text.to(json, h5sim_json_dump(handle_, text.out()));
    }
    Status try_dump_yaml(std::string &yaml) const
    {
        detail::Text text;
        return text.to(yaml, h5sim_json_dump_yaml(handle_, text.out()));
    }
    /// Give what Python's json.dumps(meta, sort_keys=True) prints; keys that were numbers in YAML are sorted as numbers.
    Status try_canonical(std::string &canonical) const
    {
        detail::Text text;
        return text.to(canonical, h5sim_json_canonical(handle_, text.out()));
    }
    /// Tell whether a member is there.
    bool has(detail::Name pointer) const
    {
        int32_t type = 0;
        return h5sim_json_type(handle_, pointer, &type) == H5SIM_OK;
    }

#ifndef H5SIM_NO_EXCEPTIONS
    static Document parse(detail::Name json)
    {
        Document document;
        detail::check(try_parse(json, document));
        return document;
    }
    static Document parse_yaml(detail::Name yaml)
    {
        Document document;
        detail::check(try_parse_yaml(yaml, document));
        return document;
    }
    template <class T> void set(detail::Name pointer, const T &value) { detail::check(try_set(pointer, value)); }
    void set_json(detail::Name pointer, detail::Name json) { detail::check(try_set_json(pointer, json)); }
    template <class T> T get(detail::Name pointer) const
    {
        T value{};
        detail::check(try_get(pointer, value));
        return value;
    }
    std::string get_json(detail::Name pointer) const
    {
        std::string json;
        detail::check(try_get_json(pointer, json));
        return json;
    }
    /// H5SIM_JSON_NULL … H5SIM_JSON_OBJECT.
    int32_t type(detail::Name pointer) const
    {
        int32_t type = 0;
        detail::check(try_type(pointer, type));
        return type;
    }
    int64_t length(detail::Name pointer = "") const
    {
        int64_t length = 0;
        detail::check(try_length(pointer, length));
        return length;
    }
    std::vector<std::string> keys(detail::Name pointer = "") const
    {
        std::vector<std::string> names;
        detail::check(try_keys(pointer, names));
        return names;
    }
    void remove(detail::Name pointer) { detail::check(try_remove(pointer)); }
    std::string dump() const
    {
        std::string json;
        detail::check(try_dump(json));
        return json;
    }
    std::string canonical() const
    {
        std::string canonical;
        detail::check(try_canonical(canonical));
        return canonical;
    }
    std::string dump_yaml() const
    {
        std::string yaml;
        detail::check(try_dump_yaml(yaml));
        return yaml;
    }
#endif

private:
    Status begun() { return handle_ == 0 ? Status{h5sim_json_new(&handle_)} : Status{H5SIM_OK}; }
    Status replaced(Status status, h5sim_json handle) noexcept
    {
        if (status) {
            if (handle_ != 0)
                (void)h5sim_json_free(handle_);
            handle_ = handle;
        }
        return status;
    }

    h5sim_json handle_ = 0;
};

namespace detail {

/// The texts of a JSON array, also of a nested one.
inline Status texts_of(const char *json, std::vector<std::string> &texts)
{
    Document document;
    const Status parsed = Document::try_parse(json, document);
    if (!parsed)
        return parsed;
    std::vector<std::string> found;
    std::vector<std::pair<std::string, int64_t>> lists{{"", 0}};
    while (!lists.empty()) {
        const std::string pointer = lists.back().first + "/" + std::to_string(lists.back().second++);
        int32_t type = 0;
        if (!document.try_type(pointer, type)) {
            lists.pop_back();
        } else if (type == H5SIM_JSON_ARRAY) {
            lists.emplace_back(pointer, 0);
        } else {
            std::string text;
            const Status status = document.try_get(pointer, text);
            if (!status)
                return status;
            found.push_back(std::move(text));
        }
    }
    texts = std::move(found);
    return H5SIM_OK;
}

} // namespace detail

inline Status Document::try_keys(detail::Name pointer, std::vector<std::string> &names) const
{
    detail::Text json;
    std::string text;
    const Status status = json.to(text, h5sim_json_keys(handle_, pointer, json.out()));
    return status ? detail::texts_of(text.c_str(), names) : status;
}

// ---------------------------------------------------------------------------------------------------------------- files

/// An open file. Can be moved; what is open is closed when it goes out of scope.
class File {
public:
    /// None is open.
    File() = default;
    File(const File &) = delete;
    File &operator=(const File &) = delete;
    File(File &&other) noexcept : handle_{std::exchange(other.handle_, 0)} {}
    File &operator=(File &&other) noexcept
    {
        std::swap(handle_, other.handle_);
        return *this;
    }
    ~File()
    {
        if (handle_ != 0)
            (void)h5sim_close(handle_);
    }
    /// The handle of h5sim.h, for what is not here.
    h5sim_file handle() const noexcept { return handle_; }

    static Status try_open(detail::Name path, detail::Name mode, const OpenOptions &options, File &file)
    {
        h5sim_file handle = 0;
        const Status status = h5sim_open(path, mode, options.json().c_str(), &handle);
        if (status)
            file = of_handle(handle);
        return status;
    }
    /// Open one file from many ranks, in a build with MPI: see h5sim_open_mpi().
    static Status try_open_mpi(detail::Name path, detail::Name mode, int32_t fortran_communicator, const OpenOptions &options, File &file)
    {
        h5sim_file handle = 0;
        const Status status = h5sim_open_mpi(path, mode, options.json().c_str(), fortran_communicator, &handle);
        if (status)
            file = of_handle(handle);
        return status;
    }
    /// Open one file from many ranks, which talk by an allgather: see h5sim_open_ranks(). Close it on all ranks: without that it is
    /// left at the latest commit.
    static Status try_open_ranks(detail::Name path, detail::Name mode, int32_t rank, int32_t ranks, h5sim_allgather allgather,
                                 void *context, const OpenOptions &options, File &file)
    {
        h5sim_file handle = 0;
        const Status status =
            h5sim_open_ranks(path, mode, options.json().c_str(), rank, ranks, allgather, context, &handle);
        if (status)
            file = of_handle(handle);
        return status;
    }
    /// Take a handle that h5sim.h has given, to be closed by this.
    static File of_handle(h5sim_file handle) noexcept
    {
        File opened;
        opened.handle_ = handle;
        return opened;
    }
    bool is_open() const noexcept { return h5sim_is_open(handle_) == 1; }
    /// The path by which it was opened.
    Status try_path(std::string &path) const
    {
        detail::Text text;
        return text.to(path, h5sim_file_path(handle_, text.out()));
    }
    /// "r" or "r+".
    Status try_mode(std::string &mode) const
    {
        detail::Text text;
        return text.to(mode, h5sim_file_mode(handle_, text.out()));
    }
    Status try_commit() { return h5sim_commit(handle_); }
    /// Mark the run in the file as finished, and commit.
    Status try_finish() { return h5sim_finish(handle_); }
    /// Close at the latest commit: what was written since is dropped.
    Status try_discard() { return h5sim_discard(std::exchange(handle_, 0)); }
    Status try_close() { return h5sim_close(std::exchange(handle_, 0)); }

    Status try_create_group(detail::Name path) { return h5sim_create_group(handle_, path); }
    /// H5SIM_NONE, H5SIM_GROUP, H5SIM_DATASET or H5SIM_DATATYPE.
    Status try_kind(detail::Name path, int32_t &kind) const { return h5sim_exists(handle_, path, &kind); }
    Status try_keys(detail::Name group, std::vector<std::string> &names) const
    {
        return listed([&](char **json) { return h5sim_keys(handle_, group, json); }, names);
    }
    Status try_tree(detail::Name group, std::string &json) const
    {
        detail::Text text;
        return text.to(json, h5sim_tree(handle_, group, text.out()));
    }
    Status try_remove(detail::Name path) { return h5sim_delete(handle_, path); }
    Status try_move(detail::Name from, detail::Name to) { return h5sim_move(handle_, from, to); }
    /// Copy to a path of a file open for writing, which may be this one; options as of h5sim_copy().
    Status try_copy(detail::Name from, File &target, detail::Name to, detail::Name options = "") const
    {
        return h5sim_copy(handle_, from, target.handle_, to, options);
    }
    /// Make a link; options as of h5sim_link().
    Status try_link(detail::Name path, detail::Name target, detail::Name options = "")
    {
        return h5sim_link(handle_, path, target, options);
    }
    Status try_resize(detail::Name path, const std::vector<int64_t> &shape)
    {
        return h5sim_resize(handle_, path, static_cast<int32_t>(shape.size()), shape.data());
    }
    Status try_layout(detail::Name path, std::string &json) const
    {
        detail::Text text;
        return text.to(json, h5sim_layout(handle_, path, text.out()));
    }
    Status try_set_dims(detail::Name path, detail::Name names) { return h5sim_set_dims(handle_, path, names); }
    Status try_dims(detail::Name path, std::string &names) const
    {
        detail::Text text;
        return text.to(names, h5sim_dims(handle_, path, text.out()));
    }
    Status try_truncate(detail::Name path, int64_t records) { return h5sim_truncate(handle_, path, records); }
    Status try_rewind(detail::Name axis, double value) { return h5sim_rewind(handle_, axis, value); }
    Status try_vtkhdf(detail::Name options) { return h5sim_vtkhdf(handle_, options); }

    /// Write a number, an array, a text, a vector of texts or a document to a new dataset.
    template <class A> Status try_write(detail::Name path, const A &value)
    {
        if constexpr (std::is_same_v<A, Document>) {
            std::string json;
            const Status status = value.try_dump(json);
            return status ? try_write_json(path, json) : status;
        } else if constexpr (detail::is_text<A>) {
            return h5sim_write_text(handle_, path, detail::Name{value});
        } else {
            return written(path, detail::memory(value), nullptr);
        }
    }
    Status try_write(detail::Name path, const std::vector<std::string> &texts) { return try_write(path, texts, TextOptions{}); }
    /// Write a text, a vector of texts or a document with options, such as over one that is there.
    template <class A> Status try_write(detail::Name path, const A &value, const TextOptions &options)
    {
        if constexpr (std::is_same_v<A, Document>) {
            std::string json;
            const Status status = value.try_dump(json);
            return status ? Status{h5sim_write_json_with(handle_, path, json.c_str(), options.json().c_str())} : status;
        } else if constexpr (std::is_same_v<A, std::vector<std::string>>) {
            const int64_t shape[1] = {static_cast<int64_t>(value.size())};
            return h5sim_write_texts_with(handle_, path, 1, shape, pointers_to(value).data(), options.json().c_str());
        } else {
            static_assert(detail::is_text<A>, "these are the options of texts and documents");
            return h5sim_write_text_with(handle_, path, detail::Name{value}, options.json().c_str());
        }
    }
    template <class A> Status try_write(detail::Name path, const A &array, const WriteOptions &options)
    {
        return written(path, detail::memory(array), options.json().c_str());
    }
    /// Write metadata, given as JSON text.
    Status try_write_json(detail::Name path, detail::Name json) { return h5sim_write_json(handle_, path, json); }
    /// Create a dataset of elements T without data.
    template <class T> Status try_create(detail::Name path, const std::vector<int64_t> &shape, const WriteOptions &options = {})
    {
        return h5sim_create(handle_, path, dtype_of<T>(), static_cast<int32_t>(shape.size()), shape.data(), options.json().c_str());
    }
    /// Write into a part of a dataset, given as NumPy's slices are.
    template <class A> Status try_write_slice(detail::Name path, detail::Name slice, const A &array)
    {
        const Memory memory = detail::memory(array);
        if (memory.side_by_side)
            return h5sim_write_slice(handle_, path, slice, memory.dtype, memory.size(), memory.data);
        return h5sim_write_from(handle_, path, slice, memory.dtype, memory.rank, memory.shape, memory.strides_or_null(), memory.data);
    }
    /// Append one record to a dataset that grows along its first axis.
    /// A text is one more of a series of texts.
    template <class A> Status try_append(detail::Name path, const A &record)
    {
        if constexpr (detail::is_text<A>)
            return h5sim_append_text(handle_, path, detail::Name{record});
        else
            return appended(path, detail::memory(record), nullptr);
    }
    template <class A> Status try_append(detail::Name path, const A &record, const WriteOptions &options)
    {
        return appended(path, detail::memory(record), options.json().c_str());
    }
    /// Append as many records as the first axis of the array has elements.
    template <class A> Status try_append_records(detail::Name path, const A &records, const WriteOptions &options = {})
    {
        const Memory memory = detail::memory(records);
        static_assert(!detail::block<A>::value || !is_element<A>, "a number is one record: use append");
        const std::string json = options.json_with_records(memory.shape[0]);
        return h5sim_append(handle_, path, memory.dtype, memory.rank - 1, memory.shape + 1, detail::SideBySide{memory}.data(),
                            json.c_str());
    }

    /// Write a block of a larger array, which begins at start in it: to a new dataset, or into the one that is there.
    template <class A>
    Status try_write_block(detail::Name path, const A &block, const std::vector<int64_t> &global_shape,
                           const std::vector<int64_t> &start, const WriteOptions &options = {})
    {
        const Memory memory = detail::memory(block);
        return h5sim_write_block(handle_, path, memory.dtype, memory.rank, detail::axes(memory, global_shape),
                                 detail::axes(memory, start), memory.shape, memory.strides_or_null(), memory.data,
                                 options.json().c_str());
    }
    /// Append one record of which this process has a block.
    template <class A>
    Status try_append_block(detail::Name path, const A &block, const std::vector<int64_t> &global_shape,
                            const std::vector<int64_t> &start, const WriteOptions &options = {})
    {
        const Memory memory = detail::memory(block);
        return h5sim_append_block(handle_, path, memory.dtype, memory.rank, detail::axes(memory, global_shape),
                                  detail::axes(memory, start), memory.shape, memory.strides_or_null(), memory.data,
                                  options.json().c_str());
    }
    /// Read the block of a dataset that begins at start into an array that is there, of its shape.
    template <class A> Status try_read_block(detail::Name path, A &&array, const std::vector<int64_t> &start) const
    {
        static_assert(!std::is_const_v<std::remove_reference_t<A>> || !detail::block<std::decay_t<A>>::value,
                      "what is read into must not be const");
        const Memory memory = detail::memory<std::remove_cv_t<std::remove_reference_t<A>>>(array);
        return h5sim_read_block(handle_, path, memory.dtype, memory.rank, detail::axes(memory, start), memory.shape,
                                memory.strides_or_null(), memory.data);
    }

    /// Give the element type and the shape of a dataset.
    Status try_info(detail::Name path, int32_t &dtype, std::vector<int64_t> &shape) const
    {
        int32_t rank = 0;
        int64_t extents[H5SIM_MAX_RANK];
        const Status status = h5sim_info(handle_, path, &dtype, &rank, extents);
        if (status)
            shape.assign(extents, extents + rank);
        return status;
    }
    /// Read a dataset, or a part of it, into an array that is there, of its shape.
    template <class A> Status try_read_into(detail::Name path, A &&array, detail::Name slice = "") const
    {
        static_assert(!std::is_const_v<std::remove_reference_t<A>> || !detail::block<std::decay_t<A>>::value,
                      "what is read into must not be const");
        return filled(path, slice, detail::memory<std::remove_cv_t<std::remove_reference_t<A>>>(array));
    }
    /// Read a dataset, or a part of it: a number, a std::array, a std::vector (one of numbers takes any shape, flat), an
    /// Array, a std::string, a std::vector of them, a Document, or what array_access can make.
    template <class A> Status try_read(detail::Name path, detail::Name slice, A &value) const
    {
        if constexpr (std::is_same_v<A, std::string>) {
            detail::Text text;
            return text.to(value, h5sim_read_text(handle_, path, text.out()));
        } else if constexpr (std::is_same_v<A, std::vector<std::string>>) {
            return listed([&](char **json) { return h5sim_read_texts(handle_, path, json); }, value);
        } else if constexpr (std::is_same_v<A, Document>) {
            std::string json;
            const Status status = try_read_json(path, json);
            return status ? Document::try_parse(json, value) : status;
        } else if constexpr (detail::block<A>::value) {
            A found{};
            const Status status = filled(path, slice, detail::memory(found));
            if (status)
                value = found;
            return status;
        } else {
            int32_t rank = 0;
            int64_t shape[H5SIM_MAX_RANK];
            Status status = h5sim_slice_shape(handle_, path, slice, &rank, shape);
            if (!status)
                return status;
            A found = array_access<A>::made(rank, shape);
            const Memory memory = detail::memory(found);
            if (memory.rank == 1 && memory.side_by_side)
                status = h5sim_read(handle_, path, slice, memory.dtype, memory.size(), memory.data);
            else
                status = filled(path, slice, memory);
            if (status)
                value = std::move(found);
            return status;
        }
    }
    Status try_read_json(detail::Name path, std::string &json) const
    {
        detail::Text text;
        return text.to(json, h5sim_read_json(handle_, path, text.out()));
    }

    /// Set an attribute of a group or dataset ("" is the root) to a number, an array or a text.
    template <class A> Status try_set_attr(detail::Name object, detail::Name name, const A &value)
    {
        if constexpr (detail::is_text<A>) {
            return h5sim_set_attr_text(handle_, object, name, detail::Name{value});
        } else if constexpr (std::is_same_v<A, std::vector<std::string>>) {
            return try_set_attr(object, name, value, TextOptions{});
        } else {
            const Memory memory = detail::memory(value);
            return h5sim_set_attr(handle_, object, name, memory.dtype, memory.rank, memory.shape, detail::SideBySide{memory}.data());
        }
    }
    /// Set an attribute to texts, with a fixed length where the options say so.
    Status try_set_attr(detail::Name object, detail::Name name, const std::vector<std::string> &texts, const TextOptions &options)
    {
        const int64_t shape[1] = {static_cast<int64_t>(texts.size())};
        return h5sim_set_attr_texts(handle_, object, name, 1, shape, pointers_to(texts).data(), options.json().c_str());
    }
    /// Read an attribute as a number, a std::vector, a std::string or a std::vector of them.
    template <class A> Status try_get_attr(detail::Name object, detail::Name name, A &value) const
    {
        if constexpr (std::is_same_v<A, std::string>) {
            detail::Text text;
            return text.to(value, h5sim_get_attr_text(handle_, object, name, text.out()));
        } else if constexpr (std::is_same_v<A, std::vector<std::string>>) {
            return listed([&](char **json) { return h5sim_get_attr_texts(handle_, object, name, json); }, value);
        } else if constexpr (is_element<A>) {
            return h5sim_get_attr(handle_, object, name, dtype_of<A>(), 1, &value);
        } else {
            int32_t dtype = 0, rank = 0;
            int64_t shape[H5SIM_MAX_RANK];
            Status status = h5sim_attr_info(handle_, object, name, &dtype, &rank, shape);
            if (!status)
                return status;
            A found = array_access<A>::made(rank, shape);
            const Memory memory = detail::memory(found);
            status = h5sim_get_attr(handle_, object, name, memory.dtype, memory.size(), memory.data);
            if (status)
                value = std::move(found);
            return status;
        }
    }
    Status try_attr_keys(detail::Name object, std::vector<std::string> &names) const
    {
        return listed([&](char **json) { return h5sim_attr_keys(handle_, object, json); }, names);
    }
    Status try_delete_attr(detail::Name object, detail::Name name) { return h5sim_delete_attr(handle_, object, name); }

#ifndef H5SIM_NO_EXCEPTIONS
    /// Open or create a file: mode is "r", "r+", "w", "w-" (or "x") or "a", as in h5py.
    explicit File(detail::Name path, detail::Name mode = "r", const OpenOptions &options = {})
    {
        detail::check(try_open(path, mode, options, *this));
    }
    /// The path by which it was opened.
    std::string path() const
    {
        std::string path;
        detail::check(try_path(path));
        return path;
    }
    /// "r" of a file that is only read, "r+" of one that is also written.
    std::string mode() const
    {
        std::string mode;
        detail::check(try_mode(mode));
        return mode;
    }
    /// Make all that was written so far durable, as one step.
    void commit() { detail::check(try_commit()); }
    /// Mark the run in the file as finished, and commit: all that was written and the mark become durable as one step.
    void finish() { detail::check(try_finish()); }
    void close() { detail::check(try_close()); }
    void discard() { detail::check(try_discard()); }
    void create_group(detail::Name path) { detail::check(try_create_group(path)); }
    int32_t kind(detail::Name path) const
    {
        int32_t kind = H5SIM_NONE;
        detail::check(try_kind(path, kind));
        return kind;
    }
    bool exists(detail::Name path) const { return kind(path) != H5SIM_NONE; }
    /// List the names in a group, in alphabetical order.
    std::vector<std::string> keys(detail::Name group = "") const
    {
        std::vector<std::string> names;
        detail::check(try_keys(group, names));
        return names;
    }
    std::string tree(detail::Name group = "") const
    {
        std::string json;
        detail::check(try_tree(group, json));
        return json;
    }
    void remove(detail::Name path) { detail::check(try_remove(path)); }
    /// Move an object or a link to another path of the file.
    void move(detail::Name from, detail::Name to) { detail::check(try_move(from, to)); }
    /// Copy an object, with all that is in it.
    void copy(detail::Name from, detail::Name to) { detail::check(try_copy(from, *this, to)); }
    /// Copy to a path of a file open for writing, which may be this one; the options are a JSON object, see h5sim_copy().
    void copy(detail::Name from, File &target, detail::Name to, detail::Name options = "") const
    {
        detail::check(try_copy(from, target, to, options));
    }
    /// Make a link, soft without more said: the options are a JSON object, see h5sim_link().
    void link(detail::Name path, detail::Name target, detail::Name options = "") { detail::check(try_link(path, target, options)); }
    /// Give a dataset other extents, within the largest that it may have.
    void resize(detail::Name path, const std::vector<int64_t> &shape) { detail::check(try_resize(path, shape)); }
    /// Tell how a dataset is stored, as a JSON object: see h5sim_layout().
    std::string layout(detail::Name path) const
    {
        std::string json;
        detail::check(try_layout(path, json));
        return json;
    }

    /// Name the axes of a dataset: a JSON array of names in C order, such as ["time", "z", "y", "x"].
    void set_dims(detail::Name path, detail::Name names) { detail::check(try_set_dims(path, names)); }
    /// The names of a dataset's axes, as a JSON array.
    std::string dims(detail::Name path) const
    {
        std::string names;
        detail::check(try_dims(path, names));
        return names;
    }
    /// Cut a series to its first records.
    void truncate(detail::Name path, int64_t records) { detail::check(try_truncate(path, records)); }
    /// Cut every series along an axis to the records up to a value, and commit.
    void rewind(detail::Name axis, double value) { detail::check(try_rewind(axis, value)); }
    /// Add what ParaView needs to open the file: the options are a JSON object, see h5sim_vtkhdf().
    void vtkhdf(detail::Name options) { detail::check(try_vtkhdf(options)); }

    template <class A> void write(detail::Name path, const A &value) { detail::check(try_write(path, value)); }
    template <class A> void write(detail::Name path, const A &array, const WriteOptions &options)
    {
        detail::check(try_write(path, array, options));
    }
    template <class A> void write(detail::Name path, const A &value, const TextOptions &options)
    {
        detail::check(try_write(path, value, options));
    }
    void write_json(detail::Name path, detail::Name json) { detail::check(try_write_json(path, json)); }
    template <class T> void create(detail::Name path, const std::vector<int64_t> &shape, const WriteOptions &options = {})
    {
        detail::check(try_create<T>(path, shape, options));
    }
    template <class A> void write_slice(detail::Name path, detail::Name slice, const A &array)
    {
        detail::check(try_write_slice(path, slice, array));
    }
    template <class A> void append(detail::Name path, const A &record) { detail::check(try_append(path, record)); }
    template <class A> void append(detail::Name path, const A &record, const WriteOptions &options)
    {
        detail::check(try_append(path, record, options));
    }
    template <class A> void append_records(detail::Name path, const A &records, const WriteOptions &options = {})
    {
        detail::check(try_append_records(path, records, options));
    }
    template <class A>
    void write_block(detail::Name path, const A &block, const std::vector<int64_t> &global_shape, const std::vector<int64_t> &start,
                     const WriteOptions &options = {})
    {
        detail::check(try_write_block(path, block, global_shape, start, options));
    }
    template <class A>
    void append_block(detail::Name path, const A &block, const std::vector<int64_t> &global_shape, const std::vector<int64_t> &start,
                      const WriteOptions &options = {})
    {
        detail::check(try_append_block(path, block, global_shape, start, options));
    }
    template <class A> void read_block(detail::Name path, A &&array, const std::vector<int64_t> &start) const
    {
        detail::check(try_read_block(path, std::forward<A>(array), start));
    }
    std::vector<int64_t> shape(detail::Name path) const
    {
        int32_t dtype = 0;
        std::vector<int64_t> shape;
        detail::check(try_info(path, dtype, shape));
        return shape;
    }
    /// H5SIM_F64 … H5SIM_OTHER.
    int32_t dtype(detail::Name path) const
    {
        int32_t dtype = 0;
        std::vector<int64_t> shape;
        detail::check(try_info(path, dtype, shape));
        return dtype;
    }
    template <class A> A read(detail::Name path, detail::Name slice = "") const
    {
        A value{};
        detail::check(try_read(path, slice, value));
        return value;
    }
    template <class A> void read_into(detail::Name path, A &&array, detail::Name slice = "") const
    {
        detail::check(try_read_into(path, std::forward<A>(array), slice));
    }
    std::string read_json(detail::Name path) const
    {
        std::string json;
        detail::check(try_read_json(path, json));
        return json;
    }
    template <class A> void set_attr(detail::Name object, detail::Name name, const A &value)
    {
        detail::check(try_set_attr(object, name, value));
    }
    void set_attr(detail::Name object, detail::Name name, const std::vector<std::string> &texts, const TextOptions &options)
    {
        detail::check(try_set_attr(object, name, texts, options));
    }
    template <class A> A get_attr(detail::Name object, detail::Name name) const
    {
        A value{};
        detail::check(try_get_attr(object, name, value));
        return value;
    }
    std::vector<std::string> attr_keys(detail::Name object = "") const
    {
        std::vector<std::string> names;
        detail::check(try_attr_keys(object, names));
        return names;
    }
    void delete_attr(detail::Name object, detail::Name name) { detail::check(try_delete_attr(object, name)); }
#endif

private:
    Status written(const char *path, const Memory &memory, const char *options)
    {
        return h5sim_write(handle_, path, memory.dtype, memory.rank, memory.shape, memory.strides_or_null(), memory.data, options);
    }
    Status appended(const char *path, const Memory &memory, const char *options)
    {
        return h5sim_append_from(handle_, path, memory.dtype, memory.rank, memory.shape, memory.strides_or_null(), memory.data, options);
    }
    Status filled(const char *path, const char *slice, const Memory &memory) const
    {
        return h5sim_read_into(handle_, path, slice, memory.dtype, memory.rank, memory.shape, memory.strides_or_null(), memory.data);
    }
    static std::vector<const char *> pointers_to(const std::vector<std::string> &texts)
    {
        std::vector<const char *> pointers;
        for (const std::string &text : texts)
            pointers.push_back(text.c_str());
        return pointers;
    }
    template <class Call> static Status listed(Call call, std::vector<std::string> &texts)
    {
        detail::Text json;
        std::string text;
        const Status status = json.to(text, call(json.out()));
        return status ? detail::texts_of(text.c_str(), texts) : status;
    }

    h5sim_file handle_ = 0;
};

// ------------------------------------------------------------------------------------------- the library, and file names

inline const char *version() noexcept { return h5sim_version(); }
inline const char *hdf5_version() noexcept { return h5sim_hdf5_version(); }
/// Tell whether this build has a feature, such as "journal".
inline bool has_feature(detail::Name name) noexcept { return h5sim_has_feature(name) == 1; }
/// Close all that is open.
inline Status try_finalize() { return h5sim_finalize(); }

/// Give what Python's json.dumps(json.loads(text), ensure_ascii=True, sort_keys=True) prints.
inline Status try_canonical_json(detail::Name json, std::string &canonical)
{
    detail::Text text;
    return text.to(canonical, h5sim_canonical_json(json, text.out()));
}
/// Give the first hex digits of the SHA-1 of the canonical form.
inline Status try_hash(detail::Name json, std::string &hex, int32_t digits = 10)
{
    detail::Text text;
    return text.to(hex, h5sim_hash(json, digits, text.out()));
}
inline Status try_hash(const Document &document, std::string &hex, int32_t digits = 10)
{
    detail::Text text;
    return text.to(hex, h5sim_json_hash(document.handle(), digits, text.out()));
}
/// Give a file name made from the hash of metadata: prefix, digits, suffix.
inline Status try_hash_name(detail::Name prefix, detail::Name json, detail::Name suffix, std::string &name, int32_t digits = 10)
{
    detail::Text text;
    return text.to(name, h5sim_hash_name(prefix, json, digits, suffix, text.out()));
}
inline Status try_hash_name(detail::Name prefix, const Document &document, detail::Name suffix, std::string &name, int32_t digits = 10)
{
    detail::Text text;
    return text.to(name, h5sim_json_hash_name(document.handle(), prefix, digits, suffix, text.out()));
}

/// A run in a directory: where its file is, how far it has come, and whether this process is to produce it.
struct Run {
    std::string path{};
    /// H5SIM_RUN_ABSENT, H5SIM_RUN_UNFINISHED or H5SIM_RUN_FINISHED.
    int32_t state = H5SIM_RUN_ABSENT;
    bool claimed = false;
};

namespace detail {
/// Complete what is known of a run whose path was found.
inline Status produced(Status status, int32_t state, Run &run)
{
    int32_t claimed = 0;
    if (status) {
        run.state = state;
        status = h5sim_is_claimed(run.path.c_str(), &claimed);
        run.claimed = claimed == 1;
    }
    return status;
}
} // namespace detail

/// Find the file of the run with these parameters, and claim the run unless it is finished; options as of h5sim_produce().
inline Status try_produce(detail::Name directory, detail::Name prefix, detail::Name json, detail::Name suffix, Run &run,
                          detail::Name options = "", int32_t digits = 10)
{
    detail::Text text;
    int32_t state = H5SIM_RUN_ABSENT;
    const Status status = text.to(run.path, h5sim_produce(directory, prefix, json, digits, suffix, options, text.out(), &state));
    return detail::produced(status, state, run);
}
inline Status try_produce(detail::Name directory, detail::Name prefix, const Document &document, detail::Name suffix, Run &run,
                          detail::Name options = "", int32_t digits = 10)
{
    detail::Text text;
    int32_t state = H5SIM_RUN_ABSENT;
    const Status status = text.to(run.path, h5sim_json_produce(directory, prefix, document.handle(), digits, suffix, options, text.out(), &state));
    return detail::produced(status, state, run);
}
/// Give back a run that was claimed and is not finished, so that another process can go on with it.
inline Status try_release(detail::Name path) { return h5sim_release(path); }
/// Find the runs in a directory whose metadata match a query, a JSON object or an expression: a JSON array.
inline Status try_find(detail::Name directory, detail::Name query, std::string &json, detail::Name options = "")
{
    detail::Text text;
    return text.to(json, h5sim_find(directory, query, options, text.out()));
}

#ifndef H5SIM_NO_EXCEPTIONS
inline void finalize() { detail::check(try_finalize()); }
inline Run produce(detail::Name directory, detail::Name prefix, detail::Name json, detail::Name suffix,
                   detail::Name options = "", int32_t digits = 10)
{
    Run run;
    detail::check(try_produce(directory, prefix, json, suffix, run, options, digits));
    return run;
}
inline Run produce(detail::Name directory, detail::Name prefix, const Document &document, detail::Name suffix,
                   detail::Name options = "", int32_t digits = 10)
{
    Run run;
    detail::check(try_produce(directory, prefix, document, suffix, run, options, digits));
    return run;
}
inline void release(detail::Name path) { detail::check(try_release(path)); }
inline std::string find(detail::Name directory, detail::Name query = "", detail::Name options = "")
{
    std::string json;
    detail::check(try_find(directory, query, json, options));
    return json;
}
inline std::string canonical_json(detail::Name json)
{
    std::string canonical;
    detail::check(try_canonical_json(json, canonical));
    return canonical;
}
inline std::string hash(detail::Name json, int32_t digits = 10)
{
    std::string hex;
    detail::check(try_hash(json, hex, digits));
    return hex;
}
inline std::string hash(const Document &document, int32_t digits = 10)
{
    std::string hex;
    detail::check(try_hash(document, hex, digits));
    return hex;
}
inline std::string hash_name(detail::Name prefix, const Document &document, detail::Name suffix, int32_t digits = 10)
{
    std::string name;
    detail::check(try_hash_name(prefix, document, suffix, name, digits));
    return name;
}
inline std::string hash_name(detail::Name prefix, detail::Name json, detail::Name suffix, int32_t digits = 10)
{
    std::string name;
    detail::check(try_hash_name(prefix, json, suffix, name, digits));
    return name;
}
#endif

} // namespace h5sim

#endif
