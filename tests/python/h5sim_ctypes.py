"""h5sim's C interface by ctypes, so that tests against NumPy and h5py are quick to write.

The constants and the functions' argument types are read from include/h5sim.h: the tests
call what the header says. `File` is a thin layer over them that raises `H5simError`.
"""

import ctypes
import json
import os
import re

import numpy as np

ROOT = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
LIB = ctypes.CDLL(os.environ["H5SIM_LIB"])
HEADER = re.sub(r"/\*.*?\*/|//[^\n]*", "", open(os.path.join(ROOT, "include", "h5sim.h")).read(), flags=re.S)
CONSTANTS = {name: int(value) for name, value in re.findall(r"#define\s+(H5SIM_\w+)\s+\(?(-?\d+)\)?", HEADER)}
CONSTANTS.update({name: int(value) for name, value in re.findall(r"\b(H5SIM_\w+)\s*=\s*(-?\d+)", HEADER)})

VALUES = {"int32_t": ctypes.c_int32, "int64_t": ctypes.c_int64, "double": ctypes.c_double,
          "h5sim_file": ctypes.c_int64, "h5sim_json": ctypes.c_int64, "h5sim_allgather": ctypes.c_void_p}


def _declare():
    for result, star, name, arguments in re.findall(r"([\w ]+?)(\s*\*?\s*)\b(h5sim_\w+)\(([^)]*)\)\s*;", HEADER):
        function = getattr(LIB, name)
        function.restype = ctypes.c_char_p if "*" in star else VALUES.get(result.split()[-1])
        kinds = []
        for argument in arguments.split(","):
            words = argument.replace("*", " * ").replace("[", " [").split()
            if words == ["void"]:
                continue
            if any(word == "*" or word.startswith("[") for word in words):
                kinds.append(ctypes.c_void_p)
            else:
                kinds.append(next(VALUES[word] for word in words if word in VALUES))
        function.argtypes = kinds


_declare()

# NumPy's types and h5sim's, each by its own name.
DTYPES = {
    "f8": "F64", "f4": "F32", "i8": "I64", "i4": "I32", "i2": "I16", "i1": "I8",
    "u8": "U64", "u4": "U32", "u2": "U16", "u1": "U8", "?": "BOOL", "c16": "C128", "c8": "C64",
}
CODES = {np.dtype(name): CONSTANTS["H5SIM_" + code] for name, code in DTYPES.items()}
NAMES = {CONSTANTS["H5SIM_" + code]: code for code in [*DTYPES.values(), "TEXT", "OTHER"]}
STATUS = {value: name for name, value in CONSTANTS.items() if "_ERR_" in name}


class H5simError(Exception):
    """A failure: its status by name, and the library's sentence."""

    def __init__(self, status, message):
        super().__init__(f"{STATUS.get(status, status)}: {message}")
        self.status = STATUS.get(status, status)
        self.message = message


def check(status):
    if status != 0:
        message = LIB.h5sim_last_error().decode()
        assert message and "\n" not in message, (status, message)
        raise H5simError(status, message)


def text_argument(text):
    return None if text is None else text.encode() if isinstance(text, str) else text


def longs(values):
    """An int64 array, or NULL for None; one element is there even for rank 0."""
    return None if values is None else (ctypes.c_int64 * max(1, len(values)))(*values)


def options_argument(options):
    return json.dumps(options).encode() if options else None


def pointers_to(texts):
    """The texts of an array of objects, as C takes them."""
    return (ctypes.c_char_p * max(1, texts.size))(*[text.encode() for text in texts.ravel()])


def take(function, *arguments):
    """Calls a function whose last argument receives a text; gives that text."""
    pointer = ctypes.c_void_p()
    check(function(*arguments, ctypes.byref(pointer)))
    text = ctypes.string_at(pointer.value).decode()
    LIB.h5sim_free(pointer)
    return text


def address(array):
    """Where the first element of an array is; None for an array without elements."""
    return array.ctypes.data


def element_strides(array):
    assert all(step % array.itemsize == 0 for step in array.strides)
    return [step // array.itemsize for step in array.strides]


class File:
    """An open file. Arrays go in and come out as NumPy's."""

    def __init__(self, path, mode="r", **options):
        handle = ctypes.c_int64()
        check(LIB.h5sim_open(str(path).encode(), mode.encode(), options_argument(options), ctypes.byref(handle)))
        self.handle = handle.value

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.close()

    def close(self):
        check(LIB.h5sim_close(self.handle))

    def discard(self):
        check(LIB.h5sim_discard(self.handle))

    def commit(self):
        check(LIB.h5sim_commit(self.handle))

    def create_group(self, path):
        check(LIB.h5sim_create_group(self.handle, path.encode()))

    def exists(self, path):
        kind = ctypes.c_int32(-1)
        check(LIB.h5sim_exists(self.handle, path.encode(), ctypes.byref(kind)))
        return {CONSTANTS["H5SIM_NONE"]: None, CONSTANTS["H5SIM_GROUP"]: "group",
                CONSTANTS["H5SIM_DATASET"]: "dataset"}[kind.value]

    def keys(self, group="/"):
        return json.loads(take(LIB.h5sim_keys, self.handle, text_argument(group)))

    def tree(self, group="/"):
        return json.loads(take(LIB.h5sim_tree, self.handle, text_argument(group)))

    def delete(self, path):
        check(LIB.h5sim_delete(self.handle, path.encode()))

    def move(self, source, target):
        check(LIB.h5sim_move(self.handle, text_argument(source), target.encode()))

    def copy(self, source, target, to=None, **options):
        """Copies to a path of this file, or of another one: copy("a", "b"), copy("a", "b", other)."""
        check(LIB.h5sim_copy(self.handle, text_argument(source), (to or self).handle, target.encode(),
                             options_argument(options)))

    def link(self, path, target, **options):
        check(LIB.h5sim_link(self.handle, path.encode(), text_argument(target), options_argument(options)))

    def resize(self, path, shape):
        check(LIB.h5sim_resize(self.handle, path.encode(), len(shape), longs(shape)))

    def layout(self, path):
        return json.loads(take(LIB.h5sim_layout, self.handle, path.encode()))

    def write(self, path, array, strided=False, **options):
        """Writes an array: contiguous, or in place with its strides."""
        array = np.asarray(array)
        if not strided:
            array = np.asarray(array, order="C")
        strides = longs(element_strides(array)) if strided else None
        check(LIB.h5sim_write(self.handle, path.encode(), CODES[array.dtype], array.ndim, longs(array.shape),
                              strides, address(array), options_argument(options)))

    def create(self, path, dtype, shape, **options):
        check(LIB.h5sim_create(self.handle, path.encode(), CODES[np.dtype(dtype)], len(shape), longs(shape),
                               options_argument(options)))

    def write_slice(self, path, text, array):
        array = np.asarray(array, order="C")
        check(LIB.h5sim_write_slice(self.handle, path.encode(), text_argument(text), CODES[array.dtype], array.size,
                                    address(array)))

    def write_from(self, path, array, text=None):
        """An array from where it lies, with its strides."""
        check(LIB.h5sim_write_from(self.handle, path.encode(), text_argument(text), CODES[array.dtype], array.ndim,
                                   longs(array.shape), longs(element_strides(array)), address(array)))

    def append_from(self, path, array, **options):
        """A record from where it lies, with its strides."""
        check(LIB.h5sim_append_from(self.handle, path.encode(), CODES[array.dtype], array.ndim, longs(array.shape),
                                    longs(element_strides(array)), address(array), options_argument(options)))

    def write_block(self, path, array, global_shape, start, **options):
        """A block from where it lies, with its strides."""
        check(LIB.h5sim_write_block(self.handle, path.encode(), CODES[array.dtype], array.ndim, longs(global_shape), longs(start),
                                    longs(array.shape), longs(element_strides(array)), address(array),
                                    options_argument(options)))

    def append_block(self, path, array, global_shape, start, **options):
        """A block of a record from where it lies, with its strides."""
        check(LIB.h5sim_append_block(self.handle, path.encode(), CODES[array.dtype], array.ndim, longs(global_shape),
                                     longs(start), longs(array.shape), longs(element_strides(array)), address(array),
                                     options_argument(options)))

    def read_block(self, path, array, start):
        """A block into where it is to lie, with its strides."""
        check(LIB.h5sim_read_block(self.handle, path.encode(), CODES[array.dtype], array.ndim, longs(start),
                                   longs(array.shape), longs(element_strides(array)), address(array)))

    def append(self, path, array, **options):
        array = np.asarray(array, order="C")
        check(LIB.h5sim_append(self.handle, path.encode(), CODES[array.dtype], array.ndim, longs(array.shape),
                               address(array), options_argument(options)))

    def info(self, path):
        """The element type by its name in the header without the prefix, and the shape."""
        dtype, rank, shape = ctypes.c_int32(), ctypes.c_int32(), (ctypes.c_int64 * 32)()
        check(LIB.h5sim_info(self.handle, path.encode(), ctypes.byref(dtype), ctypes.byref(rank), shape))
        return NAMES[dtype.value], tuple(shape[: rank.value])

    def slice_shape(self, path, text=None):
        rank, shape = ctypes.c_int32(), (ctypes.c_int64 * 32)()
        check(LIB.h5sim_slice_shape(self.handle, path.encode(), text_argument(text), ctypes.byref(rank), shape))
        return tuple(shape[: rank.value])

    def read(self, path, text=None, dtype=None):
        """Reads a slice as the given NumPy type, or as the type in the file."""
        if dtype is None:
            name = self.info(path)[0]
            dtype = next(numpy for numpy, code in DTYPES.items() if code == name)
        array = np.empty(self.slice_shape(path, text), dtype)
        check(LIB.h5sim_read(self.handle, path.encode(), text_argument(text), CODES[array.dtype], array.size,
                             address(array)))
        return array

    def read_into(self, path, array, text=None):
        check(LIB.h5sim_read_into(self.handle, path.encode(), text_argument(text), CODES[array.dtype], array.ndim,
                                  longs(array.shape), longs(element_strides(array)), address(array)))

    def read_hyperslab(self, path, start, count, stride=None, block=None, dtype="f8"):
        edges = [n * b for n, b in zip(count, block or [1] * len(count))]
        array = np.empty(edges, dtype)
        check(LIB.h5sim_read_hyperslab(self.handle, path.encode(), CODES[array.dtype], len(start), longs(start),
                                       longs(stride), longs(count), longs(block), array.size, address(array)))
        return array

    def write_hyperslab(self, path, array, start, count, stride=None, block=None):
        array = np.asarray(array, order="C")
        check(LIB.h5sim_write_hyperslab(self.handle, path.encode(), CODES[array.dtype], len(start), longs(start),
                                        longs(stride), longs(count), longs(block), array.size, address(array)))

    def set_dims(self, path, names):
        check(LIB.h5sim_set_dims(self.handle, path.encode(), json.dumps(names).encode()))

    def dims(self, path):
        return json.loads(take(LIB.h5sim_dims, self.handle, path.encode()))

    def truncate(self, path, records):
        check(LIB.h5sim_truncate(self.handle, path.encode(), records))

    def rewind(self, axis, value):
        check(LIB.h5sim_rewind(self.handle, axis.encode(), value))

    def write_text(self, path, text):
        check(LIB.h5sim_write_text(self.handle, path.encode(), text.encode()))

    def write_text_with(self, path, text, **options):
        check(LIB.h5sim_write_text_with(self.handle, path.encode(), text.encode(), options_argument(options)))

    def write_json_with(self, path, text, **options):
        check(LIB.h5sim_write_json_with(self.handle, path.encode(), text.encode(), options_argument(options)))

    def write_texts_with(self, path, array, **options):
        array = np.asarray(array, dtype=object)
        check(LIB.h5sim_write_texts_with(self.handle, path.encode(), array.ndim, longs(array.shape), pointers_to(array),
                                         options_argument(options)))

    def append_text(self, path, text):
        check(LIB.h5sim_append_text(self.handle, path.encode(), text.encode()))

    def set_attr_texts(self, path, name, array, **options):
        array = np.asarray(array, dtype=object)
        check(LIB.h5sim_set_attr_texts(self.handle, text_argument(path), name.encode(), array.ndim, longs(array.shape),
                                       pointers_to(array), options_argument(options)))

    def get_attr_texts(self, path, name):
        return json.loads(take(LIB.h5sim_get_attr_texts, self.handle, text_argument(path), name.encode()))

    def path(self):
        return take(LIB.h5sim_file_path, self.handle)

    def mode(self):
        return take(LIB.h5sim_file_mode, self.handle)

    def read_text(self, path):
        return take(LIB.h5sim_read_text, self.handle, path.encode())

    def write_texts(self, path, array):
        array = np.asarray(array, dtype=object)
        check(LIB.h5sim_write_texts(self.handle, path.encode(), array.ndim, longs(array.shape), pointers_to(array)))

    def read_texts(self, path):
        return json.loads(take(LIB.h5sim_read_texts, self.handle, path.encode()))

    def write_json(self, path, text):
        check(LIB.h5sim_write_json(self.handle, path.encode(), text.encode()))

    def read_json(self, path):
        return take(LIB.h5sim_read_json, self.handle, path.encode())

    def set_attr(self, path, name, array):
        array = np.asarray(array, order="C")
        check(LIB.h5sim_set_attr(self.handle, text_argument(path), name.encode(), CODES[array.dtype], array.ndim,
                                 longs(array.shape), address(array)))

    def set_attr_text(self, path, name, text):
        check(LIB.h5sim_set_attr_text(self.handle, text_argument(path), name.encode(), text.encode()))

    def get_attr(self, path, name, dtype=None):
        found, shape = self.attr_info(path, name)
        if dtype is None:
            dtype = next(numpy for numpy, code in DTYPES.items() if code == found)
        array = np.empty(shape, dtype)
        check(LIB.h5sim_get_attr(self.handle, text_argument(path), name.encode(), CODES[array.dtype], array.size,
                                 address(array)))
        return array

    def get_attr_text(self, path, name):
        return take(LIB.h5sim_get_attr_text, self.handle, text_argument(path), name.encode())

    def attr_info(self, path, name):
        dtype, rank, shape = ctypes.c_int32(), ctypes.c_int32(), (ctypes.c_int64 * 32)()
        check(LIB.h5sim_attr_info(self.handle, text_argument(path), name.encode(), ctypes.byref(dtype),
                                  ctypes.byref(rank), shape))
        return NAMES[dtype.value], tuple(shape[: rank.value])

    def attr_keys(self, path="/"):
        return json.loads(take(LIB.h5sim_attr_keys, self.handle, text_argument(path)))

    def delete_attr(self, path, name):
        check(LIB.h5sim_delete_attr(self.handle, text_argument(path), name.encode()))


def fails(status, call, *arguments, **options):
    """The sentence with which a call fails; it must have that status."""
    try:
        call(*arguments, **options)
    except H5simError as error:
        assert error.status == "H5SIM_ERR_" + status, f"expected {status}: {error}"
        return error.message
    raise AssertionError(f"expected H5SIM_ERR_{status}, but it succeeded: {arguments}")
