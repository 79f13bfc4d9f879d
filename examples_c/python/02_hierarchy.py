import h5py
import numpy as np

data = np.random.random((10, 1000, 2))

with h5py.File("richer_data.hdf5", "w") as fp:
    fp.create_group("timeseries")
    for i in range(10):
        path = f"timeseries/{i}"
        fp.create_dataset(path, data=data[i])

with h5py.File("richer_data.hdf5", "r") as fp:
    print("in timeseries:", list(fp["timeseries"].keys()))
    first = fp["timeseries/0"][()]
    print("timeseries/0 is what was written:", np.array_equal(first, data[0]))
