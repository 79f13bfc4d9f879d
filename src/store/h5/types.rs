//! Datatypes: those in memory, those in files, and what a foreign one amounts to.

use super::{check, lock, truth, Id};
use crate::error::{Error, Result};
use crate::store::dtype::Dtype;
use hdf5_sys::h5i::{hid_t, H5Iinc_ref};
use hdf5_sys::h5t::*;
use std::ffi::CStr;
use std::sync::OnceLock;

/// The datatypes that have to be made once.
struct MadeTypes {
    boolean: Id,
    complex64: Id,
    complex128: Id,
}

fn made() -> Result<&'static MadeTypes> {
    static MADE: OnceLock<MadeTypes> = OnceLock::new();
    let _lock = lock();
    if let Some(made) = MADE.get() {
        return Ok(made);
    }
    let made = MadeTypes {
        boolean: boolean()?,
        complex64: complex(*H5T_NATIVE_FLOAT, 4)?,
        complex128: complex(*H5T_NATIVE_DOUBLE, 8)?,
    };
    Ok(MADE.get_or_init(|| made))
}

/// h5py's bool: an enum over one byte.
fn boolean() -> Result<Id> {
    let what = "describing the bool type";
    // SAFETY: live datatypes, terminated names, and a byte for each value.
    unsafe {
        let boolean = Id::new(H5Tenum_create(*H5T_NATIVE_INT8), what)?;
        for (name, value) in [(c"FALSE", 0i8), (c"TRUE", 1i8)] {
            let value: *const i8 = &value;
            check(
                H5Tenum_insert(boolean.raw(), name.as_ptr(), value.cast()),
                what,
            )?;
        }
        Ok(boolean)
    }
}

/// h5py's complex: a compound of `r` and `i`.
fn complex(part: hid_t, size: usize) -> Result<Id> {
    let what = "describing the complex type";
    // SAFETY: live datatypes and terminated names; both members lie inside the compound.
    unsafe {
        let complex = Id::new(H5Tcreate(H5T_class_t::H5T_COMPOUND, 2 * size), what)?;
        check(H5Tinsert(complex.raw(), c"r".as_ptr(), 0, part), what)?;
        check(H5Tinsert(complex.raw(), c"i".as_ptr(), size, part), what)?;
        Ok(complex)
    }
}

/// The datatype of elements in memory. It is predefined or made once, and stays HDF5's or ours.
///
/// Called under the lock, which sees to it that HDF5 has made its own.
fn native(dtype: Dtype) -> Result<hid_t> {
    Ok(match dtype {
        Dtype::F64 => *H5T_NATIVE_DOUBLE,
        Dtype::F32 => *H5T_NATIVE_FLOAT,
        Dtype::I64 => *H5T_NATIVE_INT64,
        Dtype::I32 => *H5T_NATIVE_INT32,
        Dtype::I16 => *H5T_NATIVE_INT16,
        Dtype::I8 => *H5T_NATIVE_INT8,
        Dtype::U64 => *H5T_NATIVE_UINT64,
        Dtype::U32 => *H5T_NATIVE_UINT32,
        Dtype::U16 => *H5T_NATIVE_UINT16,
        Dtype::U8 => *H5T_NATIVE_UINT8,
        Dtype::Bool => made()?.boolean.raw(),
        Dtype::C128 => made()?.complex128.raw(),
        Dtype::C64 => made()?.complex64.raw(),
        Dtype::Text | Dtype::Other => {
            return Err(Error::type_(format!("{dtype} is no type of numbers")))
        }
    })
}

/// The byte order of numbers in a file.
///
/// ```
/// let options = h5sim::Write::new().order(h5sim::Order::Little);
/// assert_ne!(options, h5sim::Write::new());
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Order {
    /// Least significant byte first.
    Little,
    /// Most significant byte first.
    Big,
}

/// Where a text ends in the bytes that its datatype gives it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum TextEnd {
    /// At the first NUL, whatever follows it, as in C.
    FirstNul,
    /// Before the NULs that fill it up.
    Nuls,
    /// Before the spaces that fill it up, as in Fortran.
    Spaces,
}

/// The type of the elements of a dataset or attribute.
#[derive(Debug)]
pub struct ElementType {
    id: Id,
    /// What it is among the types of this library.
    pub dtype: Dtype,
    /// HDF5's own complex class, which is not the compound that this library writes.
    is_complex_class: bool,
    size: usize,
    /// Of texts only.
    text: Option<TextKind>,
}

/// What texts of a type are.
#[derive(Clone, Copy, Debug)]
struct TextKind {
    is_variable: bool,
    end: TextEnd,
}

impl ElementType {
    /// Says what a datatype is.
    pub(super) fn of(id: Id) -> Result<Self> {
        let _lock = lock();
        // SAFETY: a live datatype.
        let class = unsafe { H5Tget_class(id.raw()) };
        if class == H5T_class_t::H5T_NO_CLASS {
            return Err(super::failure("reading the class of a datatype"));
        }
        Ok(Self {
            dtype: classify(&id, class)?,
            is_complex_class: class == H5T_class_t::H5T_COMPLEX,
            size: size(&id)?,
            text: match class {
                H5T_class_t::H5T_STRING => Some(text_kind(&id)?),
                _ => None,
            },
            id,
        })
    }

    /// The type that elements of `dtype` are stored as, in the machine's byte order or a given one.
    pub fn stored(dtype: Dtype, order: Option<Order>) -> Result<Self> {
        let _lock = lock();
        let what = "describing the stored type";
        let native = native(dtype)?;
        // SAFETY: live datatypes; the copy is ours to change.
        let id = unsafe {
            match (order, dtype) {
                (Some(order), Dtype::C64 | Dtype::C128) => {
                    let part = if dtype == Dtype::C64 {
                        Dtype::F32
                    } else {
                        Dtype::F64
                    };
                    let part = Self::stored(part, Some(order))?;
                    complex(part.id.raw(), dtype.size() / 2)?
                }
                (Some(order), dtype) if dtype != Dtype::Bool => {
                    let id = Id::new(H5Tcopy(native), what)?;
                    let order = match order {
                        Order::Little => H5T_order_t::H5T_ORDER_LE,
                        Order::Big => H5T_order_t::H5T_ORDER_BE,
                    };
                    check(H5Tset_order(id.raw(), order), what)?;
                    id
                }
                // One that HDF5 or this library keeps: shared, not copied.
                _ => {
                    check(H5Iinc_ref(native), what)?;
                    Id::new(native, what)?
                }
            }
        };
        Ok(Self {
            size: size(&id)?,
            id,
            dtype,
            is_complex_class: false,
            text: None,
        })
    }

    /// The type of texts of a fixed length in bytes (at least 1), padded with NUL, as h5py's `S` types.
    pub fn fixed_text(length: usize, is_ascii: bool) -> Result<Self> {
        Self::text(length.max(1), is_ascii)
    }

    /// The type of UTF-8 texts of variable length, as h5py's `str`.
    pub fn variable_text() -> Result<Self> {
        Self::text(H5T_VARIABLE, false)
    }

    fn text(size: usize, is_ascii: bool) -> Result<Self> {
        let _lock = lock();
        let what = "describing the text type";
        // SAFETY: a live datatype; the copy is ours to change.
        let id = unsafe {
            let id = Id::new(H5Tcopy(*H5T_C_S1), what)?;
            check(H5Tset_size(id.raw(), size), what)?;
            if size != H5T_VARIABLE {
                check(H5Tset_strpad(id.raw(), H5T_str_t::H5T_STR_NULLPAD), what)?;
            }
            if !is_ascii {
                check(H5Tset_cset(id.raw(), H5T_cset_t::H5T_CSET_UTF8), what)?;
            }
            id
        };
        Self::of(id)
    }

    /// The type as it is in the messages of object headers.
    pub fn encode(&self) -> Result<Vec<u8>> {
        /// HDF5's own two bytes before it.
        const PREFIX: usize = 2;
        let _lock = lock();
        let what = "encoding a type";
        let mut length = 0;
        // SAFETY: a live datatype; HDF5 first says how many bytes it needs, and then gets them.
        let mut bytes = unsafe {
            check(
                H5Tencode(self.id.raw(), std::ptr::null_mut(), &mut length),
                what,
            )?;
            let mut bytes = vec![0u8; length];
            check(
                H5Tencode(self.id.raw(), bytes.as_mut_ptr().cast(), &mut length),
                what,
            )?;
            bytes
        };
        bytes.drain(..PREFIX.min(length));
        Ok(bytes)
    }

    pub(super) fn id(&self) -> &Id {
        &self.id
    }

    /// Whether it is HDF5's own complex class.
    pub(super) fn is_complex_class(&self) -> bool {
        self.is_complex_class
    }

    /// The identifier.
    pub(super) fn raw(&self) -> hid_t {
        self.id.raw()
    }

    /// Bytes of an element in the file; of a text of variable length, those of its descriptor.
    pub fn size(&self) -> usize {
        self.size
    }

    /// Whether two types are the same in every respect.
    pub fn equals(&self, other: &ElementType) -> Result<bool> {
        let _lock = lock();
        // SAFETY: live datatypes.
        truth(
            unsafe { H5Tequal(self.id.raw(), other.id.raw()) },
            "comparing two datatypes",
        )
    }

    /// Whether it is text of variable length.
    pub fn is_variable_text(&self) -> bool {
        self.text.is_some_and(|text| text.is_variable)
    }

    /// Where the texts of an element type of texts end; what is no text has no padding, and its end is of no interest.
    pub fn text_end(&self) -> TextEnd {
        self.text.map_or(TextEnd::FirstNul, |text| text.end)
    }

    /// The datatype that elements of `dtype` have in memory when they go to or come from this type.
    pub(super) fn memory(&self, dtype: Dtype) -> Result<hid_t> {
        match (self.is_complex_class, dtype) {
            (true, Dtype::C128) => Ok(*H5T_NATIVE_DOUBLE_COMPLEX),
            (true, Dtype::C64) => Ok(*H5T_NATIVE_FLOAT_COMPLEX),
            (_, dtype) => native(dtype),
        }
    }

    /// What it is, in a few words: `f8`, `text of 12 bytes`, `compound {x: f8, y: i4}`.
    pub fn describe(&self) -> String {
        let _lock = lock();
        describe(&self.id, self.dtype, 0)
    }
}

/// Bytes of an element of a type.
fn size(id: &Id) -> Result<usize> {
    // SAFETY: a live datatype.
    match unsafe { H5Tget_size(id.raw()) } {
        0 => Err(super::failure("reading the size of a datatype")),
        size => Ok(size),
    }
}

/// What texts of a type of texts are.
fn text_kind(id: &Id) -> Result<TextKind> {
    let what = "reading a text type";
    // SAFETY: a live datatype of texts.
    let (is_variable, padding) = unsafe { (H5Tis_variable_str(id.raw()), H5Tget_strpad(id.raw())) };
    Ok(TextKind {
        is_variable: truth(is_variable, what)?,
        end: match padding {
            H5T_str_t::H5T_STR_SPACEPAD => TextEnd::Spaces,
            H5T_str_t::H5T_STR_NULLPAD => TextEnd::Nuls,
            H5T_str_t::H5T_STR_ERROR => return Err(super::failure(what)),
            _ => TextEnd::FirstNul,
        },
    })
}

/// The smallest type of this library that holds a number of so many bytes.
fn number(size: usize, types: [Dtype; 4]) -> Dtype {
    match size {
        1 => types[0],
        2 => types[1],
        3 | 4 => types[2],
        5..=8 => types[3],
        _ => Dtype::Other,
    }
}

fn classify(id: &Id, class: H5T_class_t) -> Result<Dtype> {
    // SAFETY: a live datatype; what is made from it is owned.
    unsafe {
        let size = size(id)?;
        Ok(match class {
            H5T_class_t::H5T_FLOAT => float(id, size)?,
            H5T_class_t::H5T_INTEGER => integer(id, size)?,
            H5T_class_t::H5T_STRING => Dtype::Text,
            H5T_class_t::H5T_ENUM if is_boolean(id, size)? => Dtype::Bool,
            H5T_class_t::H5T_ENUM => {
                let base = Id::new(H5Tget_super(id.raw()), "reading an enum type")?;
                integer(&base, size)?
            }
            H5T_class_t::H5T_COMPLEX => {
                let part = Id::new(H5Tget_super(id.raw()), "reading a complex type")?;
                complex_of(size, float(&part, size / 2)?)
            }
            H5T_class_t::H5T_COMPOUND if is_complex(id)? => {
                let part = Id::new(H5Tget_member_type(id.raw(), 0), "reading a compound type")?;
                complex_of(size, float(&part, size / 2)?)
            }
            _ => Dtype::Other,
        })
    }
}

/// The complex type of so many bytes, whose parts are as large as the floats of this library that hold all of their values.
fn complex_of(size: usize, part: Dtype) -> Dtype {
    match (size, part) {
        (8, Dtype::F32) => Dtype::C64,
        (16, Dtype::F64) => Dtype::C128,
        _ => Dtype::Other,
    }
}

/// The float of this library that holds all values of another one, whatever its bits mean.
fn float(id: &Id, size: usize) -> Result<Dtype> {
    let (mut sign, mut exponent, mut exponent_bits) = (0, 0, 0);
    let (mut mantissa, mut mantissa_bits) = (0, 0);
    // SAFETY: a live float type, and valid places.
    let (status, bias) = unsafe {
        let status = H5Tget_fields(
            id.raw(),
            &mut sign,
            &mut exponent,
            &mut exponent_bits,
            &mut mantissa,
            &mut mantissa_bits,
        );
        (status, H5Tget_ebias(id.raw()))
    };
    check(status, "reading a float type")?;
    if bias == 0 {
        check_bias(id)?;
    }
    // The exponents of the largest power of two and of the smallest normal number.
    let above = 1i128
        .checked_shl(exponent_bits as u32)
        .unwrap_or(i128::MAX)
        .saturating_sub(bias as i128 + 1);
    let least = 1 - bias as i128;
    let holds = |mantissa: usize, most: i128| {
        mantissa_bits <= mantissa && above <= most && least >= 2 - most
    };
    Ok(match size {
        1..=4 if holds(23, 128) => Dtype::F32,
        1..=8 if holds(52, 1024) => Dtype::F64,
        _ => Dtype::Other,
    })
}

/// Fails unless a float type has a bias of 0, which HDF5 also gives when it fails.
fn check_bias(id: &Id) -> Result<()> {
    let what = "reading the bias of a float type";
    // SAFETY: a live float type; the copy is ours to change.
    let is_so = unsafe {
        let copy = Id::new(H5Tcopy(id.raw()), what)?;
        check(H5Tset_ebias(copy.raw(), 0), what)?;
        truth(H5Tequal(copy.raw(), id.raw()), what)?
    };
    is_so.then_some(()).ok_or_else(|| super::failure(what))
}

fn integer(id: &Id, size: usize) -> Result<Dtype> {
    // SAFETY: a live datatype.
    let types = match unsafe { H5Tget_sign(id.raw()) } {
        H5T_sign_t::H5T_SGN_NONE => [Dtype::U8, Dtype::U16, Dtype::U32, Dtype::U64],
        H5T_sign_t::H5T_SGN_2 => [Dtype::I8, Dtype::I16, Dtype::I32, Dtype::I64],
        _ => return Err(super::failure("reading the sign of an integer type")),
    };
    Ok(number(size, types))
}

/// How many members an enum or a compound has.
fn members(id: &Id, what: &str) -> Result<u32> {
    // SAFETY: a live enum or compound type.
    let members = unsafe { H5Tget_nmembers(id.raw()) };
    u32::try_from(members).map_err(|_| super::failure(what))
}

/// Whether an enum is h5py's bool.
fn is_boolean(id: &Id, size: usize) -> Result<bool> {
    let what = "reading an enum type";
    if size != 1 || members(id, what)? != 2 {
        return Ok(false);
    }
    for member in 0..2 {
        let mut value = -1i8;
        let place = std::ptr::from_mut(&mut value).cast();
        // SAFETY: a live enum type, a member that it has, and room for a value of the one byte that is asked for.
        if unsafe { H5Tget_member_value(id.raw(), member, place) } < 0 {
            return Err(super::failure(what));
        }
        let is_one = match member_name(id, member, what)?.as_str() {
            "FALSE" => value == 0,
            "TRUE" => value == 1,
            _ => false,
        };
        if !is_one {
            return Ok(false);
        }
    }
    Ok(true)
}

/// Whether a compound is h5py's complex: two equal floats named r and i, without gaps.
fn is_complex(id: &Id) -> Result<bool> {
    let what = "reading a compound type";
    if members(id, what)? != 2
        || member_name(id, 0, what)? != "r"
        || member_name(id, 1, what)? != "i"
    {
        return Ok(false);
    }
    // SAFETY: a live compound type of two members; the types of these are live too.
    unsafe {
        match H5Tget_member_class(id.raw(), 0) {
            H5T_class_t::H5T_FLOAT => {}
            H5T_class_t::H5T_NO_CLASS => return Err(super::failure(what)),
            _ => return Ok(false),
        }
        let real = Id::new(H5Tget_member_type(id.raw(), 0), what)?;
        let imaginary = Id::new(H5Tget_member_type(id.raw(), 1), what)?;
        let is_pair = size(id)? == 2 * size(&real)?;
        Ok(truth(H5Tequal(real.raw(), imaginary.raw()), what)? && is_pair)
    }
}

fn member_name(id: &Id, member: u32, what: &str) -> Result<String> {
    // SAFETY: a live compound or enum type; the name is HDF5's to free.
    unsafe {
        let name = H5Tget_member_name(id.raw(), member);
        if name.is_null() {
            return Err(super::failure(what));
        }
        let text = CStr::from_ptr(name).to_string_lossy().into_owned();
        hdf5_sys::h5::H5free_memory(name.cast());
        Ok(text)
    }
}

/// Deeper descriptions than this end in an ellipsis.
const DEEPEST: usize = 4;

fn describe(id: &Id, dtype: Dtype, depth: usize) -> String {
    let inner = |id: hid_t| -> String {
        if depth == DEEPEST {
            return "…".to_owned();
        }
        let Ok(id) = Id::new(id, "reading a type") else {
            return "unknown".to_owned();
        };
        // SAFETY: a live datatype.
        let class = unsafe { H5Tget_class(id.raw()) };
        let dtype = classify(&id, class).unwrap_or(Dtype::Other);
        describe(&id, dtype, depth + 1)
    };
    // SAFETY: a live datatype; member numbers below their count.
    unsafe {
        let size = H5Tget_size(id.raw());
        match H5Tget_class(id.raw()) {
            _ if dtype.size() == size && size > 0 => dtype.name().to_owned(),
            H5T_class_t::H5T_STRING if H5Tis_variable_str(id.raw()) > 0 => {
                "text of variable length".to_owned()
            }
            H5T_class_t::H5T_STRING => format!("text of {size} bytes"),
            H5T_class_t::H5T_FLOAT => format!("float of {size} bytes"),
            H5T_class_t::H5T_INTEGER => format!("integer of {size} bytes"),
            H5T_class_t::H5T_BITFIELD => format!("bit field of {size} bytes"),
            H5T_class_t::H5T_OPAQUE => format!("opaque of {size} bytes"),
            H5T_class_t::H5T_TIME => "time".to_owned(),
            H5T_class_t::H5T_REFERENCE => "reference".to_owned(),
            H5T_class_t::H5T_ENUM => format!("enum of {}", inner(H5Tget_super(id.raw()))),
            H5T_class_t::H5T_VLEN => format!("variable-length {}", inner(H5Tget_super(id.raw()))),
            H5T_class_t::H5T_ARRAY => format!("array of {}", inner(H5Tget_super(id.raw()))),
            H5T_class_t::H5T_COMPLEX => format!("complex of {size} bytes"),
            H5T_class_t::H5T_COMPOUND => {
                let members: Vec<String> = (0..H5Tget_nmembers(id.raw()).max(0) as u32)
                    .map(|member| {
                        let name =
                            member_name(id, member, "reading a compound type").unwrap_or_default();
                        format!("{name}: {}", inner(H5Tget_member_type(id.raw(), member)))
                    })
                    .collect();
                format!("compound {{{}}}", members.join(", "))
            }
            _ => "unknown".to_owned(),
        }
    }
}

/// Takes texts of variable length out of what HDF5 put into memory, and gives that back to HDF5.
///
/// `pointers` was filled by a read of elements of type `text`, as many as `space` has.
pub(super) fn take_variable_texts(
    text: &ElementType,
    space: &Id,
    pointers: &mut [usize],
) -> Result<Vec<Vec<u8>>> {
    let _lock = lock();
    let texts = pointers
        .iter()
        .map(|&pointer| {
            if pointer == 0 {
                return Ok(Vec::new());
            }
            // SAFETY: HDF5 made terminated texts.
            let text = unsafe { CStr::from_ptr(pointer as *const std::ffi::c_char) };
            super::copy_of(text.to_bytes())
        })
        .collect();
    // SAFETY: the pointers are those of the read, with its type and space.
    unsafe { reclaim(text, space, pointers.as_mut_ptr().cast()) };
    texts
}

/// Gives back to HDF5 what it put into memory for elements of variable length.
///
/// # Safety
/// A read of all elements of `space` as `element` has filled the memory, of which nothing was given back yet.
pub(super) unsafe fn reclaim(element: &ElementType, space: &Id, elements: *mut std::ffi::c_void) {
    // SAFETY: as the caller says.
    unsafe {
        H5Treclaim(
            element.raw(),
            space.raw(),
            hdf5_sys::h5p::H5P_DEFAULT,
            elements,
        );
    }
}
