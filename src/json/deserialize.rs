//! Documents as Rust's types: what `serde` makes of a [`Value`].
//!
//! A [`Value`] has what Python's JSON has and plain JSON has not: `NaN`, infinities, and integers of any size.

#![forbid(unsafe_code)]

use super::object;
use super::value::{Integer, Name, Value};
use serde::de::{self, DeserializeSeed, IntoDeserializer, Unexpected, Visitor};
use serde::Deserialize;
use std::fmt;

/// How deep a document may be that becomes a type of Rust's: making one recurses.
const MAX_TYPED_DEPTH: usize = 128;

/// Makes a value of a type of a document.
///
/// # Errors
/// Where the document does not fit the type, and why.
pub fn from_value<'de, T: Deserialize<'de>>(value: &'de Value) -> Result<T, Misfit> {
    if value.depth() > MAX_TYPED_DEPTH {
        return Err(Misfit::because(Why::Other(format!(
            "more than {MAX_TYPED_DEPTH} arrays and objects are inside each other"
        ))));
    }
    T::deserialize(value)
}

/// Where a document does not fit a type, and why.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Misfit {
    /// The names and indices that lead to the place, the innermost first.
    place: Vec<String>,
    /// What is wrong there.
    pub why: Why,
}

/// Why a value does not fit a type.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Why {
    /// The type has no member of this name.
    Unknown {
        /// The name.
        name: String,
        /// Those that it has.
        known: &'static [&'static str],
    },
    /// The type has a member of this name, and the object has none.
    Missing(&'static str),
    /// The value is something else than what is expected.
    Expected(String),
    /// Anything else, in words.
    Other(String),
}

impl Misfit {
    fn because(why: Why) -> Self {
        Self {
            place: Vec::new(),
            why,
        }
    }

    fn within(mut self, name: impl fmt::Display) -> Self {
        self.place.push(name.to_string());
        self
    }

    /// The name of the outermost member that it is in.
    pub fn member(&self) -> Option<&str> {
        self.place.last().map(String::as_str)
    }
}

impl fmt::Display for Misfit {
    /// The place as a JSON pointer, and what is wrong there.
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        for name in self.place.iter().rev() {
            let name = name.replace('~', "~0").replace('/', "~1");
            write!(formatter, "/{name}")?;
        }
        if !self.place.is_empty() {
            formatter.write_str(": ")?;
        }
        match &self.why {
            Why::Unknown { name, known } => {
                write!(formatter, "'{name}' is none of {}", known.join(", "))
            }
            Why::Missing(name) => write!(formatter, "the member '{name}' is missing"),
            Why::Expected(expected) => write!(formatter, "expected {expected}"),
            Why::Other(words) => formatter.write_str(words),
        }
    }
}

impl std::error::Error for Misfit {}

impl de::Error for Misfit {
    fn custom<T: fmt::Display>(words: T) -> Self {
        Self::because(Why::Other(words.to_string()))
    }

    fn invalid_type(found: Unexpected<'_>, expected: &dyn de::Expected) -> Self {
        Self::because(Why::Expected(format!("{expected}, found {found}")))
    }

    fn invalid_value(found: Unexpected<'_>, expected: &dyn de::Expected) -> Self {
        Self::invalid_type(found, expected)
    }

    fn unknown_field(name: &str, known: &'static [&'static str]) -> Self {
        Self::because(Why::Unknown {
            name: name.to_owned(),
            known,
        })
    }

    fn missing_field(name: &'static str) -> Self {
        Self::because(Why::Missing(name))
    }
}

impl<'de> de::Deserializer<'de> for &'de Value {
    type Error = Misfit;

    fn deserialize_any<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Misfit> {
        match self {
            Value::Null => visitor.visit_unit(),
            Value::Bool(bool) => visitor.visit_bool(*bool),
            Value::Integer(Integer::Small(integer)) => visitor.visit_i64(*integer),
            Value::Integer(Integer::Big(digits)) => match (digits.parse(), self.as_f64()) {
                (Ok(integer), _) => visitor.visit_u64(integer),
                (_, Ok(float)) => visitor.visit_f64(float),
                (_, Err(error)) => Err(de::Error::custom(error)),
            },
            Value::Float(float) => visitor.visit_f64(*float),
            Value::Text(text) => visitor.visit_borrowed_str(text),
            Value::Array(elements) => {
                let mut rest = ElementAccess(elements.iter().enumerate());
                let made = visitor.visit_seq(&mut rest)?;
                match rest.0.len() {
                    0 => Ok(made),
                    more => Err(de::Error::invalid_length(
                        elements.len(),
                        &&*format!("{}", elements.len() - more),
                    )),
                }
            }
            Value::Object(members) => visitor.visit_map(Members {
                rest: members.iter(),
                current: None,
            }),
        }
    }

    fn deserialize_i128<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Misfit> {
        match self {
            Value::Integer(integer) => match integer.to_string().parse() {
                Ok(integer) => visitor.visit_i128(integer),
                Err(_) => self.deserialize_any(visitor),
            },
            _ => self.deserialize_any(visitor),
        }
    }

    fn deserialize_u128<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Misfit> {
        match self {
            Value::Integer(integer) => match integer.to_string().parse() {
                Ok(integer) => visitor.visit_u128(integer),
                Err(_) => self.deserialize_any(visitor),
            },
            _ => self.deserialize_any(visitor),
        }
    }

    fn deserialize_option<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Misfit> {
        match self {
            Value::Null => visitor.visit_none(),
            _ => visitor.visit_some(self),
        }
    }

    fn deserialize_newtype_struct<V: Visitor<'de>>(
        self,
        _: &'static str,
        visitor: V,
    ) -> Result<V::Value, Misfit> {
        visitor.visit_newtype_struct(self)
    }

    fn deserialize_enum<V: Visitor<'de>>(
        self,
        _: &'static str,
        _: &'static [&'static str],
        visitor: V,
    ) -> Result<V::Value, Misfit> {
        let (name, content) = match self {
            Value::Text(name) => (name.as_str(), None),
            Value::Object(members) if members.len() == 1 => match members.first() {
                Some((name, content)) => (&**name, Some(content)),
                None => return self.deserialize_any(visitor),
            },
            _ => {
                return Err(Misfit::because(Why::Expected(format!(
                    "the name of a variant, or an object with that name alone, found {}",
                    self.kind()
                ))))
            }
        };
        visitor.visit_enum(Variant { name, content })
    }

    serde::forward_to_deserialize_any! {
        bool i8 i16 i32 i64 u8 u16 u32 u64 f32 f64 char str string bytes byte_buf unit
        unit_struct seq tuple tuple_struct map struct identifier ignored_any
    }
}

impl<'de> IntoDeserializer<'de, Misfit> for &'de Value {
    type Deserializer = Self;

    fn into_deserializer(self) -> Self {
        self
    }
}

/// The elements of an array that are left.
struct ElementAccess<'a>(std::iter::Enumerate<std::slice::Iter<'a, Value>>);

impl<'de> de::SeqAccess<'de> for &mut ElementAccess<'de> {
    type Error = Misfit;

    fn next_element_seed<T: DeserializeSeed<'de>>(
        &mut self,
        seed: T,
    ) -> Result<Option<T::Value>, Misfit> {
        let Some((index, element)) = self.0.next() else {
            return Ok(None);
        };
        let made = seed.deserialize(element);
        made.map(Some).map_err(|misfit| misfit.within(index))
    }

    fn size_hint(&self) -> Option<usize> {
        Some(self.0.len())
    }
}

/// The members of an object that are left.
struct Members<'a> {
    rest: object::Iter<'a>,
    current: Option<(&'a Name, &'a Value)>,
}

impl<'de> de::MapAccess<'de> for Members<'de> {
    type Error = Misfit;

    fn next_key_seed<K: DeserializeSeed<'de>>(
        &mut self,
        seed: K,
    ) -> Result<Option<K::Value>, Misfit> {
        self.current = self.rest.next();
        let name = self.current.map(|(name, _)| NameReader(name));
        name.map(|name| seed.deserialize(name)).transpose()
    }

    fn next_value_seed<T: DeserializeSeed<'de>>(&mut self, seed: T) -> Result<T::Value, Misfit> {
        let Some((name, value)) = self.current.take() else {
            return Err(de::Error::custom("a value was asked for before its name"));
        };
        let made = seed.deserialize(value);
        made.map_err(|misfit| misfit.within(name))
    }

    fn size_hint(&self) -> Option<usize> {
        Some(self.rest.len())
    }
}

/// The name of a member, which stands for a number where the type's keys are numbers.
struct NameReader<'a>(&'a str);

macro_rules! parse_name {
    ($($method:ident => $visit:ident,)*) => {
        $(fn $method<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Misfit> {
            match self.0.parse() {
                Ok(number) => visitor.$visit(number),
                Err(_) => self.deserialize_any(visitor),
            }
        })*
    };
}

impl<'de> de::Deserializer<'de> for NameReader<'de> {
    type Error = Misfit;

    fn deserialize_any<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Misfit> {
        visitor.visit_borrowed_str(self.0)
    }

    parse_name! {
        deserialize_bool => visit_bool,
        deserialize_i8 => visit_i8,
        deserialize_i16 => visit_i16,
        deserialize_i32 => visit_i32,
        deserialize_i64 => visit_i64,
        deserialize_i128 => visit_i128,
        deserialize_u8 => visit_u8,
        deserialize_u16 => visit_u16,
        deserialize_u32 => visit_u32,
        deserialize_u64 => visit_u64,
        deserialize_u128 => visit_u128,
        deserialize_f32 => visit_f32,
        deserialize_f64 => visit_f64,
    }

    fn deserialize_option<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Misfit> {
        visitor.visit_some(self)
    }

    fn deserialize_newtype_struct<V: Visitor<'de>>(
        self,
        _: &'static str,
        visitor: V,
    ) -> Result<V::Value, Misfit> {
        visitor.visit_newtype_struct(self)
    }

    fn deserialize_enum<V: Visitor<'de>>(
        self,
        _: &'static str,
        _: &'static [&'static str],
        visitor: V,
    ) -> Result<V::Value, Misfit> {
        visitor.visit_enum(Variant {
            name: self.0,
            content: None,
        })
    }

    serde::forward_to_deserialize_any! {
        char str string bytes byte_buf unit unit_struct seq tuple tuple_struct map struct
        identifier ignored_any
    }
}

/// A variant of an enum: its name, and what is in it.
struct Variant<'a> {
    name: &'a str,
    content: Option<&'a Value>,
}

impl<'de> de::EnumAccess<'de> for Variant<'de> {
    type Error = Misfit;
    type Variant = Self;

    fn variant_seed<V: DeserializeSeed<'de>>(self, seed: V) -> Result<(V::Value, Self), Misfit> {
        let name = seed.deserialize(NameReader(self.name))?;
        Ok((name, self))
    }
}

impl<'de> Variant<'de> {
    fn content(&self) -> Result<&'de Value, Misfit> {
        self.content.ok_or_else(|| {
            Misfit::because(Why::Expected(format!(
                "an object with what '{}' holds, found its name alone",
                self.name
            )))
        })
    }
}

impl<'de> de::VariantAccess<'de> for Variant<'de> {
    type Error = Misfit;

    fn unit_variant(self) -> Result<(), Misfit> {
        match self.content {
            None | Some(Value::Null) => Ok(()),
            Some(_) => Err(Misfit::because(Why::Expected(format!(
                "nothing in '{}'",
                self.name
            )))),
        }
    }

    fn newtype_variant_seed<T: DeserializeSeed<'de>>(self, seed: T) -> Result<T::Value, Misfit> {
        let made = seed.deserialize(self.content()?);
        made.map_err(|misfit| misfit.within(self.name))
    }

    fn tuple_variant<V: Visitor<'de>>(self, _: usize, visitor: V) -> Result<V::Value, Misfit> {
        let made = de::Deserializer::deserialize_any(self.content()?, visitor);
        made.map_err(|misfit| misfit.within(self.name))
    }

    fn struct_variant<V: Visitor<'de>>(
        self,
        _: &'static [&'static str],
        visitor: V,
    ) -> Result<V::Value, Misfit> {
        let made = de::Deserializer::deserialize_any(self.content()?, visitor);
        made.map_err(|misfit| misfit.within(self.name))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::json::parse;
    use std::collections::BTreeMap;

    #[derive(Debug, PartialEq, Deserialize)]
    enum Method {
        Euler,
        RungeKutta(u8),
        Adaptive { tolerance: f64 },
        Pair(i8, i8),
    }

    #[derive(Debug, PartialEq, Deserialize)]
    #[serde(deny_unknown_fields)]
    struct Parameters {
        dt: f64,
        steps: u64,
        name: Option<String>,
        methods: Vec<Method>,
        #[serde(default)]
        weights: BTreeMap<i32, (f64, bool)>,
    }

    fn read(text: &str) -> Result<Parameters, String> {
        let value = parse(text).unwrap();
        from_value(&value).map_err(|misfit| misfit.to_string())
    }

    #[test]
    fn structs_enums_maps_and_numbers_of_python_are_read() {
        let text = r#"{"dt": NaN, "steps": 18446744073709551615, "name": null,
            "methods": ["Euler", {"RungeKutta": 4}, {"Adaptive": {"tolerance": 1}}, {"Pair": [-1, 2]}],
            "weights": {"-3": [1e400, true], "10": [123456789012345678901234567890, false]}}"#;
        let parameters = read(text).unwrap();
        assert!(parameters.dt.is_nan());
        assert_eq!(parameters.steps, u64::MAX);
        assert_eq!(parameters.name, None);
        assert_eq!(
            parameters.methods,
            [
                Method::Euler,
                Method::RungeKutta(4),
                Method::Adaptive { tolerance: 1.0 },
                Method::Pair(-1, 2)
            ]
        );
        let weights: Vec<_> = parameters.weights.into_iter().collect();
        assert_eq!(
            weights,
            [
                (-3, (f64::INFINITY, true)),
                (10, (123_456_789_012_345_678_901_234_567_890.0, false))
            ]
        );
        let big = parse("-170141183460469231731687303715884105728").unwrap();
        assert_eq!(from_value::<i128>(&big), Ok(i128::MIN));
    }

    #[test]
    fn what_does_not_fit_is_told_with_its_place() {
        let with = |methods: &str| {
            read(&format!(r#"{{"dt": 1, "steps": 2, "methods": {methods}}}"#)).unwrap_err()
        };
        assert_eq!(
            with(r#"["Euler", {"RungeKutta": 300}]"#),
            "/methods/1/RungeKutta: expected u8, found integer `300`"
        );
        assert_eq!(
            with(r#"[{"Pair": [1, 2, 3]}]"#),
            "/methods/0/Pair: invalid length 3, expected 2"
        );
        assert_eq!(
            with(r#"["RungeKutta"]"#),
            "/methods/0: expected an object with what 'RungeKutta' holds, found its name alone"
        );
        assert_eq!(
            with(r#"[1]"#),
            "/methods/0: expected the name of a variant, or an object with that name alone, found an integer"
        );
        assert_eq!(
            read(r#"{"dt": 1, "methods": []}"#).unwrap_err(),
            "the member 'steps' is missing"
        );
        assert_eq!(
            read(r#"{"dt": 1, "step": 1}"#).unwrap_err(),
            "'step' is none of dt, steps, name, methods, weights"
        );
        let deep = parse(&("[".repeat(129) + &"]".repeat(129))).unwrap();
        assert!(from_value::<de::IgnoredAny>(&deep).is_err());
    }
}
