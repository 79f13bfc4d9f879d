import h5py
import numpy as np

data = np.random.random((5, 4, 3))

with h5py.File("my_data.hdf5", "w") as fp:
    fp.create_dataset("result_1", data=data)

with h5py.File("my_data.hdf5", "r") as fp:
    print("keys:", list(fp.keys()))
    shape = fp["result_1"].shape
    print("shape:", shape)
    assert shape == (5, 4, 3)
    corner = fp["result_1"][:2, ..., :2]
    print("shape of [:2,...,:2]:", corner.shape)
    print("its last value is that of result_1[1,3,1]:", corner[1, 3, 1] == data[1, 3, 1])
