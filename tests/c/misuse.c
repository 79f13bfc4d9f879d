/* Calls every exported function wrongly, in every way a caller can get it wrong.
 * argv[1] is an empty folder to work in. */
#define _POSIX_C_SOURCE 200809L
#include "expect.h"

#include <sys/stat.h>
#include <unistd.h>

#define BAD_UTF8 "caf\xe9"
#define SOON 0x7fffffffffffffffLL

static h5sim_file file, read_only;
static h5sim_json document;

/* Values that are no handle of an open file, and those that are none of a document. */
enum { BAD = 7 };
static int64_t bad_files[BAD], bad_documents[BAD];

static const int64_t shape[2] = {2, 3};
static const int64_t steps[3] = {4, 1, 1};
static const double numbers[6] = {1, 2, 3, 4, 5, 6};

static void make_handles(void)
{
    h5sim_file closed;
    h5sim_json freed;

    SUCCEED(h5sim_open("misuse.hdf5", "w", NULL, &file));
    SUCCEED(h5sim_write_f64(file, "a", 2, shape, numbers));
    SUCCEED(h5sim_write_f64(file, "group/inner", 2, shape, numbers));
    SUCCEED(h5sim_write_text(file, "note", "some text"));
    SUCCEED(h5sim_set_attr_text(file, "a", "unit", "m/s"));
    SUCCEED(h5sim_set_attr(file, "a", "factor", H5SIM_F64, 0, NULL, numbers));
    SUCCEED(h5sim_json_parse("{\"a\": 1, \"list\": [1, 2], \"text\": \"t\", \"huge\": 1e400}", &document));

    SUCCEED(h5sim_open("other.hdf5", "w", NULL, &closed));
    SUCCEED(h5sim_write_f64(closed, "a", 2, shape, numbers));
    SUCCEED(h5sim_close(closed));
    SUCCEED(h5sim_open("other.hdf5", "r", NULL, &read_only));
    SUCCEED(h5sim_json_new(&freed));
    SUCCEED(h5sim_json_free(freed));

    const int64_t of_files[BAD] = {0, -1, closed, document, SOON, -SOON - 1, 0x5eed5eed5eedLL};
    const int64_t of_documents[BAD] = {0, -1, freed, file, SOON, -SOON - 1, 0x5eed5eed5eedLL};
    memcpy(bad_files, of_files, sizeof bad_files);
    memcpy(bad_documents, of_documents, sizeof bad_documents);
}

static void bad_handles(void)
{
    for (int i = 0; i < BAD; i++) {
        h5sim_file bad = bad_files[i];
        const int64_t zeros[2] = {0, 0}, ones[2] = {1, 1};
        const char *texts[6] = {"a", "b", "c", "d", "e", "f"};
#define BAD_FILE(call) FAIL(H5SIM_ERR_HANDLE, "file", call)
        BAD_FILE(h5sim_close(bad));
        HOLDS(h5sim_is_open(bad) == 0);
        BAD_FILE(h5sim_discard(bad));
        BAD_FILE(h5sim_commit(bad));
        BAD_FILE(h5sim_finish(bad));
        BAD_FILE(h5sim_create_group(bad, "g"));
        BAD_FILE(h5sim_exists(bad, "a", &out.kind));
        BAD_FILE(h5sim_keys(bad, "/", &out.text));
        BAD_FILE(h5sim_tree(bad, "/", &out.text));
        BAD_FILE(h5sim_set_dims(bad, "a", "[\"y\", \"x\"]"));
        BAD_FILE(h5sim_dims(bad, "a", &out.text));
        BAD_FILE(h5sim_truncate(bad, "a", 1));
        BAD_FILE(h5sim_rewind(bad, "a", 1.0));
        BAD_FILE(h5sim_vtkhdf(bad, "{}"));
        BAD_FILE(h5sim_delete(bad, "a"));
        BAD_FILE(h5sim_move(bad, "a", "b"));
        BAD_FILE(h5sim_copy(bad, "a", file, "b", NULL));
        BAD_FILE(h5sim_copy(file, "a", bad, "b", NULL));
        BAD_FILE(h5sim_link(bad, "b", "a", NULL));
        BAD_FILE(h5sim_resize(bad, "a", 2, shape));
        BAD_FILE(h5sim_layout(bad, "a", &out.text));
        BAD_FILE(h5sim_write(bad, "b", H5SIM_F64, 2, shape, NULL, numbers, NULL));
        BAD_FILE(h5sim_write_f64(bad, "b", 2, shape, numbers));
        BAD_FILE(h5sim_create(bad, "b", H5SIM_F64, 2, shape, NULL));
        BAD_FILE(h5sim_write_slice(bad, "a", "0", H5SIM_F64, 3, numbers));
        BAD_FILE(h5sim_append(bad, "s", H5SIM_F64, 2, shape, numbers, NULL));
        BAD_FILE(h5sim_append_from(bad, "s", H5SIM_F64, 2, shape, steps, numbers, NULL));
        BAD_FILE(h5sim_append_f64(bad, "s", 2, shape, numbers));
        BAD_FILE(h5sim_write_block(bad, "b", H5SIM_F64, 2, shape, zeros, shape, NULL, numbers, NULL));
        BAD_FILE(h5sim_append_block(bad, "s", H5SIM_F64, 2, shape, zeros, shape, NULL, numbers, NULL));
        BAD_FILE(h5sim_read_block(bad, "a", H5SIM_F64, 2, zeros, shape, NULL, out.data));
        BAD_FILE(h5sim_info(bad, "a", &out.dtype, &out.rank, out.shape));
        BAD_FILE(h5sim_slice_shape(bad, "a", NULL, &out.rank, out.shape));
        BAD_FILE(h5sim_read(bad, "a", NULL, H5SIM_F64, 64, out.data));
        BAD_FILE(h5sim_read_f64(bad, "a", NULL, 64, out.data));
        BAD_FILE(h5sim_read_into(bad, "a", NULL, H5SIM_F64, 2, shape, NULL, out.data));
        BAD_FILE(h5sim_write_from(bad, "a", NULL, H5SIM_F64, 2, shape, NULL, numbers));
        BAD_FILE(h5sim_read_hyperslab(bad, "a", H5SIM_F64, 2, zeros, NULL, ones, NULL, 64, out.data));
        BAD_FILE(h5sim_write_hyperslab(bad, "a", H5SIM_F64, 2, zeros, NULL, ones, NULL, 1, numbers));
        BAD_FILE(h5sim_write_text(bad, "t", "text"));
        BAD_FILE(h5sim_write_text_with(bad, "t", "text", NULL));
        BAD_FILE(h5sim_write_texts_with(bad, "t", 2, shape, texts, NULL));
        BAD_FILE(h5sim_write_json_with(bad, "m", "{}", NULL));
        BAD_FILE(h5sim_append_text(bad, "t", "text"));
        BAD_FILE(h5sim_set_attr_texts(bad, "a", "n", 2, shape, texts, NULL));
        BAD_FILE(h5sim_get_attr_texts(bad, "a", "unit", &out.text));
        BAD_FILE(h5sim_file_path(bad, &out.text));
        BAD_FILE(h5sim_file_mode(bad, &out.text));
        BAD_FILE(h5sim_read_text(bad, "note", &out.text));
        BAD_FILE(h5sim_write_texts(bad, "t", 2, shape, texts));
        BAD_FILE(h5sim_read_texts(bad, "note", &out.text));
        BAD_FILE(h5sim_write_json(bad, "m", "{}"));
        BAD_FILE(h5sim_read_json(bad, "m", &out.text));
        BAD_FILE(h5sim_set_attr(bad, "a", "n", H5SIM_F64, 2, shape, numbers));
        BAD_FILE(h5sim_get_attr(bad, "a", "factor", H5SIM_F64, 64, out.data));
        BAD_FILE(h5sim_set_attr_text(bad, "a", "n", "text"));
        BAD_FILE(h5sim_get_attr_text(bad, "a", "unit", &out.text));
        BAD_FILE(h5sim_attr_info(bad, "a", "factor", &out.dtype, &out.rank, out.shape));
        BAD_FILE(h5sim_attr_keys(bad, "a", &out.text));
        BAD_FILE(h5sim_delete_attr(bad, "a", "unit"));

        h5sim_json none = bad_documents[i];
#define BAD_DOCUMENT(call) FAIL(H5SIM_ERR_HANDLE, "document", call)
        BAD_DOCUMENT(h5sim_json_free(none));
        BAD_DOCUMENT(h5sim_json_set_f64(none, "/x", 1.0));
        BAD_DOCUMENT(h5sim_json_set_i64(none, "/x", 1));
        BAD_DOCUMENT(h5sim_json_set_bool(none, "/x", 1));
        BAD_DOCUMENT(h5sim_json_set_text(none, "/x", "text"));
        BAD_DOCUMENT(h5sim_json_set_null(none, "/x"));
        BAD_DOCUMENT(h5sim_json_set_json(none, "/x", "{}"));
        BAD_DOCUMENT(h5sim_json_remove(none, "/a"));
        BAD_DOCUMENT(h5sim_json_get_f64(none, "/a", &out.number));
        BAD_DOCUMENT(h5sim_json_get_i64(none, "/a", &out.integer));
        BAD_DOCUMENT(h5sim_json_get_bool(none, "/a", &out.boolean));
        BAD_DOCUMENT(h5sim_json_get_text(none, "/text", &out.text));
        BAD_DOCUMENT(h5sim_json_get_json(none, "/a", &out.text));
        BAD_DOCUMENT(h5sim_json_type(none, "/a", &out.type));
        BAD_DOCUMENT(h5sim_json_length(none, "/a", &out.integer));
        BAD_DOCUMENT(h5sim_json_keys(none, "/a", &out.text));
        BAD_DOCUMENT(h5sim_json_dump(none, &out.text));
        BAD_DOCUMENT(h5sim_json_dump_yaml(none, &out.text));
        BAD_DOCUMENT(h5sim_json_canonical(none, &out.text));
        BAD_DOCUMENT(h5sim_json_hash(none, 10, &out.text));
        BAD_DOCUMENT(h5sim_json_hash_name(none, "data_", 10, ".h5", &out.text));
        BAD_DOCUMENT(h5sim_json_produce(".", "data_", none, 10, ".h5", NULL, &out.text, &out.rank));
    }
}

/* What the only rank of a run hears. */
static int32_t alone(void *context, const void *mine, int64_t bytes, void *all)
{
    (void)context;
    memcpy(all, mine, (size_t)bytes);
    return 0;
}

/* NULL where something must be; the sentence names the argument. */
static void nulls(void)
{
    const int64_t zeros[2] = {0, 0}, ones[2] = {1, 1};
    const char *texts[6] = {"a", "b", "c", "d", "e", "f"}, *hole[6] = {"a", "b", NULL, "d", "e", "f"};
#define IS_NULL(name, call) FAIL(H5SIM_ERR_ARGUMENT, name, call)
    IS_NULL("path", h5sim_open(NULL, "w", NULL, &out.file));
    IS_NULL("mode", h5sim_open("x.hdf5", NULL, NULL, &out.file));
    IS_NULL("file", h5sim_open("x.hdf5", "w", NULL, NULL));
    IS_NULL("path", h5sim_open_mpi(NULL, "w", NULL, 0, &out.file));
    IS_NULL("mode", h5sim_open_mpi("x.hdf5", NULL, NULL, 0, &out.file));
    IS_NULL("file", h5sim_open_mpi("x.hdf5", "w", NULL, 0, NULL));
    IS_NULL("path", h5sim_open_ranks(NULL, "w", NULL, 0, 1, alone, NULL, &out.file));
    IS_NULL("mode", h5sim_open_ranks("x.hdf5", NULL, NULL, 0, 1, alone, NULL, &out.file));
    IS_NULL("allgather", h5sim_open_ranks("x.hdf5", "w", NULL, 0, 1, NULL, NULL, &out.file));
    IS_NULL("file", h5sim_open_ranks("x.hdf5", "w", NULL, 0, 1, alone, NULL, NULL));
    HOLDS(access("x.hdf5", F_OK) != 0);
    IS_NULL("path", h5sim_create_group(file, NULL));
    IS_NULL("path", h5sim_exists(file, NULL, &out.kind));
    IS_NULL("kind", h5sim_exists(file, "a", NULL));
    IS_NULL("group", h5sim_keys(file, NULL, &out.text));
    IS_NULL("json_array", h5sim_keys(file, "/", NULL));
    IS_NULL("group", h5sim_tree(file, NULL, &out.text));
    IS_NULL("json", h5sim_tree(file, "/", NULL));
    IS_NULL("path", h5sim_write_text_with(file, NULL, "text", NULL));
    IS_NULL("text", h5sim_write_text_with(file, "t", NULL, NULL));
    IS_NULL("path", h5sim_write_texts_with(file, NULL, 2, shape, texts, NULL));
    IS_NULL("shape", h5sim_write_texts_with(file, "t", 2, NULL, texts, NULL));
    IS_NULL("texts", h5sim_write_texts_with(file, "t", 2, shape, NULL, NULL));
    IS_NULL("texts[2]", h5sim_write_texts_with(file, "t", 2, shape, hole, NULL));
    IS_NULL("path", h5sim_write_json_with(file, NULL, "{}", NULL));
    IS_NULL("json", h5sim_write_json_with(file, "m", NULL, NULL));
    IS_NULL("path", h5sim_append_text(file, NULL, "text"));
    IS_NULL("text", h5sim_append_text(file, "t", NULL));
    IS_NULL("object", h5sim_set_attr_texts(file, NULL, "n", 2, shape, texts, NULL));
    IS_NULL("name", h5sim_set_attr_texts(file, "a", NULL, 2, shape, texts, NULL));
    IS_NULL("shape", h5sim_set_attr_texts(file, "a", "n", 2, NULL, texts, NULL));
    IS_NULL("texts", h5sim_set_attr_texts(file, "a", "n", 2, shape, NULL, NULL));
    IS_NULL("object", h5sim_get_attr_texts(file, NULL, "unit", &out.text));
    IS_NULL("name", h5sim_get_attr_texts(file, "a", NULL, &out.text));
    IS_NULL("json_array", h5sim_get_attr_texts(file, "a", "unit", NULL));
    IS_NULL("path", h5sim_file_path(file, NULL));
    IS_NULL("mode", h5sim_file_mode(file, NULL));
    IS_NULL("pointer", h5sim_json_length(document, NULL, &out.integer));
    IS_NULL("length", h5sim_json_length(document, "", NULL));
    IS_NULL("pointer", h5sim_json_keys(document, NULL, &out.text));
    IS_NULL("json_array", h5sim_json_keys(document, "", NULL));
    IS_NULL("from", h5sim_move(file, NULL, "b"));
    IS_NULL("to", h5sim_move(file, "a", NULL));
    IS_NULL("from", h5sim_copy(file, NULL, file, "b", NULL));
    IS_NULL("to", h5sim_copy(file, "a", file, NULL, NULL));
    IS_NULL("path", h5sim_link(file, NULL, "a", NULL));
    IS_NULL("target", h5sim_link(file, "b", NULL, NULL));
    IS_NULL("path", h5sim_resize(file, NULL, 2, shape));
    IS_NULL("shape", h5sim_resize(file, "a", 2, NULL));
    IS_NULL("path", h5sim_layout(file, NULL, &out.text));
    IS_NULL("json", h5sim_layout(file, "a", NULL));
    IS_NULL("path", h5sim_set_dims(file, NULL, "[\"y\", \"x\"]"));
    IS_NULL("json_array", h5sim_set_dims(file, "a", NULL));
    IS_NULL("path", h5sim_dims(file, NULL, &out.text));
    IS_NULL("json_array", h5sim_dims(file, "a", NULL));
    IS_NULL("path", h5sim_truncate(file, NULL, 1));
    IS_NULL("axis", h5sim_rewind(file, NULL, 1.0));
    IS_NULL("path", h5sim_delete(file, NULL));

    IS_NULL("path", h5sim_write(file, NULL, H5SIM_F64, 2, shape, NULL, numbers, NULL));
    IS_NULL("shape", h5sim_write(file, "b", H5SIM_F64, 2, NULL, NULL, numbers, NULL));
    IS_NULL("data", h5sim_write(file, "b", H5SIM_F64, 2, shape, NULL, NULL, NULL));
    IS_NULL("path", h5sim_write_f64(file, NULL, 2, shape, numbers));
    IS_NULL("shape", h5sim_write_f64(file, "b", 2, NULL, numbers));
    IS_NULL("data", h5sim_write_f64(file, "b", 2, shape, NULL));
    IS_NULL("path", h5sim_create(file, NULL, H5SIM_F64, 2, shape, NULL));
    IS_NULL("shape", h5sim_create(file, "b", H5SIM_F64, 2, NULL, NULL));
    IS_NULL("path", h5sim_write_slice(file, NULL, "0", H5SIM_F64, 3, numbers));
    IS_NULL("data", h5sim_write_slice(file, "a", "0", H5SIM_F64, 3, NULL));
    IS_NULL("path", h5sim_append(file, NULL, H5SIM_F64, 2, shape, numbers, NULL));
    IS_NULL("path", h5sim_append_from(file, NULL, H5SIM_F64, 2, shape, steps, numbers, NULL));
    IS_NULL("shape", h5sim_append(file, "s", H5SIM_F64, 2, NULL, numbers, NULL));
    IS_NULL("shape", h5sim_append_from(file, "s", H5SIM_F64, 2, NULL, steps, numbers, NULL));
    IS_NULL("data", h5sim_append(file, "s", H5SIM_F64, 2, shape, NULL, NULL));
    IS_NULL("data", h5sim_append_from(file, "s", H5SIM_F64, 2, shape, steps, NULL, NULL));
    IS_NULL("path", h5sim_append_f64(file, NULL, 2, shape, numbers));
    IS_NULL("shape", h5sim_append_f64(file, "s", 2, NULL, numbers));
    IS_NULL("data", h5sim_append_f64(file, "s", 2, shape, NULL));
    IS_NULL("path", h5sim_write_block(file, NULL, H5SIM_F64, 2, shape, zeros, shape, NULL, numbers, NULL));
    IS_NULL("global_shape", h5sim_write_block(file, "b", H5SIM_F64, 2, NULL, zeros, shape, NULL, numbers, NULL));
    IS_NULL("start", h5sim_write_block(file, "b", H5SIM_F64, 2, shape, NULL, shape, NULL, numbers, NULL));
    IS_NULL("shape is", h5sim_write_block(file, "b", H5SIM_F64, 2, shape, zeros, NULL, NULL, numbers, NULL));
    IS_NULL("data", h5sim_write_block(file, "b", H5SIM_F64, 2, shape, zeros, ones, NULL, NULL, NULL));
    IS_NULL("path", h5sim_append_block(file, NULL, H5SIM_F64, 2, shape, zeros, shape, NULL, numbers, NULL));
    IS_NULL("global_shape", h5sim_append_block(file, "s", H5SIM_F64, 2, NULL, zeros, shape, NULL, numbers, NULL));
    IS_NULL("start", h5sim_append_block(file, "s", H5SIM_F64, 2, shape, NULL, shape, NULL, numbers, NULL));
    IS_NULL("shape is", h5sim_append_block(file, "s", H5SIM_F64, 2, shape, zeros, NULL, NULL, numbers, NULL));
    IS_NULL("data", h5sim_append_block(file, "s", H5SIM_F64, 2, shape, zeros, ones, NULL, NULL, NULL));
    IS_NULL("path", h5sim_read_block(file, NULL, H5SIM_F64, 2, zeros, shape, NULL, out.data));
    IS_NULL("start", h5sim_read_block(file, "a", H5SIM_F64, 2, NULL, shape, NULL, out.data));
    IS_NULL("shape is", h5sim_read_block(file, "a", H5SIM_F64, 2, zeros, NULL, NULL, out.data));
    IS_NULL("data", h5sim_read_block(file, "a", H5SIM_F64, 2, zeros, ones, NULL, NULL));
    IS_NULL("dtype", h5sim_info(file, "a", NULL, &out.rank, out.shape));
    IS_NULL("rank", h5sim_info(file, "a", &out.dtype, NULL, out.shape));
    IS_NULL("shape", h5sim_info(file, "a", &out.dtype, &out.rank, NULL));
    IS_NULL("path", h5sim_info(file, NULL, &out.dtype, &out.rank, out.shape));
    IS_NULL("rank", h5sim_slice_shape(file, "a", NULL, NULL, out.shape));
    IS_NULL("shape", h5sim_slice_shape(file, "a", NULL, &out.rank, NULL));
    IS_NULL("path", h5sim_slice_shape(file, NULL, NULL, &out.rank, out.shape));
    IS_NULL("path", h5sim_read(file, NULL, NULL, H5SIM_F64, 64, out.data));
    IS_NULL("data", h5sim_read(file, "a", NULL, H5SIM_F64, 64, NULL));
    IS_NULL("path", h5sim_read_f64(file, NULL, NULL, 64, out.data));
    IS_NULL("data", h5sim_read_f64(file, "a", NULL, 64, NULL));
    IS_NULL("path", h5sim_read_into(file, NULL, NULL, H5SIM_F64, 2, shape, NULL, out.data));
    IS_NULL("path", h5sim_write_from(file, NULL, NULL, H5SIM_F64, 2, shape, NULL, numbers));
    IS_NULL("shape", h5sim_read_into(file, "a", NULL, H5SIM_F64, 2, NULL, NULL, out.data));
    IS_NULL("shape", h5sim_write_from(file, "a", NULL, H5SIM_F64, 2, NULL, NULL, numbers));
    IS_NULL("data", h5sim_read_into(file, "a", NULL, H5SIM_F64, 2, shape, NULL, NULL));
    IS_NULL("data", h5sim_write_from(file, "a", NULL, H5SIM_F64, 2, shape, NULL, NULL));
    IS_NULL("path", h5sim_read_hyperslab(file, NULL, H5SIM_F64, 2, zeros, NULL, ones, NULL, 64, out.data));
    IS_NULL("start", h5sim_read_hyperslab(file, "a", H5SIM_F64, 2, NULL, NULL, ones, NULL, 64, out.data));
    IS_NULL("count", h5sim_read_hyperslab(file, "a", H5SIM_F64, 2, zeros, NULL, NULL, NULL, 64, out.data));
    IS_NULL("data", h5sim_read_hyperslab(file, "a", H5SIM_F64, 2, zeros, NULL, ones, NULL, 64, NULL));
    IS_NULL("path", h5sim_write_hyperslab(file, NULL, H5SIM_F64, 2, zeros, NULL, ones, NULL, 1, numbers));
    IS_NULL("start", h5sim_write_hyperslab(file, "a", H5SIM_F64, 2, NULL, NULL, ones, NULL, 1, numbers));
    IS_NULL("count", h5sim_write_hyperslab(file, "a", H5SIM_F64, 2, zeros, NULL, NULL, NULL, 1, numbers));
    IS_NULL("data", h5sim_write_hyperslab(file, "a", H5SIM_F64, 2, zeros, NULL, ones, NULL, 1, NULL));

    IS_NULL("path", h5sim_write_text(file, NULL, "text"));
    IS_NULL("text", h5sim_write_text(file, "t", NULL));
    IS_NULL("path", h5sim_read_text(file, NULL, &out.text));
    IS_NULL("text", h5sim_read_text(file, "note", NULL));
    IS_NULL("path", h5sim_write_texts(file, NULL, 2, shape, texts));
    IS_NULL("shape", h5sim_write_texts(file, "t", 2, NULL, texts));
    IS_NULL("texts", h5sim_write_texts(file, "t", 2, shape, NULL));
    IS_NULL("texts", h5sim_write_texts(file, "t", 2, shape, hole));
    IS_NULL("path", h5sim_read_texts(file, NULL, &out.text));
    IS_NULL("json_array", h5sim_read_texts(file, "note", NULL));
    IS_NULL("path", h5sim_write_json(file, NULL, "{}"));
    IS_NULL("json", h5sim_write_json(file, "m", NULL));
    IS_NULL("path", h5sim_read_json(file, NULL, &out.text));
    IS_NULL("json", h5sim_read_json(file, "note", NULL));
    IS_NULL("object", h5sim_set_attr(file, NULL, "n", H5SIM_F64, 2, shape, numbers));
    IS_NULL("name", h5sim_set_attr(file, "a", NULL, H5SIM_F64, 2, shape, numbers));
    IS_NULL("shape", h5sim_set_attr(file, "a", "n", H5SIM_F64, 2, NULL, numbers));
    IS_NULL("data", h5sim_set_attr(file, "a", "n", H5SIM_F64, 2, shape, NULL));
    IS_NULL("object", h5sim_get_attr(file, NULL, "n", H5SIM_F64, 64, out.data));
    IS_NULL("name", h5sim_get_attr(file, "a", NULL, H5SIM_F64, 64, out.data));
    IS_NULL("data", h5sim_get_attr(file, "a", "factor", H5SIM_F64, 64, NULL));
    IS_NULL("object", h5sim_set_attr_text(file, NULL, "n", "text"));
    IS_NULL("name", h5sim_set_attr_text(file, "a", NULL, "text"));
    IS_NULL("text", h5sim_set_attr_text(file, "a", "n", NULL));
    IS_NULL("object", h5sim_get_attr_text(file, NULL, "n", &out.text));
    IS_NULL("name", h5sim_get_attr_text(file, "a", NULL, &out.text));
    IS_NULL("text", h5sim_get_attr_text(file, "a", "unit", NULL));
    IS_NULL("dtype", h5sim_attr_info(file, "a", "factor", NULL, &out.rank, out.shape));
    IS_NULL("rank", h5sim_attr_info(file, "a", "factor", &out.dtype, NULL, out.shape));
    IS_NULL("shape", h5sim_attr_info(file, "a", "factor", &out.dtype, &out.rank, NULL));
    IS_NULL("name", h5sim_attr_info(file, "a", NULL, &out.dtype, &out.rank, out.shape));
    IS_NULL("json_array", h5sim_attr_keys(file, "a", NULL));
    IS_NULL("object", h5sim_delete_attr(file, NULL, "n"));
    IS_NULL("name", h5sim_delete_attr(file, "a", NULL));

    IS_NULL("document", h5sim_json_new(NULL));
    IS_NULL("json", h5sim_json_parse(NULL, &out.json));
    IS_NULL("document", h5sim_json_parse("{}", NULL));
    IS_NULL("yaml", h5sim_json_parse_yaml(NULL, &out.json));
    IS_NULL("document", h5sim_json_parse_yaml("a: 1", NULL));
    IS_NULL("pointer", h5sim_json_set_f64(document, NULL, 1.0));
    IS_NULL("pointer", h5sim_json_set_i64(document, NULL, 1));
    IS_NULL("pointer", h5sim_json_set_bool(document, NULL, 1));
    IS_NULL("pointer", h5sim_json_set_text(document, NULL, "text"));
    IS_NULL("value", h5sim_json_set_text(document, "/x", NULL));
    IS_NULL("pointer", h5sim_json_set_null(document, NULL));
    IS_NULL("pointer", h5sim_json_set_json(document, NULL, "{}"));
    IS_NULL("value", h5sim_json_set_json(document, "/x", NULL));
    IS_NULL("pointer", h5sim_json_remove(document, NULL));
    IS_NULL("pointer", h5sim_json_get_f64(document, NULL, &out.number));
    IS_NULL("value", h5sim_json_get_f64(document, "/a", NULL));
    IS_NULL("pointer", h5sim_json_get_i64(document, NULL, &out.integer));
    IS_NULL("value", h5sim_json_get_i64(document, "/a", NULL));
    IS_NULL("pointer", h5sim_json_get_bool(document, NULL, &out.boolean));
    IS_NULL("value", h5sim_json_get_bool(document, "/a", NULL));
    IS_NULL("pointer", h5sim_json_get_text(document, NULL, &out.text));
    IS_NULL("value", h5sim_json_get_text(document, "/text", NULL));
    IS_NULL("pointer", h5sim_json_get_json(document, NULL, &out.text));
    IS_NULL("value", h5sim_json_get_json(document, "/a", NULL));
    IS_NULL("pointer", h5sim_json_type(document, NULL, &out.type));
    IS_NULL("type", h5sim_json_type(document, "/a", NULL));
    IS_NULL("json", h5sim_json_dump(document, NULL));
    IS_NULL("yaml", h5sim_json_dump_yaml(document, NULL));
    IS_NULL("text", h5sim_json_canonical(document, NULL));
    IS_NULL("hex", h5sim_json_hash(document, 10, NULL));
    IS_NULL("name", h5sim_json_hash_name(document, "data_", 10, ".h5", NULL));
    IS_NULL("directory", h5sim_json_produce(NULL, "data_", document, 10, ".h5", NULL, &out.text, &out.rank));
    IS_NULL("path", h5sim_json_produce(".", "data_", document, 10, ".h5", NULL, NULL, &out.rank));
    IS_NULL("state", h5sim_json_produce(".", "data_", document, 10, ".h5", NULL, &out.text, NULL));

    IS_NULL("json", h5sim_canonical_json(NULL, &out.text));
    IS_NULL("text", h5sim_canonical_json("{}", NULL));
    IS_NULL("json", h5sim_hash(NULL, 10, &out.text));
    IS_NULL("hex", h5sim_hash("{}", 10, NULL));
    IS_NULL("json", h5sim_hash_name("data_", NULL, 10, ".h5", &out.text));
    IS_NULL("name", h5sim_hash_name("data_", "{}", 10, ".h5", NULL));
    IS_NULL("directory", h5sim_produce(NULL, "data_", "{}", 10, ".h5", NULL, &out.text, &out.rank));
    IS_NULL("json", h5sim_produce(".", "data_", NULL, 10, ".h5", NULL, &out.text, &out.rank));
    IS_NULL("path", h5sim_produce(".", "data_", "{}", 10, ".h5", NULL, NULL, &out.rank));
    IS_NULL("state", h5sim_produce(".", "data_", "{}", 10, ".h5", NULL, &out.text, NULL));
    IS_NULL("path", h5sim_is_claimed(NULL, &out.rank));
    IS_NULL("claimed", h5sim_is_claimed("a.h5", NULL));
    IS_NULL("path", h5sim_release(NULL));
    IS_NULL("directory", h5sim_find(NULL, NULL, NULL, &out.text));
    IS_NULL("json_array", h5sim_find(".", NULL, NULL, NULL));
}

static void ranks_and_extents(void)
{
    int64_t many[33], negative[2] = {2, -3}, zeros[33] = {0};
    const int64_t huge[2] = {0x4000000000000000LL, 8}, wide[3] = {1LL << 40, 1LL << 40, 1LL << 40};
    const char *texts[6] = {"a", "b", "c", "d", "e", "f"};
    for (int i = 0; i < 33; i++)
        many[i] = 1;

    const int32_t bad_ranks[4] = {-1, 33, 0x7fffffff, -0x7fffffff - 1};
    for (int i = 0; i < 4; i++) {
        int32_t rank = bad_ranks[i];
#define BAD_RANK(call) FAIL(H5SIM_ERR_SHAPE, "rank", call)
        BAD_RANK(h5sim_write(file, "b", H5SIM_F64, rank, many, NULL, numbers, NULL));
        BAD_RANK(h5sim_write_f64(file, "b", rank, many, numbers));
        BAD_RANK(h5sim_create(file, "b", H5SIM_F64, rank, many, NULL));
        BAD_RANK(h5sim_append(file, "s", H5SIM_F64, rank, many, numbers, NULL));
        BAD_RANK(h5sim_append_from(file, "s", H5SIM_F64, rank, many, steps, numbers, NULL));
        BAD_RANK(h5sim_append_f64(file, "s", rank, many, numbers));
        BAD_RANK(h5sim_write_block(file, "b", H5SIM_F64, rank, many, zeros, many, NULL, numbers, NULL));
        BAD_RANK(h5sim_append_block(file, "s", H5SIM_F64, rank, many, zeros, many, NULL, numbers, NULL));
        BAD_RANK(h5sim_read_block(file, "a", H5SIM_F64, rank, zeros, many, NULL, out.data));
        BAD_RANK(h5sim_read_into(file, "a", NULL, H5SIM_F64, rank, many, NULL, out.data));
        BAD_RANK(h5sim_write_from(file, "a", NULL, H5SIM_F64, rank, many, NULL, numbers));
        BAD_RANK(h5sim_read_hyperslab(file, "a", H5SIM_F64, rank, zeros, NULL, many, NULL, 64, out.data));
        BAD_RANK(h5sim_write_hyperslab(file, "a", H5SIM_F64, rank, zeros, NULL, many, NULL, 1, numbers));
        BAD_RANK(h5sim_write_texts(file, "t", rank, many, texts));
        BAD_RANK(h5sim_set_attr(file, "a", "n", H5SIM_F64, rank, many, numbers));
    }

    /* A series has one axis more than its records. */
    FAIL(H5SIM_ERR_SHAPE, "'s'", h5sim_append_f64(file, "s", 32, many, numbers));

#define BAD_EXTENT(words, call) FAIL(H5SIM_ERR_SHAPE, words, call)
    BAD_EXTENT("-3", h5sim_write(file, "b", H5SIM_F64, 2, negative, NULL, numbers, NULL));
    BAD_EXTENT("-3", h5sim_write_f64(file, "b", 2, negative, numbers));
    BAD_EXTENT("-3", h5sim_create(file, "b", H5SIM_F64, 2, negative, NULL));
    BAD_EXTENT("-3", h5sim_append(file, "s", H5SIM_F64, 2, negative, numbers, NULL));
    BAD_EXTENT("-3", h5sim_append_from(file, "s", H5SIM_F64, 2, negative, steps, numbers, NULL));
    BAD_EXTENT("-3", h5sim_append_f64(file, "s", 2, negative, numbers));
    BAD_EXTENT("-3", h5sim_read_into(file, "a", NULL, H5SIM_F64, 2, negative, NULL, out.data));
    BAD_EXTENT("-3", h5sim_write_from(file, "a", NULL, H5SIM_F64, 2, negative, NULL, numbers));
    BAD_EXTENT("-3", h5sim_write_texts(file, "t", 2, negative, texts));
    BAD_EXTENT("-3", h5sim_set_attr(file, "a", "n", H5SIM_F64, 2, negative, numbers));
    BAD_EXTENT("-3", h5sim_read_hyperslab(file, "a", H5SIM_F64, 2, negative, NULL, many, NULL, 64, out.data));
    BAD_EXTENT("-3", h5sim_read_hyperslab(file, "a", H5SIM_F64, 2, zeros, NULL, negative, NULL, 64, out.data));
    BAD_EXTENT("-3", h5sim_read_hyperslab(file, "a", H5SIM_F64, 2, zeros, negative, many, NULL, 64, out.data));
    BAD_EXTENT("-3", h5sim_read_hyperslab(file, "a", H5SIM_F64, 2, zeros, NULL, many, negative, 64, out.data));
    BAD_EXTENT("-3", h5sim_write_hyperslab(file, "a", H5SIM_F64, 2, negative, NULL, many, NULL, 6, numbers));
    BAD_EXTENT("-3", h5sim_write_hyperslab(file, "a", H5SIM_F64, 2, zeros, NULL, negative, NULL, 6, numbers));

    BAD_EXTENT("global_shape[1] is -3", h5sim_write_block(file, "b", H5SIM_F64, 2, negative, zeros, zeros, NULL, numbers, NULL));
    BAD_EXTENT("start[1] is -3", h5sim_write_block(file, "b", H5SIM_F64, 2, shape, negative, zeros, NULL, numbers, NULL));
    BAD_EXTENT("shape[1] is -3", h5sim_write_block(file, "b", H5SIM_F64, 2, shape, zeros, negative, NULL, numbers, NULL));
    BAD_EXTENT("global_shape[1] is -3", h5sim_append_block(file, "s", H5SIM_F64, 2, negative, zeros, zeros, NULL, numbers, NULL));
    BAD_EXTENT("start[1] is -3", h5sim_append_block(file, "s", H5SIM_F64, 2, shape, negative, zeros, NULL, numbers, NULL));
    BAD_EXTENT("shape[1] is -3", h5sim_append_block(file, "s", H5SIM_F64, 2, shape, zeros, negative, NULL, numbers, NULL));
    BAD_EXTENT("start[1] is -3", h5sim_read_block(file, "a", H5SIM_F64, 2, negative, zeros, NULL, out.data));
    BAD_EXTENT("shape[1] is -3", h5sim_read_block(file, "a", H5SIM_F64, 2, zeros, negative, NULL, out.data));

    BAD_EXTENT("shape", h5sim_write(file, "b", H5SIM_F64, 2, huge, NULL, numbers, NULL));
    BAD_EXTENT("shape", h5sim_write(file, "b", H5SIM_F64, 3, wide, NULL, numbers, NULL));
    BAD_EXTENT("shape", h5sim_write_f64(file, "b", 2, huge, numbers));
    BAD_EXTENT("shape", h5sim_create(file, "b", H5SIM_F64, 2, huge, NULL));
    BAD_EXTENT("shape", h5sim_create(file, "b", H5SIM_F64, 3, wide, NULL));
    BAD_EXTENT("'s'", h5sim_append(file, "s", H5SIM_F64, 2, huge, numbers, NULL));
    BAD_EXTENT("'s'", h5sim_append_from(file, "s", H5SIM_F64, 2, huge, steps, numbers, NULL));
    BAD_EXTENT("'s'", h5sim_append_f64(file, "s", 3, wide, numbers));
    BAD_EXTENT("shape", h5sim_read_into(file, "a", NULL, H5SIM_F64, 2, huge, NULL, out.data));
    BAD_EXTENT("shape", h5sim_write_from(file, "a", NULL, H5SIM_F64, 2, huge, NULL, numbers));
    BAD_EXTENT("shape", h5sim_write_texts(file, "t", 2, huge, texts));
    BAD_EXTENT("shape", h5sim_set_attr(file, "a", "n", H5SIM_F64, 2, huge, numbers));
    const int64_t far[2] = {SOON, SOON};
    BAD_EXTENT("'a'", h5sim_read_hyperslab(file, "a", H5SIM_F64, 2, far, NULL, many, NULL, 64, out.data));
    BAD_EXTENT("'a'", h5sim_read_hyperslab(file, "a", H5SIM_F64, 2, zeros, NULL, far, NULL, SOON, out.data));
    BAD_EXTENT("'a'", h5sim_read_hyperslab(file, "a", H5SIM_F64, 2, zeros, far, shape, far, SOON, out.data));
    BAD_EXTENT("elements", h5sim_write_hyperslab(file, "a", H5SIM_F64, 2, zeros, NULL, far, NULL, SOON, numbers));
    BAD_EXTENT("'b'", h5sim_write_block(file, "b", H5SIM_F64, 2, huge, zeros, shape, NULL, numbers, NULL));
    BAD_EXTENT("'b'", h5sim_write_block(file, "b", H5SIM_F64, 2, shape, far, many, NULL, numbers, NULL));
    BAD_EXTENT("'b'", h5sim_write_block(file, "b", H5SIM_F64, 2, shape, zeros, huge, NULL, numbers, NULL));
    BAD_EXTENT("'s'", h5sim_append_block(file, "s", H5SIM_F64, 2, huge, zeros, shape, NULL, numbers, NULL));
    BAD_EXTENT("'s'", h5sim_append_block(file, "s", H5SIM_F64, 2, shape, far, many, NULL, numbers, NULL));
    BAD_EXTENT("'a'", h5sim_read_block(file, "a", H5SIM_F64, 2, far, many, NULL, out.data));
    BAD_EXTENT("'a'", h5sim_read_block(file, "a", H5SIM_F64, 2, zeros, huge, NULL, out.data));
    BAD_EXTENT("'a'", h5sim_read_block(file, "a", H5SIM_F64, 1, zeros, many, NULL, out.data));

    /* What is read or written does not fit what the caller holds. */
    BAD_EXTENT("5", h5sim_read(file, "a", NULL, H5SIM_F64, 5, out.data));
    FAIL(H5SIM_ERR_ARGUMENT, "-1", h5sim_read(file, "a", NULL, H5SIM_F64, -1, out.data));
    BAD_EXTENT("5", h5sim_read_f64(file, "a", NULL, 5, out.data));
    FAIL(H5SIM_ERR_ARGUMENT, "-1", h5sim_read_f64(file, "a", NULL, -1, out.data));
    BAD_EXTENT("5", h5sim_write_slice(file, "a", NULL, H5SIM_F64, 5, numbers));
    FAIL(H5SIM_ERR_ARGUMENT, "-1", h5sim_write_slice(file, "a", NULL, H5SIM_F64, -1, numbers));
    BAD_EXTENT("0", h5sim_get_attr(file, "a", "factor", H5SIM_F64, 0, out.data));
    FAIL(H5SIM_ERR_ARGUMENT, "-1", h5sim_get_attr(file, "a", "factor", H5SIM_F64, -1, out.data));
    BAD_EXTENT("3", h5sim_read_hyperslab(file, "a", H5SIM_F64, 2, zeros, NULL, shape, NULL, 3, out.data));
    BAD_EXTENT("3", h5sim_write_hyperslab(file, "a", H5SIM_F64, 2, zeros, NULL, shape, NULL, 3, numbers));
    const int64_t three[1] = {3}, transposed[2] = {3, 2};
    BAD_EXTENT("'a'", h5sim_read_into(file, "a", NULL, H5SIM_F64, 1, three, NULL, out.data));
    BAD_EXTENT("'a'", h5sim_write_from(file, "a", NULL, H5SIM_F64, 1, three, NULL, numbers));
    BAD_EXTENT("'a'", h5sim_read_into(file, "a", NULL, H5SIM_F64, 2, transposed, NULL, out.data));
    BAD_EXTENT("'a'", h5sim_write_from(file, "a", NULL, H5SIM_F64, 2, transposed, NULL, numbers));
    BAD_EXTENT("'a'", h5sim_read_hyperslab(file, "a", H5SIM_F64, 1, zeros, NULL, three, NULL, 64, out.data));
    /* Nothing of all that was made. */
    int32_t kind = -1;
    SUCCEED(h5sim_exists(file, "b", &kind));
    HOLDS(kind == H5SIM_NONE);
    SUCCEED(h5sim_exists(file, "s", &kind));
    HOLDS(kind == H5SIM_NONE);
    SUCCEED(h5sim_exists(file, "t", &kind));
    HOLDS(kind == H5SIM_NONE);
}

static void invalid_utf8(void)
{
    const int64_t zeros[2] = {0, 0}, ones[2] = {1, 1};
    const char *texts[6] = {"a", "b", BAD_UTF8, "d", "e", "f"};
#define NOT_UTF8(name, call)                                                   \
    FAIL(H5SIM_ERR_ARGUMENT, "UTF-8", call);                                   \
    FAIL(H5SIM_ERR_ARGUMENT, name, call)
    NOT_UTF8("mode", h5sim_open("x.hdf5", BAD_UTF8, NULL, &out.file));
    NOT_UTF8("options", h5sim_open("x.hdf5", "w", BAD_UTF8, &out.file));
    NOT_UTF8("path", h5sim_open_mpi(BAD_UTF8, "w", NULL, 0, &out.file));
    NOT_UTF8("options", h5sim_open_mpi("x.hdf5", "w", BAD_UTF8, 0, &out.file));
    NOT_UTF8("path", h5sim_open_ranks(BAD_UTF8, "w", NULL, 0, 1, alone, NULL, &out.file));
    NOT_UTF8("mode", h5sim_open_ranks("x.hdf5", BAD_UTF8, NULL, 0, 1, alone, NULL, &out.file));
    NOT_UTF8("options", h5sim_open_ranks("x.hdf5", "w", BAD_UTF8, 0, 1, alone, NULL, &out.file));
    NOT_UTF8("path", h5sim_create_group(file, BAD_UTF8));
    NOT_UTF8("path", h5sim_exists(file, BAD_UTF8, &out.kind));
    NOT_UTF8("group", h5sim_keys(file, BAD_UTF8, &out.text));
    NOT_UTF8("group", h5sim_tree(file, BAD_UTF8, &out.text));
    NOT_UTF8("path", h5sim_set_dims(file, BAD_UTF8, "[\"y\", \"x\"]"));
    NOT_UTF8("path", h5sim_dims(file, BAD_UTF8, &out.text));
    NOT_UTF8("path", h5sim_truncate(file, BAD_UTF8, 1));
    NOT_UTF8("axis", h5sim_rewind(file, BAD_UTF8, 1.0));
    NOT_UTF8("path", h5sim_delete(file, BAD_UTF8));
    NOT_UTF8("path", h5sim_write(file, BAD_UTF8, H5SIM_F64, 2, shape, NULL, numbers, NULL));
    NOT_UTF8("options", h5sim_write(file, "b", H5SIM_F64, 2, shape, NULL, numbers, BAD_UTF8));
    NOT_UTF8("path", h5sim_write_f64(file, BAD_UTF8, 2, shape, numbers));
    NOT_UTF8("path", h5sim_create(file, BAD_UTF8, H5SIM_F64, 2, shape, NULL));
    NOT_UTF8("slice", h5sim_write_slice(file, "a", BAD_UTF8, H5SIM_F64, 3, numbers));
    NOT_UTF8("path", h5sim_append(file, BAD_UTF8, H5SIM_F64, 2, shape, numbers, NULL));
    NOT_UTF8("path", h5sim_append_from(file, BAD_UTF8, H5SIM_F64, 2, shape, steps, numbers, NULL));
    NOT_UTF8("options", h5sim_append(file, "s", H5SIM_F64, 2, shape, numbers, BAD_UTF8));
    NOT_UTF8("options", h5sim_append_from(file, "s", H5SIM_F64, 2, shape, steps, numbers, BAD_UTF8));
    NOT_UTF8("path", h5sim_write_block(file, BAD_UTF8, H5SIM_F64, 2, shape, zeros, shape, NULL, numbers, NULL));
    NOT_UTF8("options", h5sim_write_block(file, "b", H5SIM_F64, 2, shape, zeros, shape, NULL, numbers, BAD_UTF8));
    NOT_UTF8("path", h5sim_append_block(file, BAD_UTF8, H5SIM_F64, 2, shape, zeros, shape, NULL, numbers, NULL));
    NOT_UTF8("options", h5sim_append_block(file, "s", H5SIM_F64, 2, shape, zeros, shape, NULL, numbers, BAD_UTF8));
    NOT_UTF8("path", h5sim_read_block(file, BAD_UTF8, H5SIM_F64, 2, zeros, shape, NULL, out.data));
    NOT_UTF8("path", h5sim_append_f64(file, BAD_UTF8, 2, shape, numbers));
    NOT_UTF8("path", h5sim_info(file, BAD_UTF8, &out.dtype, &out.rank, out.shape));
    NOT_UTF8("slice", h5sim_slice_shape(file, "a", BAD_UTF8, &out.rank, out.shape));
    NOT_UTF8("slice", h5sim_read(file, "a", BAD_UTF8, H5SIM_F64, 64, out.data));
    NOT_UTF8("slice", h5sim_read_f64(file, "a", BAD_UTF8, 64, out.data));
    NOT_UTF8("slice", h5sim_read_into(file, "a", BAD_UTF8, H5SIM_F64, 2, shape, NULL, out.data));
    NOT_UTF8("slice", h5sim_write_from(file, "a", BAD_UTF8, H5SIM_F64, 2, shape, NULL, numbers));
    NOT_UTF8("path", h5sim_read_hyperslab(file, BAD_UTF8, H5SIM_F64, 2, zeros, NULL, ones, NULL, 64, out.data));
    NOT_UTF8("path", h5sim_write_hyperslab(file, BAD_UTF8, H5SIM_F64, 2, zeros, NULL, ones, NULL, 1, numbers));
    NOT_UTF8("path", h5sim_write_text(file, BAD_UTF8, "text"));
    NOT_UTF8("text", h5sim_write_text(file, "t", BAD_UTF8));
    NOT_UTF8("path", h5sim_read_text(file, BAD_UTF8, &out.text));
    NOT_UTF8("texts", h5sim_write_texts(file, "t", 2, shape, texts));
    NOT_UTF8("path", h5sim_read_texts(file, BAD_UTF8, &out.text));
    NOT_UTF8("json", h5sim_write_json(file, "m", BAD_UTF8));
    NOT_UTF8("path", h5sim_read_json(file, BAD_UTF8, &out.text));
    NOT_UTF8("object", h5sim_set_attr(file, BAD_UTF8, "n", H5SIM_F64, 2, shape, numbers));
    NOT_UTF8("name", h5sim_get_attr(file, "a", BAD_UTF8, H5SIM_F64, 64, out.data));
    NOT_UTF8("text", h5sim_set_attr_text(file, "a", "n", BAD_UTF8));
    NOT_UTF8("name", h5sim_get_attr_text(file, "a", BAD_UTF8, &out.text));
    NOT_UTF8("name", h5sim_attr_info(file, "a", BAD_UTF8, &out.dtype, &out.rank, out.shape));
    NOT_UTF8("object", h5sim_attr_keys(file, BAD_UTF8, &out.text));
    NOT_UTF8("name", h5sim_delete_attr(file, "a", BAD_UTF8));
    NOT_UTF8("json", h5sim_json_parse(BAD_UTF8, &out.json));
    NOT_UTF8("yaml", h5sim_json_parse_yaml(BAD_UTF8, &out.json));
    NOT_UTF8("pointer", h5sim_json_set_f64(document, "/" BAD_UTF8, 1.0));
    NOT_UTF8("value", h5sim_json_set_text(document, "/x", BAD_UTF8));
    NOT_UTF8("value", h5sim_json_set_json(document, "/x", BAD_UTF8));
    NOT_UTF8("pointer", h5sim_json_get_f64(document, "/" BAD_UTF8, &out.number));
    NOT_UTF8("json", h5sim_canonical_json(BAD_UTF8, &out.text));
    NOT_UTF8("json", h5sim_hash(BAD_UTF8, 10, &out.text));
    NOT_UTF8("prefix", h5sim_hash_name(BAD_UTF8, "{}", 10, ".h5", &out.text));
    NOT_UTF8("json", h5sim_hash_name("data_", BAD_UTF8, 10, ".h5", &out.text));
    NOT_UTF8("suffix", h5sim_hash_name("data_", "{}", 10, BAD_UTF8, &out.text));
    NOT_UTF8("directory", h5sim_produce(BAD_UTF8, "data_", "{}", 10, ".h5", NULL, &out.text, &out.rank));
    NOT_UTF8("prefix", h5sim_produce(".", BAD_UTF8, "{}", 10, ".h5", NULL, &out.text, &out.rank));
    NOT_UTF8("json", h5sim_produce(".", "data_", BAD_UTF8, 10, ".h5", NULL, &out.text, &out.rank));
    NOT_UTF8("suffix", h5sim_produce(".", "data_", "{}", 10, BAD_UTF8, NULL, &out.text, &out.rank));
    NOT_UTF8("options", h5sim_produce(".", "data_", "{}", 10, ".h5", BAD_UTF8, &out.text, &out.rank));
    NOT_UTF8("prefix", h5sim_json_hash_name(document, BAD_UTF8, 10, ".h5", &out.text));
    NOT_UTF8("suffix", h5sim_json_hash_name(document, "data_", 10, BAD_UTF8, &out.text));
    NOT_UTF8("directory", h5sim_json_produce(BAD_UTF8, "data_", document, 10, ".h5", NULL, &out.text, &out.rank));
    NOT_UTF8("prefix", h5sim_json_produce(".", BAD_UTF8, document, 10, ".h5", NULL, &out.text, &out.rank));
    NOT_UTF8("suffix", h5sim_json_produce(".", "data_", document, 10, BAD_UTF8, NULL, &out.text, &out.rank));
    NOT_UTF8("options", h5sim_json_produce(".", "data_", document, 10, ".h5", BAD_UTF8, &out.text, &out.rank));
    NOT_UTF8("path", h5sim_is_claimed(BAD_UTF8, &out.rank));
    NOT_UTF8("path", h5sim_release(BAD_UTF8));
    NOT_UTF8("directory", h5sim_find(BAD_UTF8, NULL, NULL, &out.text));
    NOT_UTF8("query", h5sim_find(".", BAD_UTF8, NULL, &out.text));
    NOT_UTF8("options", h5sim_find(".", NULL, BAD_UTF8, &out.text));
    HOLDS(h5sim_has_feature(BAD_UTF8) == 0);
}

static void not_json(void)
{
    const char *wrong_texts[] = {"{\"a\": 1", "[1, 2", "\"open", "{a: 1}", "", "{} {}", "[1,]", "nul"};
    for (int i = 0; i < (int)(sizeof wrong_texts / sizeof wrong_texts[0]); i++) {
        const char *text = wrong_texts[i];
#define NOT_JSON(call) FAIL(H5SIM_ERR_JSON, "", call)
        NOT_JSON(h5sim_write_json(file, "m", text));
        NOT_JSON(h5sim_json_parse(text, &out.json));
        NOT_JSON(h5sim_json_set_json(document, "/x", text));
        NOT_JSON(h5sim_canonical_json(text, &out.text));
        NOT_JSON(h5sim_hash(text, 10, &out.text));
        NOT_JSON(h5sim_hash_name("data_", text, 10, ".h5", &out.text));
        NOT_JSON(h5sim_produce(".", "data_", text, 10, ".h5", NULL, &out.text, &out.rank));
    }
    NOT_JSON(h5sim_json_parse_yaml("a: [1, 2", &out.json));
    NOT_JSON(h5sim_json_parse_yaml("a: 'open", &out.json));
    NOT_JSON(h5sim_read_json(file, "note", &out.text));
    h5sim_json mixed = 0;
    SUCCEED(h5sim_json_parse_yaml("{a: {1: x, b: y}}", &mixed));
#define UNSORTABLE(call) FAIL(H5SIM_ERR_JSON, "the text 'b' beside the number 1", call)
    UNSORTABLE(h5sim_json_canonical(mixed, &out.text));
    UNSORTABLE(h5sim_json_hash(mixed, 10, &out.text));
    UNSORTABLE(h5sim_json_hash_name(mixed, "d", 10, "", &out.text));
    UNSORTABLE(h5sim_json_produce(".", "d", mixed, 10, "", NULL, &out.text, &out.rank));
    SUCCEED(h5sim_json_free(mixed));
    int32_t kind = -1;
    SUCCEED(h5sim_exists(file, "m", &kind));
    HOLDS(kind == H5SIM_NONE);

    FAIL(H5SIM_ERR_ARGUMENT, "digits", h5sim_hash("{}", -1, &out.text));
    FAIL(H5SIM_ERR_ARGUMENT, "digits", h5sim_hash("{}", 41, &out.text));
    FAIL(H5SIM_ERR_ARGUMENT, "digits", h5sim_hash_name("d", "{}", 41, "", &out.text));
    FAIL(H5SIM_ERR_ARGUMENT, "digits", h5sim_produce(".", "d", "{}", 41, "", NULL, &out.text, &out.rank));
    FAIL(H5SIM_ERR_ARGUMENT, "digits", h5sim_json_hash(document, 41, &out.text));
    FAIL(H5SIM_ERR_ARGUMENT, "digits", h5sim_json_hash_name(document, "d", -1, "", &out.text));
    FAIL(H5SIM_ERR_ARGUMENT, "digits", h5sim_json_produce(".", "d", document, 41, "", NULL, &out.text, &out.rank));
    FAIL(H5SIM_ERR_ARGUMENT, "wait", h5sim_produce(".", "d", "{}", 1, "", "{\"wait\": -1}", &out.text, &out.rank));
    FAIL(H5SIM_ERR_NOT_FOUND, "no such", h5sim_produce("no such", "d", "{}", 1, "", NULL, &out.text, &out.rank));
    FAIL(H5SIM_ERR_NOT_FOUND, "no such", h5sim_find("no such", NULL, NULL, &out.text));
    FAIL(H5SIM_ERR_ARGUMENT, "sort", h5sim_find(".", NULL, "{\"sort\": 1}", &out.text));
    FAIL(H5SIM_ERR_ARGUMENT, "$sum", h5sim_find(".", "{\"a\": {\"$sum\": 1}}", NULL, &out.text));
}

static void json_documents(void)
{
    FAIL(H5SIM_ERR_ARGUMENT, "pointer", h5sim_json_set_f64(document, "no/slash", 1.0));
    FAIL(H5SIM_ERR_ARGUMENT, "pointer", h5sim_json_get_f64(document, "no/slash", &out.number));
    FAIL(H5SIM_ERR_ARGUMENT, "pointer", h5sim_json_remove(document, "~"));
    FAIL(H5SIM_ERR_NOT_FOUND, "/none", h5sim_json_get_f64(document, "/none", &out.number));
    FAIL(H5SIM_ERR_NOT_FOUND, "/none", h5sim_json_get_i64(document, "/none", &out.integer));
    FAIL(H5SIM_ERR_NOT_FOUND, "/none", h5sim_json_get_bool(document, "/none", &out.boolean));
    FAIL(H5SIM_ERR_NOT_FOUND, "/none", h5sim_json_get_text(document, "/none", &out.text));
    FAIL(H5SIM_ERR_NOT_FOUND, "/none", h5sim_json_get_json(document, "/none", &out.text));
    FAIL(H5SIM_ERR_NOT_FOUND, "/none", h5sim_json_remove(document, "/none"));
    FAIL(H5SIM_ERR_NOT_FOUND, "/list/2", h5sim_json_get_i64(document, "/list/2", &out.integer));
    FAIL(H5SIM_ERR_TYPE, "/list/01", h5sim_json_get_i64(document, "/list/01", &out.integer));
    FAIL(H5SIM_ERR_TYPE, "/text", h5sim_json_get_f64(document, "/text", &out.number));
    FAIL(H5SIM_ERR_TYPE, "/text", h5sim_json_get_i64(document, "/text", &out.integer));
    FAIL(H5SIM_ERR_TYPE, "/a", h5sim_json_get_bool(document, "/a", &out.boolean));
    FAIL(H5SIM_ERR_TYPE, "/a", h5sim_json_get_text(document, "/a", &out.text));
    FAIL(H5SIM_ERR_TYPE, "/huge", h5sim_json_get_i64(document, "/huge", &out.integer));
}

static void unknown_options(void)
{
    const char *bad[] = {"{\"overwrit\": true}", "{\"no_such\": 1}"};
    for (int i = 0; i < 2; i++) {
        FAIL(H5SIM_ERR_ARGUMENT, i == 0 ? "'overwrit'" : "'no_such'", h5sim_open("x.hdf5", "w", bad[i], &out.file));
        FAIL(H5SIM_ERR_ARGUMENT, "overwrite", h5sim_write(file, "b", H5SIM_F64, 2, shape, NULL, numbers, bad[i]));
        FAIL(H5SIM_ERR_ARGUMENT, "overwrite", h5sim_create(file, "b", H5SIM_F64, 2, shape, bad[i]));
    }
    FAIL(H5SIM_ERR_ARGUMENT, "overwrite", h5sim_write_block(file, "b", H5SIM_F64, 2, shape, steps, steps, NULL, numbers, bad[1]));
    FAIL(H5SIM_ERR_ARGUMENT, "records", h5sim_append_block(file, "s", H5SIM_F64, 2, shape, steps, steps, NULL, numbers, bad[1]));
    FAIL(H5SIM_ERR_ARGUMENT, "records", h5sim_append(file, "s", H5SIM_F64, 2, shape, numbers, bad[1]));
    FAIL(H5SIM_ERR_ARGUMENT, "records", h5sim_append(file, "s", H5SIM_F64, 2, shape, numbers, "{\"records\": -1}"));
    FAIL(H5SIM_ERR_ARGUMENT, "records", h5sim_append(file, "s", H5SIM_F64, 2, shape, numbers, "{\"records\": 1.5}"));
    HOLDS(access("x.hdf5", F_OK) != 0);
    FAIL(H5SIM_ERR_ARGUMENT, "mode", h5sim_open("x.hdf5", "rw", NULL, &out.file));
    FAIL(H5SIM_ERR_ARGUMENT, "mode", h5sim_open("x.hdf5", "", NULL, &out.file));
    FAIL(H5SIM_ERR_ARGUMENT, "options", h5sim_open("x.hdf5", "w", "[]", &out.file));
    FAIL(H5SIM_ERR_ARGUMENT, "options", h5sim_open("x.hdf5", "w", "{\"libver\": ", &out.file));
    FAIL(H5SIM_ERR_ARGUMENT, "libver", h5sim_open("x.hdf5", "w", "{\"libver\": 3}", &out.file));
    FAIL(H5SIM_ERR_SHAPE, "axes", h5sim_set_dims(file, "a", "[\"x\"]"));
    FAIL(H5SIM_ERR_ARGUMENT, "records", h5sim_truncate(file, "a", -1));
    FAIL(H5SIM_ERR_SHAPE, "'a'", h5sim_truncate(file, "a", 1));
    FAIL(H5SIM_ERR_SHAPE, "'a'", h5sim_rewind(file, "a", 1.0));
    FAIL(H5SIM_ERR_ARGUMENT, "type", h5sim_vtkhdf(file, "{\"type\": \"Cloud\"}"));
    FAIL(H5SIM_ERR_ARGUMENT, "options", h5sim_vtkhdf(file, "[]"));
#define BAD_OPTION(key, options)                                               \
    FAIL(H5SIM_ERR_ARGUMENT, key, h5sim_create(file, "b", H5SIM_F64, 2, shape, options)); \
    FAIL(H5SIM_ERR_ARGUMENT, "misuse.hdf5: dataset 'b'", h5sim_create(file, "b", H5SIM_F64, 2, shape, options))
    BAD_OPTION("overwrite", "{\"overwrite\": 1}");
    FAIL(H5SIM_ERR_SHAPE, "chunks", h5sim_create(file, "b", H5SIM_F64, 2, shape, "{\"chunks\": [0, 3]}"));
    BAD_OPTION("chunks", "{\"chunks\": \"big\"}");
    BAD_OPTION("compression", "{\"compression\": \"zip\"}");
    BAD_OPTION("compression_opts", "{\"compression\": \"gzip\", \"compression_opts\": 10}");
    BAD_OPTION("dtype", "{\"dtype\": \"f3\"}");
    BAD_OPTION("shuffle", "{\"shuffle\": \"yes\"}");
    BAD_OPTION("maxshape", "{\"maxshape\": 5}");
    HOLDS(access("x.hdf5", F_OK) != 0);
}

static void missing_and_mismatched_objects(void)
{
    const int64_t zeros[2] = {0, 0}, ones[2] = {1, 1};
    const char *paths[2] = {"none", "group/none"};
    for (int i = 0; i < 2; i++) {
#define NOT_THERE(call) FAIL(H5SIM_ERR_NOT_FOUND, paths[i], call)
        NOT_THERE(h5sim_keys(file, paths[i], &out.text));
        NOT_THERE(h5sim_tree(file, paths[i], &out.text));
        NOT_THERE(h5sim_set_dims(file, paths[i], "[\"y\", \"x\"]"));
        NOT_THERE(h5sim_dims(file, paths[i], &out.text));
        NOT_THERE(h5sim_truncate(file, paths[i], 1));
        NOT_THERE(h5sim_rewind(file, paths[i], 1.0));
        NOT_THERE(h5sim_delete(file, paths[i]));
        NOT_THERE(h5sim_write_slice(file, paths[i], "0", H5SIM_F64, 3, numbers));
        NOT_THERE(h5sim_info(file, paths[i], &out.dtype, &out.rank, out.shape));
        NOT_THERE(h5sim_slice_shape(file, paths[i], NULL, &out.rank, out.shape));
        NOT_THERE(h5sim_read(file, paths[i], NULL, H5SIM_F64, 64, out.data));
        NOT_THERE(h5sim_read_f64(file, paths[i], NULL, 64, out.data));
        NOT_THERE(h5sim_read_into(file, paths[i], NULL, H5SIM_F64, 2, shape, NULL, out.data));
        NOT_THERE(h5sim_write_from(file, paths[i], NULL, H5SIM_F64, 2, shape, NULL, numbers));
        NOT_THERE(h5sim_read_block(file, paths[i], H5SIM_F64, 2, zeros, ones, NULL, out.data));
        NOT_THERE(h5sim_read_hyperslab(file, paths[i], H5SIM_F64, 2, zeros, NULL, ones, NULL, 64, out.data));
        NOT_THERE(h5sim_write_hyperslab(file, paths[i], H5SIM_F64, 2, zeros, NULL, ones, NULL, 1, numbers));
        NOT_THERE(h5sim_read_text(file, paths[i], &out.text));
        NOT_THERE(h5sim_read_texts(file, paths[i], &out.text));
        NOT_THERE(h5sim_read_json(file, paths[i], &out.text));
        NOT_THERE(h5sim_set_attr(file, paths[i], "n", H5SIM_F64, 2, shape, numbers));
        NOT_THERE(h5sim_get_attr(file, paths[i], "n", H5SIM_F64, 64, out.data));
        NOT_THERE(h5sim_set_attr_text(file, paths[i], "n", "text"));
        NOT_THERE(h5sim_get_attr_text(file, paths[i], "n", &out.text));
        NOT_THERE(h5sim_attr_info(file, paths[i], "n", &out.dtype, &out.rank, out.shape));
        NOT_THERE(h5sim_attr_keys(file, paths[i], &out.text));
        NOT_THERE(h5sim_delete_attr(file, paths[i], "n"));
    }
    FAIL(H5SIM_ERR_NOT_FOUND, "none", h5sim_get_attr(file, "a", "none", H5SIM_F64, 64, out.data));
    FAIL(H5SIM_ERR_NOT_FOUND, "none", h5sim_get_attr_text(file, "a", "none", &out.text));
    FAIL(H5SIM_ERR_NOT_FOUND, "none", h5sim_attr_info(file, "a", "none", &out.dtype, &out.rank, out.shape));
    FAIL(H5SIM_ERR_NOT_FOUND, "none", h5sim_delete_attr(file, "a", "none"));

    /* A group where a dataset is wanted, a dataset where a group is, text as numbers. */
    FAIL(H5SIM_ERR_TYPE, "group", h5sim_info(file, "group", &out.dtype, &out.rank, out.shape));
    FAIL(H5SIM_ERR_TYPE, "group", h5sim_read_f64(file, "group", NULL, 64, out.data));
    FAIL(H5SIM_ERR_TYPE, "group", h5sim_read_text(file, "group", &out.text));
    FAIL(H5SIM_ERR_TYPE, "'a'", h5sim_keys(file, "a", &out.text));
    FAIL(H5SIM_ERR_TYPE, "note", h5sim_read_f64(file, "note", NULL, 64, out.data));
    FAIL(H5SIM_ERR_TYPE, "'a'", h5sim_read_text(file, "a", &out.text));
    FAIL(H5SIM_ERR_TYPE, "'a'", h5sim_read_texts(file, "a", &out.text));
    FAIL(H5SIM_ERR_TYPE, "unit", h5sim_get_attr(file, "a", "unit", H5SIM_F64, 64, out.data));
    FAIL(H5SIM_ERR_TYPE, "factor", h5sim_get_attr_text(file, "a", "factor", &out.text));
    FAIL(H5SIM_ERR_TYPE, "'a'", h5sim_write_f64(file, "a/below", 2, shape, numbers));
    FAIL(H5SIM_ERR_TYPE, "'a'", h5sim_create_group(file, "a/below"));

    /* Something is there already. */
    FAIL(H5SIM_ERR_SHAPE, "'a'", h5sim_append_f64(file, "a", 1, &shape[1], numbers));
    FAIL(H5SIM_ERR_TYPE, "group", h5sim_append_f64(file, "group", 2, shape, numbers));
    FAIL(H5SIM_ERR_SHAPE, "note", h5sim_append_f64(file, "note", 0, NULL, numbers));
    FAIL(H5SIM_ERR_EXISTS, "'a'", h5sim_write_f64(file, "a", 2, shape, numbers));
    FAIL(H5SIM_ERR_EXISTS, "'a'", h5sim_write(file, "a", H5SIM_F64, 2, shape, NULL, numbers, NULL));
    FAIL(H5SIM_ERR_EXISTS, "'a'", h5sim_create(file, "a", H5SIM_F64, 2, shape, NULL));
    FAIL(H5SIM_ERR_EXISTS, "'a'", h5sim_create_group(file, "a"));
    FAIL(H5SIM_ERR_EXISTS, "group", h5sim_write_f64(file, "group", 2, shape, numbers));

    /* The root can be neither written nor deleted. */
    FAIL(H5SIM_ERR_ARGUMENT, "", h5sim_delete(file, "/"));
    FAIL(H5SIM_ERR_ARGUMENT, "", h5sim_write_f64(file, "", 2, shape, numbers));

    /* Element types that are none. */
    const int32_t bad_types[6] = {0, -1, 99, 0x7fffffff, H5SIM_OTHER, H5SIM_TEXT};
    for (int i = 0; i < 6; i++) {
        const int32_t status = i < 4 ? H5SIM_ERR_ARGUMENT : H5SIM_ERR_TYPE;
        int32_t dtype = bad_types[i];
        FAIL(status, "dtype", h5sim_write(file, "b", dtype, 2, shape, NULL, numbers, NULL));
        FAIL(status, "dtype", h5sim_create(file, "b", dtype, 2, shape, NULL));
        FAIL(status, "dtype", h5sim_append(file, "s", dtype, 2, shape, numbers, NULL));
        FAIL(status, "dtype", h5sim_append_from(file, "s", dtype, 2, shape, steps, numbers, NULL));
        FAIL(status, "dtype", h5sim_write_block(file, "b", dtype, 2, shape, zeros, shape, NULL, numbers, NULL));
        FAIL(status, "dtype", h5sim_append_block(file, "s", dtype, 2, shape, zeros, shape, NULL, numbers, NULL));
        FAIL(status, "dtype", h5sim_read_block(file, "a", dtype, 2, zeros, shape, NULL, out.data));
        FAIL(status, "dtype", h5sim_write_slice(file, "a", NULL, dtype, 6, numbers));
        FAIL(status, "dtype", h5sim_read(file, "a", NULL, dtype, 64, out.data));
        FAIL(status, "dtype", h5sim_read_into(file, "a", NULL, dtype, 2, shape, NULL, out.data));
        FAIL(status, "dtype", h5sim_write_from(file, "a", NULL, dtype, 2, shape, NULL, numbers));
        FAIL(status, "dtype",
             h5sim_read_hyperslab(file, "a", dtype, 2, zeros, NULL, ones, NULL, 64, out.data));
        FAIL(status, "dtype",
             h5sim_write_hyperslab(file, "a", dtype, 2, zeros, NULL, ones, NULL, 1, numbers));
        FAIL(status, "dtype", h5sim_set_attr(file, "a", "n", dtype, 2, shape, numbers));
        FAIL(status, "dtype", h5sim_get_attr(file, "a", "factor", dtype, 64, out.data));
    }
}

static void wrong_slices(void)
{
    const char *slices[] = {"2", "-3", "0,0,0", "::0", "...,...", "x", "[0", "1.5", "0 0", "99999999999999999999"};
    for (int i = 0; i < (int)(sizeof slices / sizeof slices[0]); i++) {
        const char *slice = slices[i];
        int32_t status = h5sim_slice_shape(file, "a", slice, &out.rank, out.shape);
        HOLDS(status == H5SIM_ERR_SHAPE || status == H5SIM_ERR_ARGUMENT);
        FAIL(status, "slice", h5sim_slice_shape(file, "a", slice, &out.rank, out.shape));
        FAIL(status, "slice", h5sim_read(file, "a", slice, H5SIM_F64, 64, out.data));
        FAIL(status, "slice", h5sim_read_f64(file, "a", slice, 64, out.data));
        FAIL(status, "slice", h5sim_read_into(file, "a", slice, H5SIM_F64, 2, shape, NULL, out.data));
        FAIL(status, "slice", h5sim_write_from(file, "a", slice, H5SIM_F64, 2, shape, NULL, numbers));
        FAIL(status, "slice", h5sim_write_slice(file, "a", slice, H5SIM_F64, 6, numbers));
    }
}

static void read_only_files(void)
{
    const int64_t zeros[2] = {0, 0}, ones[2] = {1, 1};
    const char *texts[6] = {"a", "b", "c", "d", "e", "f"};
#define NOT_WRITABLE(call) FAIL(H5SIM_ERR_READ_ONLY, "other.hdf5", call)
    NOT_WRITABLE(h5sim_create_group(read_only, "g"));
    NOT_WRITABLE(h5sim_delete(read_only, "a"));
    NOT_WRITABLE(h5sim_write_text_with(read_only, "t", "text", NULL));
    NOT_WRITABLE(h5sim_write_texts_with(read_only, "t", 2, shape, texts, NULL));
    NOT_WRITABLE(h5sim_write_json_with(read_only, "m", "{}", NULL));
    NOT_WRITABLE(h5sim_append_text(read_only, "t", "text"));
    NOT_WRITABLE(h5sim_set_attr_texts(read_only, "a", "n", 2, shape, texts, NULL));
    NOT_WRITABLE(h5sim_move(read_only, "a", "b"));
    NOT_WRITABLE(h5sim_copy(read_only, "a", read_only, "b", NULL));
    NOT_WRITABLE(h5sim_copy(file, "a", read_only, "b", NULL));
    NOT_WRITABLE(h5sim_link(read_only, "b", "a", NULL));
    NOT_WRITABLE(h5sim_resize(read_only, "a", 2, shape));
    NOT_WRITABLE(h5sim_write(read_only, "b", H5SIM_F64, 2, shape, NULL, numbers, NULL));
    NOT_WRITABLE(h5sim_write_f64(read_only, "b", 2, shape, numbers));
    NOT_WRITABLE(h5sim_create(read_only, "b", H5SIM_F64, 2, shape, NULL));
    NOT_WRITABLE(h5sim_write_slice(read_only, "a", NULL, H5SIM_F64, 6, numbers));
    NOT_WRITABLE(h5sim_append(read_only, "s", H5SIM_F64, 2, shape, numbers, NULL));
    NOT_WRITABLE(h5sim_append_from(read_only, "s", H5SIM_F64, 2, shape, steps, numbers, NULL));
    NOT_WRITABLE(h5sim_write_block(read_only, "b", H5SIM_F64, 2, shape, zeros, shape, NULL, numbers, NULL));
    NOT_WRITABLE(h5sim_append_block(read_only, "s", H5SIM_F64, 2, shape, zeros, shape, NULL, numbers, NULL));
    NOT_WRITABLE(h5sim_append_f64(read_only, "s", 2, shape, numbers));
    NOT_WRITABLE(h5sim_write_hyperslab(read_only, "a", H5SIM_F64, 2, zeros, NULL, ones, NULL, 1, numbers));
    NOT_WRITABLE(h5sim_write_text(read_only, "t", "text"));
    NOT_WRITABLE(h5sim_write_texts(read_only, "t", 2, shape, texts));
    NOT_WRITABLE(h5sim_write_json(read_only, "m", "{}"));
    NOT_WRITABLE(h5sim_set_attr(read_only, "a", "n", H5SIM_F64, 2, shape, numbers));
    NOT_WRITABLE(h5sim_set_attr_text(read_only, "a", "n", "text"));
    NOT_WRITABLE(h5sim_delete_attr(read_only, "a", "n"));
    SUCCEED(h5sim_commit(read_only));
    NOT_WRITABLE(h5sim_finish(read_only));
}

static void write_bytes(const char *path, const void *bytes, size_t count)
{
    FILE *stream = fopen(path, "wb");
    HOLDS(stream != NULL && fwrite(bytes, 1, count, stream) == count);
    if (stream != NULL)
        fclose(stream);
}

static void files_that_are_none(void)
{
    static const char *modes[] = {"r", "r+", "a"};
    static char bytes[1 << 16];

    HOLDS(mkdir("folder", 0777) == 0);
    write_bytes("text.txt", "this is no HDF5 file, but it is long enough to look like one", 60);
    write_bytes("empty", "", 0);
    SUCCEED(h5sim_open("whole.hdf5", "w", NULL, &out.file));
    SUCCEED(h5sim_write_f64(out.file, "a", 2, shape, numbers));
    SUCCEED(h5sim_close(out.file));
    FILE *stream = fopen("whole.hdf5", "rb");
    size_t length = fread(bytes, 1, sizeof bytes, stream);
    fclose(stream);
    HOLDS(length > 600 && length < sizeof bytes);
    write_bytes("truncated.hdf5", bytes, length / 2);
    write_bytes("header_only.hdf5", bytes, 8);

    for (int i = 0; i < 3; i++) {
        FAIL(H5SIM_ERR_IO, "folder", h5sim_open("folder", modes[i], NULL, &out.file));
        FAIL(H5SIM_ERR_FORMAT, "text.txt", h5sim_open("text.txt", modes[i], NULL, &out.file));
        FAIL(H5SIM_ERR_FORMAT, "truncated.hdf5", h5sim_open("truncated.hdf5", modes[i], NULL, &out.file));
        FAIL(H5SIM_ERR_FORMAT, "header_only.hdf5", h5sim_open("header_only.hdf5", modes[i], NULL, &out.file));
    }
    FAIL(H5SIM_ERR_FORMAT, "empty", h5sim_open("empty", "r", NULL, &out.file));
    FAIL(H5SIM_ERR_IO, "folder", h5sim_open("folder", "w", NULL, &out.file));
    FAIL(H5SIM_ERR_EXISTS, "text.txt", h5sim_open("text.txt", "w-", NULL, &out.file));
    FAIL(H5SIM_ERR_EXISTS, "text.txt", h5sim_open("text.txt", "x", NULL, &out.file));
    FAIL(H5SIM_ERR_NOT_FOUND, "nothing.hdf5", h5sim_open("nothing.hdf5", "r", NULL, &out.file));
    FAIL(H5SIM_ERR_NOT_FOUND, "nothing.hdf5", h5sim_open("nothing.hdf5", "r+", NULL, &out.file));
    FAIL(H5SIM_ERR_NOT_FOUND, "no/such/folder", h5sim_open("no/such/folder/x.hdf5", "w", NULL, &out.file));
    FAIL(H5SIM_ERR_ARGUMENT, "path", h5sim_open("", "w", NULL, &out.file));
    HOLDS(access("nothing.hdf5", F_OK) != 0);
    /* What was refused is as it was. */
    char text[61] = "";
    stream = fopen("text.txt", "rb");
    HOLDS(fread(text, 1, 60, stream) == 60);
    fclose(stream);
    HOLDS(strncmp(text, "this is no HDF5 file", 20) == 0);

    /* A file that may not be written, by a user who is not root. */
    HOLDS(chmod("whole.hdf5", 0444) == 0 && chmod(".", 0777) == 0);
    if (geteuid() == 0)
        HOLDS(setegid(65534) == 0 && seteuid(65534) == 0);
    FAIL(H5SIM_ERR_READ_ONLY, "whole.hdf5", h5sim_open("whole.hdf5", "r+", NULL, &out.file));
    FAIL(H5SIM_ERR_READ_ONLY, "whole.hdf5", h5sim_open("whole.hdf5", "w", NULL, &out.file));
    HOLDS(chmod("whole.hdf5", 0444) == 0 || getuid() == 0);
    SUCCEED(h5sim_open("whole.hdf5", "r", NULL, &out.file));
    SUCCEED(h5sim_close(out.file));
    if (getuid() == 0)
        HOLDS(seteuid(0) == 0 && setegid(0) == 0);
}

/* Without MPI the file is said to be none, and how one gets a build that has it. */
static void many_ranks(void)
{
    FAIL(H5SIM_ERR_ARGUMENT, "mode", h5sim_open_ranks("x.hdf5", "rw", NULL, 0, 1, alone, NULL, &out.file));
    FAIL(H5SIM_ERR_ARGUMENT, "rank is 1", h5sim_open_ranks("x.hdf5", "w", NULL, 1, 1, alone, NULL, &out.file));
    FAIL(H5SIM_ERR_ARGUMENT, "rank is -1", h5sim_open_ranks("x.hdf5", "w", NULL, -1, 1, alone, NULL, &out.file));
    FAIL(H5SIM_ERR_ARGUMENT, "ranks is 0", h5sim_open_ranks("x.hdf5", "w", NULL, 0, 0, alone, NULL, &out.file));
    FAIL(H5SIM_ERR_ARGUMENT, "ranks is 2", h5sim_open_ranks("x.hdf5", "w", NULL, 0, 2, alone, NULL, &out.file));
    FAIL(H5SIM_ERR_ARGUMENT, "agree", h5sim_open_ranks("x.hdf5", "w", "{\"agree\": 3}", 0, 1, alone, NULL, &out.file));
    FAIL(H5SIM_ERR_UNSUPPORTED, "autocommit",
         h5sim_open_ranks("x.hdf5", "w", "{\"autocommit\": 3}", 0, 1, alone, NULL, &out.file));
    FAIL(H5SIM_ERR_NOT_FOUND, "x.hdf5", h5sim_open_ranks("x.hdf5", "r", NULL, 0, 1, alone, NULL, &out.file));
    FAIL(H5SIM_ERR_ARGUMENT, "mode", h5sim_open_mpi("x.hdf5", "rw", NULL, 0, &out.file));
    FAIL(H5SIM_ERR_ARGUMENT, "libver", h5sim_open_mpi("x.hdf5", "w", "{\"libver\": 3}", 0, &out.file));
    if (h5sim_has_feature("mpi"))
        return;
    h5sim_file none = 5;
    HOLDS(h5sim_open_mpi("x.hdf5", "w", NULL, 0, &none) == H5SIM_ERR_UNSUPPORTED && none == 0);
    HOLDS(strstr(h5sim_last_error(), "x.hdf5") && strstr(h5sim_last_error(), "make mpi") &&
          strstr(h5sim_last_error(), "h5sim_open_ranks"));
    HOLDS(access("x.hdf5", F_OK) != 0);
}

static void library(void)
{
    HOLDS(strcmp(h5sim_last_error(), "") == 0);
    HOLDS(h5sim_version()[0] >= '0' && h5sim_version()[0] <= '9');
    HOLDS(strncmp(h5sim_hdf5_version(), "2.2", 3) == 0);
    HOLDS(h5sim_has_feature(NULL) == 0);
    HOLDS(h5sim_has_feature("") == 0);
    HOLDS(h5sim_has_feature("no such") == 0);
    HOLDS(strcmp(h5sim_status_name(0), "H5SIM_OK") == 0);
    HOLDS(strcmp(h5sim_status_name(H5SIM_ERR_SHAPE), "H5SIM_ERR_SHAPE") == 0);
    HOLDS(h5sim_status_name(77) != NULL && h5sim_status_name(-99) != NULL);
    h5sim_free(NULL);
}

int main(int argc, char **argv)
{
    if (argc != 2 || chdir(argv[1]) != 0)
        return 2;
    library();
    make_handles();
    bad_handles();
    nulls();
    ranks_and_extents();
    invalid_utf8();
    not_json();
    json_documents();
    unknown_options();
    missing_and_mismatched_objects();
    wrong_slices();
    read_only_files();
    many_ranks();
    files_that_are_none();

    /* All that went wrong has left the file as it was. */
    char *keys = NULL;
    SUCCEED(h5sim_keys(file, "/", &keys));
    HOLDS(keys != NULL && strcmp(keys, "[\"a\", \"group\", \"note\"]") == 0);
    h5sim_free(keys);
    double data[6] = {0};
    SUCCEED(h5sim_read_f64(file, "a", NULL, 6, data));
    HOLDS(memcmp(data, numbers, sizeof data) == 0);

    HOLDS(h5sim_is_open(file) == 1 && h5sim_is_open(read_only) == 1);
    SUCCEED(h5sim_close(file));
    HOLDS(h5sim_is_open(file) == 0);
    FAIL(H5SIM_ERR_HANDLE, "file", h5sim_close(file));
    SUCCEED(h5sim_json_free(document));
    FAIL(H5SIM_ERR_HANDLE, "document", h5sim_json_free(document));
    SUCCEED(h5sim_finalize());
    FAIL(H5SIM_ERR_HANDLE, "file", h5sim_close(read_only));
    SUCCEED(h5sim_finalize());
    return conclude();
}
