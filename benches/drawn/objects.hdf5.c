/* A piece of work that is drawn from a seed, by HDF5's C calls: see objects.h. Groups, and the datasets that are there, are opened once. */
#include "objects.h"
#include "with_hdf5.h"

static hid_t text, scalar, vector;
/* 0 is not open. */
static hid_t groups[MOST_OBJECTS];
static struct dataset datasets[MOST_OBJECTS], series[MOST_OBJECTS];

static void new_text(hid_t object, const char *title, int step)
{
    const char *value = text_at(step);
    new_attribute(object, title, text, scalar, &value);
}

static void attributes(hid_t object, const struct work *work)
{
    for (int i = 0; i < work->attributes; i++) {
        double number = i;
        new_attribute(object, name("number%d", i), H5T_NATIVE_DOUBLE, scalar, &number);
        char title[LONGEST];
        snprintf(title, sizeof title, "text%d", i);
        new_text(object, title, i);
    }
}

/* A new contiguous dataset that is written whole, left open. */
static hid_t filled(hid_t group, const char *path, const double *data)
{
    hid_t dataset = H5Dcreate2(group, path, H5T_IEEE_F64LE, vector, H5P_DEFAULT, H5P_DEFAULT, H5P_DEFAULT);
    OK(H5Dwrite(dataset, H5T_NATIVE_DOUBLE, H5S_ALL, H5S_ALL, H5P_DEFAULT, data));
    return dataset;
}

static void make(hid_t file, const struct work *work, const double *data)
{
    hid_t run = -1;
    char path[LONGEST];
    for (int g = 0; g < work->groups; g++) {
        if (work->deep && g % 10 == 0) {
            if (run >= 0)
                OK(H5Gclose(run));
            run = new_group(file, name("run%d", g / 10));
        }
        snprintf(path, sizeof path, "part%d", work->deep ? g % 10 : g);
        hid_t group = new_group(work->deep ? run : file, path);
        for (int d = 0; d < work->datasets; d++) {
            hid_t dataset = filled(group, name("data%d", d), data);
            if (work->of_datasets)
                attributes(dataset, work);
            OK(H5Dclose(dataset));
        }
        if (!work->of_datasets)
            attributes(group, work);
        groups[g] = group;
    }
    if (run >= 0)
        OK(H5Gclose(run));
}

static void shut_all(void)
{
    for (int i = 0; i < MOST_OBJECTS; i++) {
        if (groups[i] > 0)
            OK(H5Gclose(groups[i]));
        if (datasets[i].id > 0)
            shut(&datasets[i]);
        if (series[i].id > 0)
            shut(&series[i]);
        groups[i] = datasets[i].id = series[i].id = 0;
    }
}

static herr_t count_name(hid_t group, const char *title, const H5L_info2_t *info, void *data)
{
    (void)group, (void)title, (void)info;
    ++*(int *)data;
    return 0;
}

static void do_one(hid_t file, const struct work *work, enum kind kind, struct place place, bool *moved, const double *data, double *found)
{
    const hsize_t record[1] = {(hsize_t)work->elements};
    char path[LONGEST], title[LONGEST];
    int which = place.group * work->datasets + place.dataset, names = 0;
    group_path(work, place.group, path);
    if (groups[place.group] == 0) {
        groups[place.group] = H5Gopen2(file, path, H5P_DEFAULT);
        OK(groups[place.group]);
    }
    hid_t group = groups[place.group];
    bool needs_dataset = kind == OVERWRITE || kind == READ || kind == SHAPE || (work->of_datasets && kind >= ADD_NUMBER && kind <= GET_TEXT);
    snprintf(title, sizeof title, "%s%d", moved[which] ? "moved" : "data", place.dataset);
    if (needs_dataset && datasets[which].id == 0)
        datasets[which] = kept(H5Dopen2(group, title, H5P_DEFAULT));
    hid_t object = work->of_datasets ? datasets[which].id : group, made;
    double number = place.step;
    const char *value = text_at(place.step);
    char *got;
    hsize_t extents[1];
    switch (kind) {
    case ADD:
        snprintf(path, sizeof path, "new%d", place.step);
        OK(H5Dclose(filled(group, path, data)));
        break;
    case OVERWRITE: write_all(&datasets[which], data); break;
    case READ: read_all(&datasets[which], found); break;
    case APPEND:
        if (series[place.group].id == 0)
            series[place.group] = new_series(group, "series", H5T_IEEE_F64LE, 1, record, 1 + 65536 / (hsize_t)work->elements / 8, 0);
        append(&series[place.group], data);
        break;
    case ADD_NUMBER: new_attribute(object, name("more%d", place.step), H5T_NATIVE_DOUBLE, scalar, &number); break;
    case ADD_TEXT:
        snprintf(path, sizeof path, "words%d", place.step);
        new_text(object, path, place.step);
        break;
    case SET_NUMBER:
    case GET_NUMBER:
        snprintf(path, sizeof path, "number%d", place.step % work->attributes);
        made = H5Aopen(object, path, H5P_DEFAULT);
        OK(kind == SET_NUMBER ? H5Awrite(made, H5T_NATIVE_DOUBLE, &number) : H5Aread(made, H5T_NATIVE_DOUBLE, &number));
        OK(H5Aclose(made));
        break;
    case SET_TEXT:
    case GET_TEXT:
        snprintf(path, sizeof path, "text%d", place.step % work->attributes);
        made = H5Aopen(object, path, H5P_DEFAULT);
        if (kind == SET_TEXT)
            OK(H5Awrite(made, text, &value));
        else {
            OK(H5Aread(made, text, &got));
            OK(H5free_memory(got));
        }
        OK(H5Aclose(made));
        break;
    case EXISTS:
        MUST(H5Lexists(group, title, H5P_DEFAULT) > 0);
        MUST(H5Lexists(group, name("absent%d", place.step), H5P_DEFAULT) == 0);
        break;
    case SHAPE:
        made = H5Dget_space(datasets[which].id);
        MUST(H5Sget_simple_extent_dims(made, extents, NULL) == 1 && extents[0] == record[0]);
        OK(H5Sclose(made));
        break;
    case LIST:
        OK(H5Literate2(group, H5_INDEX_NAME, H5_ITER_INC, NULL, count_name, &names));
        MUST(names >= work->datasets);
        break;
    case NEW_GROUP:
        made = new_group(group, name("step%d", place.step));
        OK(H5Dclose(filled(made, "data", data)));
        OK(H5Gclose(made));
        break;
    case DELETE:
        if (datasets[which].id > 0)
            shut(&datasets[which]);
        datasets[which].id = 0;
        OK(H5Ldelete(group, title, H5P_DEFAULT));
        made = filled(group, title, data);
        if (work->of_datasets)
            attributes(made, work);
        OK(H5Dclose(made));
        break;
    case MOVE:
        moved[which] = !moved[which];
        OK(H5Lmove(group, title, group, name(moved[which] ? "moved%d" : "data%d", place.dataset), H5P_DEFAULT, H5P_DEFAULT));
        break;
    case LINK: {
        char target[3 * LONGEST];
        snprintf(target, sizeof target, "/%s/%s", path, title);
        OK(H5Lcreate_soft(target, group, name("link%d", place.step), H5P_DEFAULT, H5P_DEFAULT));
        break;
    }
    case KINDS: break;
    }
}

int main(int count, char **arguments)
{
    MUST(count == 2);
    ready();
    const struct work work = drawn(strtoull(arguments[1], NULL, 10));
    const hsize_t shape[1] = {(hsize_t)work.elements};
    double *data = numbers((size_t)work.elements), *found = calloc((size_t)work.elements, sizeof *found);
    bool *moved = calloc((size_t)(work.groups * work.datasets), sizeof *moved);
    uint64_t state = SEED;
    text = text_type(H5T_VARIABLE), scalar = H5Screate(H5S_SCALAR), vector = H5Screate_simple(1, shape, NULL);
    if (work.mode != NEW) {
        hid_t file = created("a.h5");
        make(file, &work, data);
        shut_all();
        OK(H5Fclose(file));
    }
    begin();
    hid_t file = work.mode == NEW ? created("a.h5") : opened("a.h5", work.mode == READING ? "r" : "r+");
    if (work.mode == NEW)
        make(file, &work, data);
    for (int step = 0; step < work.steps; step++) {
        struct place place = place_of(&work, step, &state);
        for (int i = 0; i < work.kinds; i++)
            do_one(file, &work, work.done[i], place, moved, data, found);
        if (work.commits > 0 && step % work.commits == work.commits - 1)
            flush(file);
    }
    shut_all();
    OK(H5Fclose(file));
    tell(&work);
    return 0;
}
