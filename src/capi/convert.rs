//! From C's arguments to Rust's, checked, and back.

use crate::array::{Bytes, BytesMut};
use crate::error::{Error, Result};
use crate::slice::PerAxis;
use crate::store::strided::{Capacity, Layout, Strided, StridedMut};
use crate::store::{Dtype, MAX_RANK};
use std::ffi::{c_char, c_void, CStr};

/// A text that must be there.
///
/// # Safety
/// `text` is NULL or NUL-terminated and lives for `'a`.
pub(super) unsafe fn text<'a>(text: *const c_char, name: &str) -> Result<&'a str> {
    if text.is_null() {
        return Err(Error::argument(format!("{name} is NULL, expected a text")));
    }
    // SAFETY: not NULL; the caller vouches for the terminator and the lifetime.
    let bytes = unsafe { CStr::from_ptr(text) };
    bytes.to_str().map_err(|error| {
        Error::argument(format!(
            "{name} is not valid UTF-8 from byte {}: '{}'",
            error.valid_up_to(),
            bytes.to_string_lossy()
        ))
    })
}

/// A text where NULL stands for the empty one.
///
/// # Safety
/// As [`text`].
pub(super) unsafe fn optional_text<'a>(value: *const c_char, name: &str) -> Result<&'a str> {
    if value.is_null() {
        return Ok("");
    }
    // SAFETY: the caller's promise is the same.
    unsafe { text(value, name) }
}

/// Checks that a place for an output was given.
///
/// # Safety
/// `output` is NULL or points to a writable `T` for as long as `'a`; it may be uninitialised,
/// so that it is only written, through [`Output::set`].
pub(super) unsafe fn output<T>(output: *mut T, name: &str) -> Result<Output<T>> {
    if output.is_null() {
        return Err(Error::argument(format!(
            "{name} is NULL, expected a place for the output"
        )));
    }
    Ok(Output(output))
}

/// A checked place for an output of the caller's.
pub(super) struct Output<T>(*mut T);

impl<T> Output<T> {
    /// Writes the output.
    pub(super) fn set(self, value: T) {
        // SAFETY: `output` checked it, and its caller vouched that it can be written.
        unsafe { self.0.write(value) }
    }
}

impl Output<i64> {
    /// Writes a shape into an array of `H5SIM_MAX_RANK` extents.
    pub(super) fn set_shape(self, shape: &[u64]) {
        for (axis, &extent) in shape.iter().enumerate().take(MAX_RANK) {
            // SAFETY: the interface asks for room for MAX_RANK extents.
            unsafe { self.0.add(axis).write(extent as i64) }
        }
    }
}

/// Places for a rank and for the extents.
pub(super) struct Extents {
    rank: Output<i32>,
    shape: Output<i64>,
}

impl Extents {
    /// Writes them.
    pub(super) fn set(self, shape: &[u64]) {
        self.rank.set(shape.len() as i32);
        self.shape.set_shape(shape);
    }
}

/// Checks the places for a rank and for the extents.
///
/// # Safety
/// As [`output`]; `shape` has room for `H5SIM_MAX_RANK` extents.
pub(super) unsafe fn extents(rank: *mut i32, shape: *mut i64) -> Result<Extents> {
    // SAFETY: the caller's promise is the same.
    unsafe {
        Ok(Extents {
            rank: output(rank, "rank")?,
            shape: output(shape, "shape")?,
        })
    }
}

/// Places for a type of elements and their extents.
pub(super) struct Described {
    dtype: Output<i32>,
    extents: Extents,
}

impl Described {
    /// Writes them.
    pub(super) fn set(self, (dtype, shape): (Dtype, Vec<u64>)) {
        self.dtype.set(dtype as i32);
        self.extents.set(&shape);
    }
}

/// Checks the places for a type of elements and their extents.
///
/// # Safety
/// As [`extents`].
pub(super) unsafe fn description(
    dtype: *mut i32,
    rank: *mut i32,
    shape: *mut i64,
) -> Result<Described> {
    // SAFETY: the caller's promise is the same.
    unsafe {
        Ok(Described {
            dtype: output(dtype, "dtype")?,
            extents: extents(rank, shape)?,
        })
    }
}

impl Output<*mut c_char> {
    /// Hands a text to the caller, who frees it with `h5sim_free`.
    pub(super) fn hand_out(self, text: &str) -> Result<()> {
        if text.as_bytes().contains(&0) {
            return Err(Error::format(
                "the text holds a NUL character, which a C text cannot",
            ));
        }
        // The C allocator's memory, so that a caller's plain free() does no harm.
        // SAFETY: malloc takes any size.
        let memory = unsafe { libc::malloc(text.len() + 1) }.cast::<u8>();
        if memory.is_null() {
            return Err(Error::io(format!(
                "no memory for a text of {} bytes",
                text.len()
            )));
        }
        // SAFETY: `memory` has room for the text and its terminator.
        unsafe {
            memory.copy_from_nonoverlapping(text.as_ptr(), text.len());
            memory.add(text.len()).write(0);
        }
        self.set(memory.cast());
        Ok(())
    }
}

/// A rank, checked.
fn checked_rank(rank: i32) -> Result<usize> {
    usize::try_from(rank)
        .ok()
        .filter(|&rank| rank <= MAX_RANK)
        .ok_or_else(|| Error::shape(format!("rank is {rank}, expected 0 to {MAX_RANK}")))
}

/// `rank` values of the caller's; NULL is fine for rank 0.
///
/// # Safety
/// `values` is NULL or points to `rank` values that live for `'a`.
pub(super) unsafe fn axes<'a>(rank: i32, values: *const i64, name: &str) -> Result<&'a [i64]> {
    let rank = checked_rank(rank)?;
    if rank == 0 {
        return Ok(&[]);
    }
    if values.is_null() {
        return Err(Error::argument(format!(
            "{name} is NULL, expected {rank} values"
        )));
    }
    // SAFETY: not NULL, and the caller vouches for `rank` values.
    Ok(unsafe { std::slice::from_raw_parts(values, rank) })
}

/// As [`axes`], where NULL stands for none given.
///
/// # Safety
/// As [`axes`].
pub(super) unsafe fn optional_axes<'a>(
    rank: i32,
    values: *const i64,
    name: &str,
) -> Result<Option<&'a [i64]>> {
    if values.is_null() {
        return Ok(None);
    }
    // SAFETY: the caller's promise is the same.
    unsafe { axes(rank, values, name) }.map(Some)
}

/// Values that may not be negative.
pub(super) fn unsigned(values: &[i64], name: &str) -> Result<PerAxis<u64>> {
    let mut all = PerAxis::new();
    put_unsigned(values, &mut all, name).map(|()| all)
}

/// As [`unsigned`], into an empty place for them.
pub(super) fn put_unsigned(values: &[i64], place: &mut PerAxis<u64>, name: &str) -> Result<()> {
    if let Some(axis) = values.iter().position(|&value| value < 0) {
        let value = values[axis];
        return Err(Error::shape(format!(
            "{name}[{axis}] is {value}, expected 0 or more"
        )));
    }
    place.reserve(values.len());
    for &value in values {
        place.push(value as u64);
    }
    Ok(())
}

/// The extents of an array, checked: none negative, the number of elements countable.
///
/// # Safety
/// As [`axes`].
pub(super) unsafe fn shape(rank: i32, shape: *const i64) -> Result<Vec<u64>> {
    // SAFETY: the caller's promise is the same.
    unsafe { named_shape(rank, shape, "shape") }
}

/// As [`shape`], under the name that the argument has.
///
/// # Safety
/// As [`axes`].
pub(super) unsafe fn named_shape(rank: i32, shape: *const i64, name: &str) -> Result<Vec<u64>> {
    // SAFETY: the caller's promise is the same.
    let extents = unsigned(unsafe { axes(rank, shape, name) }?, name)?;
    crate::store::strided::count(&extents)?;
    Ok(extents.into_vec())
}

/// An element type that data in memory can have.
pub(super) fn dtype(value: i32) -> Result<Dtype> {
    let dtype = Dtype::from_code(value).ok_or_else(|| {
        Error::argument(format!(
            "dtype is {value}, which is none of the H5SIM_ element types"
        ))
    })?;
    match dtype {
        Dtype::Text => Err(Error::type_(
            "dtype is H5SIM_TEXT, which is no type of array data: use h5sim_write_text, h5sim_read_text and their like",
        )),
        Dtype::Other => Err(Error::type_(
            "dtype is H5SIM_OTHER, which no data in memory can have",
        )),
        dtype => Ok(dtype),
    }
}

/// The bytes of `elements` elements, checked against the address space.
fn byte_length(elements: u64, dtype: Dtype) -> Result<usize> {
    elements
        .checked_mul(dtype.size() as u64)
        .and_then(|bytes| isize::try_from(bytes).ok())
        .map(|bytes| bytes as usize)
        .ok_or_else(|| {
            Error::shape(format!(
                "{elements} elements of {} bytes are more than memory can hold",
                dtype.size()
            ))
        })
}

/// A number that may not be negative.
pub(super) fn count(count: i64, name: &str) -> Result<u64> {
    u64::try_from(count)
        .map_err(|_| Error::argument(format!("{name} is {count}, expected 0 or more")))
}

/// `count` elements of the caller's.
///
/// # Safety
/// `data` is NULL or points to `count` elements that live for `'a`.
pub(super) unsafe fn data<'a>(
    data: *const c_void,
    count: i64,
    dtype: Dtype,
    name: &str,
) -> Result<&'a [u8]> {
    let length = byte_length(self::count(count, name)?, dtype)?;
    if length == 0 {
        return Ok(&[]);
    }
    if data.is_null() {
        return Err(Error::argument(format!(
            "data is NULL, expected {count} elements"
        )));
    }
    // SAFETY: not NULL, no longer than the address space, and the caller vouches for the rest.
    Ok(unsafe { std::slice::from_raw_parts(data.cast(), length) })
}

/// Room for `capacity` elements of the caller's. A capacity that no memory can have is taken as all memory.
///
/// # Safety
/// `data` is NULL or points to room for `capacity` elements, or for as many as the call writes, used by nobody else
/// during `'a`.
pub(super) unsafe fn room<'a>(
    data: *mut c_void,
    capacity: i64,
    dtype: Dtype,
) -> Result<Capacity<'a>> {
    let capacity = self::count(capacity, "capacity")?;
    if capacity == 0 {
        return Ok(Capacity::new(&mut [][..], dtype.size()));
    }
    if data.is_null() {
        return Err(Error::argument(format!(
            "data is NULL, expected room for {capacity} elements"
        )));
    }
    // "As much as you need" is often written as the largest integer: cut it to what an address can reach.
    let most = (isize::MAX as usize - data as usize % isize::MAX as usize) / dtype.size();
    let elements = usize::try_from(capacity).unwrap_or(usize::MAX).min(most);
    // SAFETY: not NULL; nothing is made of it but what a call writes, for which the caller vouches.
    let bytes = unsafe { BytesMut::new(data.cast(), elements * dtype.size()) };
    Ok(Capacity::new(bytes, dtype.size()))
}

/// The caller's array, contiguous or with strides, to be read.
///
/// # Safety
/// `data` is NULL or points to element (0, …, 0) of an array with this shape and these strides that lives for `'a`.
pub(super) unsafe fn strided<'a>(
    data: *const c_void,
    dtype: Dtype,
    shape: &[u64],
    strides: Option<&[i64]>,
) -> Result<Strided<'a>> {
    let layout = Layout::new(shape, strides, dtype.size())?;
    if layout.span() == 0 {
        return Ok(Strided::new(&[][..], layout));
    }
    if data.is_null() {
        return Err(Error::argument(format!(
            "data is NULL, expected an array of shape {}",
            crate::store::strided::show_shape(shape)
        )));
    }
    // SAFETY: the span runs from the array's lowest to its highest element; only elements are read, for which the caller vouches.
    let bytes = unsafe { Bytes::new(data.cast::<u8>().sub(layout.origin()), layout.span()) };
    Ok(Strided::new(bytes, layout))
}

/// The caller's array, contiguous or with strides, to be filled.
///
/// # Safety
/// As [`strided`], and nobody else uses the array during `'a`.
pub(super) unsafe fn strided_mut<'a>(
    data: *mut c_void,
    dtype: Dtype,
    shape: &[u64],
    strides: Option<&[i64]>,
) -> Result<StridedMut<'a>> {
    let layout = Layout::new(shape, strides, dtype.size())?;
    if layout.span() == 0 {
        return Ok(StridedMut::new(&mut [][..], layout));
    }
    if data.is_null() {
        return Err(Error::argument(format!(
            "data is NULL, expected room for an array of shape {}",
            crate::store::strided::show_shape(shape)
        )));
    }
    // SAFETY: as in `strided`, and the caller vouches that nobody else uses the elements.
    let bytes = unsafe { BytesMut::new(data.cast::<u8>().sub(layout.origin()), layout.span()) };
    Ok(StridedMut::new(bytes, layout))
}

/// The caller's array as C describes it, to be read: the type of its elements, and where they are.
///
/// # Safety
/// `shape` and `strides` are as for [`axes`], `data` as for [`strided`].
pub(super) unsafe fn array<'a>(
    dtype: i32,
    rank: i32,
    shape: *const i64,
    strides: *const i64,
    data: *const c_void,
) -> Result<(Dtype, Strided<'a>)> {
    let dtype = self::dtype(dtype)?;
    // SAFETY: the caller's promises are the same.
    unsafe {
        let shape = self::shape(rank, shape)?;
        let strides = optional_axes(rank, strides, "strides")?;
        Ok((dtype, strided(data, dtype, &shape, strides)?))
    }
}

/// The caller's array as C describes it, to be filled.
///
/// # Safety
/// As [`array`], and nobody else uses the array during `'a`.
pub(super) unsafe fn array_mut<'a>(
    dtype: i32,
    rank: i32,
    shape: *const i64,
    strides: *const i64,
    data: *mut c_void,
) -> Result<(Dtype, StridedMut<'a>)> {
    let dtype = self::dtype(dtype)?;
    // SAFETY: the caller's promises are the same.
    unsafe {
        let shape = self::shape(rank, shape)?;
        let strides = optional_axes(rank, strides, "strides")?;
        Ok((dtype, strided_mut(data, dtype, &shape, strides)?))
    }
}

/// An array of texts, all of which must be there.
///
/// # Safety
/// `texts` is NULL or points to `count` texts as for [`text`].
pub(super) unsafe fn texts<'a>(texts: *const *const c_char, count: u64) -> Result<Vec<&'a str>> {
    if count == 0 {
        return Ok(Vec::new());
    }
    if texts.is_null() {
        return Err(Error::argument(format!(
            "texts is NULL, expected {count} texts"
        )));
    }
    (0..count as usize)
        .map(|index| {
            // SAFETY: the caller vouches for `count` pointers, each NULL or a text.
            unsafe { text(*texts.add(index), &format!("texts[{index}]")) }
        })
        .collect()
}
