//! Element types and object kinds.

#![forbid(unsafe_code)]

use crate::error::{Error, Result};
use std::borrow::Cow;
use std::fmt;

/// The type of an element, in memory or in the file.
///
/// The values are those of the `H5SIM_*` constants of the C interface.
///
/// ```
/// use h5sim::Dtype;
/// assert_eq!((Dtype::C128.name(), Dtype::C128.size()), ("c16", 16));
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[repr(i32)]
pub enum Dtype {
    /// 64-bit IEEE float.
    F64 = 1,
    /// 32-bit IEEE float.
    F32 = 2,
    /// 64-bit signed integer.
    I64 = 3,
    /// 32-bit signed integer.
    I32 = 4,
    /// 16-bit signed integer.
    I16 = 5,
    /// 8-bit signed integer.
    I8 = 6,
    /// 64-bit unsigned integer.
    U64 = 7,
    /// 32-bit unsigned integer.
    U32 = 8,
    /// 16-bit unsigned integer.
    U16 = 9,
    /// 8-bit unsigned integer.
    U8 = 10,
    /// One byte, false or true; h5py's enum in the file.
    Bool = 11,
    /// Two 64-bit floats; h5py's compound {r, i} in the file.
    C128 = 12,
    /// Two 32-bit floats; h5py's compound {r, i} in the file.
    C64 = 13,
    /// Text of fixed or variable length.
    Text = 14,
    /// Anything else.
    Other = 15,
}

/// What types can be converted into each other.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Family {
    /// Integers and floats.
    Number,
    /// False or true; converts to numbers, but not back.
    Bool,
    /// Complex numbers.
    Complex,
    /// Texts.
    Text,
    /// Anything else.
    Other,
}

impl Dtype {
    /// Every type, in the order of the values.
    ///
    /// ```
    /// assert!(h5sim::Dtype::ALL.contains(&h5sim::Dtype::Bool));
    /// ```
    pub const ALL: [Dtype; 15] = [
        Dtype::F64,
        Dtype::F32,
        Dtype::I64,
        Dtype::I32,
        Dtype::I16,
        Dtype::I8,
        Dtype::U64,
        Dtype::U32,
        Dtype::U16,
        Dtype::U8,
        Dtype::Bool,
        Dtype::C128,
        Dtype::C64,
        Dtype::Text,
        Dtype::Other,
    ];

    /// The type of a value that crossed the C boundary.
    ///
    /// ```
    /// assert_eq!(h5sim::Dtype::from_code(1), Some(h5sim::Dtype::F64));
    /// ```
    pub fn from_code(code: i32) -> Option<Self> {
        Self::ALL.into_iter().find(|&dtype| dtype as i32 == code)
    }

    /// Bytes of an element in memory; 0 for `Text` and `Other`.
    ///
    /// ```
    /// assert_eq!(h5sim::Dtype::I16.size(), 2);
    /// ```
    pub const fn size(self) -> usize {
        match self {
            Dtype::C128 => 16,
            Dtype::F64 | Dtype::I64 | Dtype::U64 | Dtype::C64 => 8,
            Dtype::F32 | Dtype::I32 | Dtype::U32 => 4,
            Dtype::I16 | Dtype::U16 => 2,
            Dtype::I8 | Dtype::U8 | Dtype::Bool => 1,
            Dtype::Text | Dtype::Other => 0,
        }
    }

    /// The short name, NumPy's where NumPy has one.
    ///
    /// ```
    /// assert_eq!(h5sim::Dtype::F32.name(), "f4");
    /// ```
    pub const fn name(self) -> &'static str {
        match self {
            Dtype::F64 => "f8",
            Dtype::F32 => "f4",
            Dtype::I64 => "i8",
            Dtype::I32 => "i4",
            Dtype::I16 => "i2",
            Dtype::I8 => "i1",
            Dtype::U64 => "u8",
            Dtype::U32 => "u4",
            Dtype::U16 => "u2",
            Dtype::U8 => "u1",
            Dtype::Bool => "bool",
            Dtype::C128 => "c16",
            Dtype::C64 => "c8",
            Dtype::Text => "text",
            Dtype::Other => "other",
        }
    }

    /// The type of a name as `"dtype"` options give it: `f4`, `float32`, `bool`, …
    ///
    /// ```
    /// assert_eq!(h5sim::Dtype::from_name("u2"), Some(h5sim::Dtype::U16));
    /// ```
    pub fn from_name(name: &str) -> Option<Self> {
        let long = match name {
            "float64" => "f8",
            "float32" => "f4",
            "int64" => "i8",
            "int32" => "i4",
            "int16" => "i2",
            "int8" => "i1",
            "uint64" => "u8",
            "uint32" => "u4",
            "uint16" => "u2",
            "uint8" => "u1",
            "complex128" => "c16",
            "complex64" => "c8",
            short => short,
        };
        Self::ALL
            .into_iter()
            .find(|dtype| dtype.size() > 0 && dtype.name() == long)
    }

    /// What it converts with.
    #[doc(hidden)]
    pub const fn family(self) -> Family {
        match self {
            Dtype::Bool => Family::Bool,
            Dtype::C128 | Dtype::C64 => Family::Complex,
            Dtype::Text => Family::Text,
            Dtype::Other => Family::Other,
            _ => Family::Number,
        }
    }
}

impl fmt::Display for Dtype {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(self.name())
    }
}

/// Checks that elements of `from` can become elements of `to`.
///
/// `from_name` and `to_name` say in words what the two are.
pub fn check_conversion(from: Dtype, from_name: &str, to: Dtype, to_name: &str) -> Result<()> {
    let fits = matches!(
        (from.family(), to.family()),
        (Family::Number | Family::Bool, Family::Number)
            | (Family::Bool, Family::Bool)
            | (Family::Complex, Family::Complex)
    );
    if fits {
        return Ok(());
    }
    Err(Error::type_(format!(
        "{from_name} cannot be converted to {to_name}"
    )))
}

/// Elements in memory as they go into a file: of a bool anything but 0 is true there, and the
/// file's type knows 0 and 1 only.
pub fn normal(dtype: Dtype, data: &[u8]) -> Cow<'_, [u8]> {
    // All of a piece is looked at, without a branch for each byte.
    let is_other = |piece: &[u8]| piece.iter().fold(0, |all, &byte| all | byte) > 1;
    if dtype == Dtype::Bool && data.chunks(4096).any(is_other) {
        return data.iter().map(|&byte| u8::from(byte != 0)).collect();
    }
    Cow::Borrowed(data)
}

/// What is at a path. The values are those of the C interface.
///
/// ```
/// assert_eq!(h5sim::Kind::Group.to_string(), "a group");
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[repr(i32)]
pub enum Kind {
    /// Nothing, or a link that leads nowhere.
    None = 0,
    /// A group.
    Group = 1,
    /// A dataset.
    Dataset = 2,
    /// A named datatype.
    Datatype = 3,
}

impl fmt::Display for Kind {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(match self {
            Kind::None => "nothing",
            Kind::Group => "a group",
            Kind::Dataset => "a dataset",
            Kind::Datatype => "a named datatype",
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_numpys_and_lead_back() {
        for dtype in Dtype::ALL {
            let expected = (dtype.size() > 0).then_some(dtype);
            assert_eq!(Dtype::from_name(dtype.name()), expected, "{dtype}");
            assert_eq!(Dtype::from_code(dtype as i32), Some(dtype));
        }
        assert_eq!(Dtype::from_name("float32"), Some(Dtype::F32));
        assert_eq!(Dtype::from_name("complex64"), Some(Dtype::C64));
        assert_eq!(Dtype::from_name("f3"), None);
        assert_eq!(Dtype::from_code(0), None);
        assert_eq!(Dtype::from_code(16), None);
    }

    #[test]
    fn anything_but_zero_is_true() {
        assert_eq!(*normal(Dtype::Bool, &[0, 1, 2, 255]), [0, 1, 1, 1]);
        assert_eq!(*normal(Dtype::U8, &[0, 1, 2, 255]), [0, 1, 2, 255]);
    }

    #[test]
    fn a_bool_becomes_a_number_but_not_the_other_way() {
        assert!(check_conversion(Dtype::Bool, "bool", Dtype::F64, "f8").is_ok());
        let error = check_conversion(Dtype::I8, "i1", Dtype::Bool, "bool").unwrap_err();
        assert_eq!(error.message, "i1 cannot be converted to bool");
        assert!(check_conversion(Dtype::C64, "c8", Dtype::C128, "c16").is_ok());
        assert!(check_conversion(Dtype::C64, "c8", Dtype::F32, "f4").is_err());
        assert!(check_conversion(Dtype::F64, "f8", Dtype::C128, "c16").is_err());
    }
}
