/* Small things written anew each step: a status text, a dataset of another size, one of the same size, a scalar, a histogram. */
#include "with_hdf5.h"

int main(void)
{
    double *data = numbers(4096), histogram[1000];
    char status[128] = {0};
    const hsize_t bins[1] = {1000};
    ready();
    hid_t text = text_type(sizeof status), scalar = H5Screate(H5S_SCALAR);
    begin();
    hid_t file = created("a.h5");
    hid_t dataset = H5Dcreate2(file, "status", text, scalar, H5P_DEFAULT, H5P_DEFAULT, H5P_DEFAULT);
    for (int t = 0; t < 2000; t++) {
        snprintf(status, sizeof status, "{\"step\": %d, \"state\": \"running\", \"residual\": %.6f}", t, data[t % 1024]);
        OK(H5Dwrite(dataset, text, H5S_ALL, H5S_ALL, H5P_DEFAULT, status));
    }
    OK(H5Dclose(dataset));
    OK(H5Fclose(file));
    end("status");
    begin();
    file = created("b.h5");
    for (int t = 0; t < 2000; t++) {
        const hsize_t shape[1] = {(hsize_t)(1000 + t % 100)};
        hid_t space = H5Screate_simple(1, shape, NULL);
        if (t > 0)
            OK(H5Ldelete(file, "list", H5P_DEFAULT));
        write_new(file, "list", space, data);
        OK(H5Sclose(space));
    }
    OK(H5Fclose(file));
    end("resized");
    begin();
    file = created("c.h5");
    hid_t space = H5Screate_simple(1, bins, NULL);
    for (int t = 0; t < 2000; t++) {
        if (t > 0)
            OK(H5Ldelete(file, "list", H5P_DEFAULT));
        write_new(file, "list", space, data + t);
    }
    OK(H5Fclose(file));
    end("deleted");
    begin();
    file = created("d.h5");
    dataset = H5Dcreate2(file, "time", H5T_IEEE_F64LE, scalar, H5P_DEFAULT, H5P_DEFAULT, H5P_DEFAULT);
    for (int t = 0; t < 5000; t++)
        OK(H5Dwrite(dataset, H5T_NATIVE_DOUBLE, H5S_ALL, H5S_ALL, H5P_DEFAULT, data + t % 4096));
    OK(H5Dclose(dataset));
    OK(H5Fclose(file));
    end("scalar");
    begin();
    file = created("e.h5");
    struct dataset a = new_dataset(file, "histogram", H5T_IEEE_F64LE, 1, bins, NULL, 0);
    for (int t = 0; t < 5000; t++) {
        read_all(&a, histogram);
        histogram[t % 1000] += 1;
        write_all(&a, histogram);
    }
    shut(&a);
    OK(H5Fclose(file));
    end("histogram");
    return 0;
}
