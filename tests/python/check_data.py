"""`h5sim check --data` on files that are whole and on damaged ones: PROGRAM FOLDER."""

import os
import subprocess
import sys

import h5py
import numpy as np

from checksums import checksum

program, folder = sys.argv[1:]
os.chdir(folder)


def check(path):
    done = subprocess.run([program, "check", "--data", path], capture_output=True, text=True, timeout=60)
    assert done.stderr == "", done.stderr
    return done.returncode, done.stdout.splitlines()[1:]


def make(path, **options):
    """Gives where a chunk of each dataset is."""
    with h5py.File(path, "w", **options) as file:
        data = np.arange(6000.0).reshape(60, 100)
        file.create_dataset("g/gzip", data=data, chunks=(10, 50), compression="gzip", fletcher32=True)
        file.create_dataset("g/summed", data=data, chunks=(7, 100), fletcher32=True)
        file.create_dataset("growing", data=np.arange(1000), chunks=(100,), maxshape=(None,), compression="gzip")
        file.create_dataset("sparse", (1 << 33,), "u1", chunks=(1 << 12,), maxshape=(None,), compression="gzip")[12345] = 7
        file["plain"] = data
        file["scalar"] = 5.0
        file["text"] = "a text"
        file["texts"] = np.array([b"a", b"bc"])
        file["empty"] = np.zeros((0, 3))
        file["g"].attrs["unit"] = "m"
        file["soft"] = h5py.SoftLink("/nowhere")
        return {name: file[name].id.get_chunk_info(1) for name in ["g/gzip", "g/summed"]}, file["plain"].id.get_offset()


for number, options in enumerate([{"libver": "earliest"}, {"libver": "latest"}]):
    path = f"whole{number}.h5"
    chunks, plain = make(path, **options)
    whole = open(path, "rb").read()
    status, lines = check(path)
    assert status == 0 and len(lines) == 1 and "everything was read: 9 datasets" in lines[0], lines

    # Two chunks whose bytes are wrong.
    data = bytearray(whole)
    for chunk in chunks.values():
        data[chunk.byte_offset + chunk.size // 2] ^= 0xFF
    path = f"chunks{number}.h5"
    open(path, "wb").write(data)
    status, lines = check(path)
    assert status == 3, (status, lines)
    said = "\n".join(lines)
    for name, part, count in [("g/gzip", "[0:10, 50:100]", 5500), ("g/summed", "[7:14, 0:100]", 5300)]:
        assert f"{name}{part}: damaged: " in said and f"{name}: {count} of 6000 elements can be read" in said, said
    assert "2 objects are damaged; 7 datasets" in lines[-1], lines
    # What it says can be read can be read, and the rest cannot.
    with h5py.File(path) as file:
        assert file["g/gzip"][10:, :].shape == (50, 100) and file["g/gzip"][:10, :50].shape == (10, 50)
        try:
            file["g/gzip"][0:10, 50:]
            raise AssertionError("it can be read after all")
        except OSError:
            pass

# A chunk tree that is its own child, and keys that are not in order: chunk by chunk.
whole = open("whole0.h5", "rb").read()
at = whole.find(b"TREE\1")
data = bytearray(whole)
data[at + 24 + 16:at + 24 + 24] = (1 << 40).to_bytes(8, "little")
open("order.h5", "wb").write(data)
status, lines = check("order.h5")
assert status in (0, 3) and lines, lines

# An index that counts more slots than anybody can look at: chunk by chunk.
whole = bytearray(open("whole1.h5", "rb").read())
at = -1
while (at := whole.find(b"EAHD", at + 1)) >= 0:
    whole[at + 44:at + 52] = (1 << 50).to_bytes(8, "little")
    whole[at + 68:at + 72] = checksum(whole[at:at + 68]).to_bytes(4, "little")
open("slots.h5", "wb").write(whole)
status, lines = check("slots.h5")
assert status == 3 and len(lines) == 2, lines
# Of the one that may have too many to be asked for one by one it is said.
assert lines[0].startswith("sparse: damaged: ") and "1 object is damaged; 8 datasets" in lines[1], lines

# The file ends before some data: it cannot be opened at all.
open("cut.h5", "wb").write(bytes(whole[:plain + 1000]))
done = subprocess.run([program, "check", "--data", "cut.h5"], capture_output=True, text=True)
assert done.returncode == 3 and "cut" in done.stdout + done.stderr, done

# No HDF5 file is read no further.
open("none.h5", "wb").write(b"text" * 500)
done = subprocess.run([program, "check", "--data", "none.h5", "whole0.h5"], capture_output=True, text=True)
assert done.returncode == 3 and "everything was read" in done.stdout, done
