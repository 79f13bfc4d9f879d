/* A piece of work that is drawn from a seed, by HDF5's C calls: see parts.h. */
#include "parts.h"
#include "with_hdf5.h"

static hid_t type_of(int type)
{
    const hid_t types[] = {H5T_NATIVE_DOUBLE, H5T_NATIVE_FLOAT, H5T_NATIVE_INT, H5T_NATIVE_SHORT, H5T_NATIVE_UCHAR};
    return types[type];
}

static hid_t created_for(const struct work *work, hid_t file, hid_t access)
{
    hsize_t shape[MOST_AXES], chunk[MOST_AXES];
    for (int axis = 0; axis < work->rank; axis++) {
        shape[axis] = (hsize_t)work->shape[axis];
        chunk[axis] = (hsize_t)work->chunk[axis];
    }
    hid_t list = H5Pcreate(H5P_DATASET_CREATE), space = H5Screate_simple(work->rank, shape, NULL);
    if (work->is_chunked)
        OK(H5Pset_chunk(list, work->rank, chunk));
    if (work->shuffles)
        OK(H5Pset_shuffle(list));
    if (work->level > 0)
        OK(H5Pset_deflate(list, (unsigned)work->level));
    hid_t dataset = H5Dcreate2(file, "u", type_of(work->stored), space, H5P_DEFAULT, list, access);
    OK(dataset);
    OK(H5Sclose(space));
    OK(H5Pclose(list));
    return dataset;
}

int main(int count, char **arguments)
{
    MUST(count == 2);
    ready();
    const struct work work = drawn(strtoull(arguments[1], NULL, 10));
    const hid_t given = type_of(work.given), access = cached();
    void *data = values(&work), *found = calloc((size_t)all_of(work.rank, work.part), 8);
    if (work.mode != NEW) {
        hid_t file = created("a.h5"), dataset = created_for(&work, file, access);
        OK(H5Dwrite(dataset, given, H5S_ALL, H5S_ALL, H5P_DEFAULT, data));
        OK(H5Dclose(dataset));
        OK(H5Fclose(file));
    }
    begin();
    hid_t file = work.mode == NEW ? created("a.h5") : opened("a.h5", work.mode == READING ? "r" : "r+");
    struct dataset dataset = kept(work.mode == NEW ? created_for(&work, file, access) : H5Dopen2(file, "u", access));
    if (work.mode == NEW && work.operation != WRITE)
        OK(H5Dwrite(dataset.id, given, H5S_ALL, H5S_ALL, H5P_DEFAULT, data));
    for (int repeat = 0; repeat < work.repeats; repeat++) {
        uint64_t state = SEED;
        for (int i = 0; i < work.parts; i++) {
            const struct part part = part_of(&work, i, &state);
            /* They have the bits of HDF5's own type: none is negative. */
            chosen(&dataset, (const hsize_t *)part.start, work.step > 1 ? (const hsize_t *)part.step : NULL, (const hsize_t *)part.count);
            if (work.operation != WRITE)
                OK(H5Dread(dataset.id, given, dataset.memory, dataset.space, H5P_DEFAULT, found));
            if (work.operation != READ)
                OK(H5Dwrite(dataset.id, given, dataset.memory, dataset.space, H5P_DEFAULT, work.operation == CHANGE ? found : data));
            if (work.commits > 0 && i % work.commits == work.commits - 1)
                flush(file);
        }
    }
    shut(&dataset);
    OK(H5Fclose(file));
    tell(&work);
    return 0;
}
