/* A piece of work that is drawn from a seed, by h5sim: see objects.h. */
#include "objects.h"
#include "with_h5sim.h"

/* The attributes of an object. */
static void attribute(h5sim_file file, const struct work *work, const char *object)
{
    for (int i = 0; i < work->attributes; i++) {
        double number = i;
        OK(h5sim_set_attr(file, object, name("number%d", i), H5SIM_F64, 0, NULL, &number));
        char title[LONGEST];
        snprintf(title, sizeof title, "text%d", i);
        OK(h5sim_set_attr_text(file, object, title, text_at(i)));
    }
}

static void make(h5sim_file file, const struct work *work, const double *data)
{
    const int64_t shape[1] = {work->elements};
    char group[LONGEST], path[2 * LONGEST];
    for (int g = 0; g < work->groups; g++) {
        group_path(work, g, group);
        for (int d = 0; d < work->datasets; d++) {
            snprintf(path, sizeof path, "%s/data%d", group, d);
            OK(h5sim_write_f64(file, path, 1, shape, data));
            if (work->of_datasets)
                attribute(file, work, path);
        }
        if (!work->of_datasets)
            attribute(file, work, group);
    }
}

static void do_one(h5sim_file file, const struct work *work, enum kind kind, struct place place, bool *moved, const double *data, double *found)
{
    const int64_t shape[1] = {work->elements};
    char group[LONGEST], dataset[2 * LONGEST], other[2 * LONGEST], *text;
    group_path(work, place.group, group);
    bool *is_moved = &moved[place.group * work->datasets + place.dataset];
    snprintf(dataset, sizeof dataset, "%s/%s%d", group, *is_moved ? "moved" : "data", place.dataset);
    const char *object = work->of_datasets ? dataset : group;
    double number = place.step;
    int32_t is, rank, dtype;
    int64_t extents[1];
    switch (kind) {
    case ADD:
        snprintf(other, sizeof other, "%s/new%d", group, place.step);
        OK(h5sim_write_f64(file, other, 1, shape, data));
        break;
    case OVERWRITE: OK(h5sim_write_slice(file, dataset, NULL, H5SIM_F64, shape[0], data)); break;
    case READ: OK(h5sim_read_f64(file, dataset, NULL, shape[0], found)); break;
    case APPEND:
        snprintf(other, sizeof other, "%s/series", group);
        OK(h5sim_append_f64(file, other, 1, shape, data));
        break;
    case ADD_NUMBER: OK(h5sim_set_attr(file, object, name("more%d", place.step), H5SIM_F64, 0, NULL, &number)); break;
    case ADD_TEXT:
        snprintf(other, sizeof other, "words%d", place.step);
        OK(h5sim_set_attr_text(file, object, other, text_at(place.step)));
        break;
    case SET_NUMBER:
        OK(h5sim_set_attr(file, object, name("number%d", place.step % work->attributes), H5SIM_F64, 0, NULL, &number));
        break;
    case SET_TEXT:
        snprintf(other, sizeof other, "text%d", place.step % work->attributes);
        OK(h5sim_set_attr_text(file, object, other, text_at(place.step)));
        break;
    case GET_NUMBER:
        OK(h5sim_get_attr(file, object, name("number%d", place.step % work->attributes), H5SIM_F64, 1, &number));
        break;
    case GET_TEXT:
        OK(h5sim_get_attr_text(file, object, name("text%d", place.step % work->attributes), &text));
        h5sim_free(text);
        break;
    case EXISTS:
        OK(h5sim_exists(file, dataset, &is));
        MUST(is == H5SIM_DATASET);
        snprintf(other, sizeof other, "%s/absent%d", group, place.step);
        OK(h5sim_exists(file, other, &is));
        MUST(is == H5SIM_NONE);
        break;
    case SHAPE:
        OK(h5sim_info(file, dataset, &dtype, &rank, extents));
        MUST(extents[0] == shape[0]);
        break;
    case LIST:
        OK(h5sim_keys(file, group, &text));
        h5sim_free(text);
        break;
    case NEW_GROUP:
        snprintf(other, sizeof other, "%s/step%d/data", group, place.step);
        OK(h5sim_write_f64(file, other, 1, shape, data));
        break;
    case DELETE:
        OK(h5sim_delete(file, dataset));
        OK(h5sim_write_f64(file, dataset, 1, shape, data));
        if (work->of_datasets)
            attribute(file, work, dataset);
        break;
    case MOVE:
        *is_moved = !*is_moved;
        snprintf(other, sizeof other, "%s/%s%d", group, *is_moved ? "moved" : "data", place.dataset);
        OK(h5sim_move(file, dataset, other));
        break;
    case LINK:
        snprintf(other, sizeof other, "%s/link%d", group, place.step);
        OK(h5sim_link(file, other, dataset, NULL));
        break;
    case KINDS: break;
    }
}

int main(int count, char **arguments)
{
    MUST(count == 2);
    const struct work work = drawn(strtoull(arguments[1], NULL, 10));
    double *data = numbers((size_t)work.elements), *found = calloc((size_t)work.elements, sizeof *found);
    bool *moved = calloc((size_t)(work.groups * work.datasets), sizeof *moved);
    uint64_t state = SEED;
    ready();
    if (work.mode != NEW) {
        h5sim_file file = opened("a.h5", "w", NULL);
        make(file, &work, data);
        OK(h5sim_close(file));
    }
    static const char *const modes[] = {"w", "r+", "r", "r+"};
    begin();
    h5sim_file file = opened("a.h5", modes[work.mode], work.mode == NONE ? "{\"durability\": \"none\"}" : NULL);
    if (work.mode == NEW)
        make(file, &work, data);
    for (int step = 0; step < work.steps; step++) {
        struct place place = place_of(&work, step, &state);
        for (int i = 0; i < work.kinds; i++)
            do_one(file, &work, work.done[i], place, moved, data, found);
        if (work.commits > 0 && step % work.commits == work.commits - 1)
            OK(h5sim_commit(file));
    }
    OK(h5sim_close(file));
    tell(&work);
    return 0;
}
