//! What datasets say of themselves, as JSON: `"dims"` and `"attrs"`.

#![forbid(unsafe_code)]

use super::options::wrong;
use crate::error::{Error, Result};
use crate::json::{self, Integer, Name, Object, Value};
use crate::store::{AttributeValue, DescribedAttribute, Description, Names};

/// Reads it from the options of a write; None where they have none.
pub(super) fn description(options: &Object) -> Result<Option<Description>> {
    let given = |key| options.get(key).filter(|value| **value != Value::Null);
    let (dims, attributes) = (given("dims"), given("attrs"));
    if dims.is_none() && attributes.is_none() {
        return Ok(None);
    }
    Ok(Some(Description {
        dims: dims.map(names).transpose()?,
        attributes: match attributes {
            None => Vec::new(),
            Some(Value::Object(members)) => attributes_of(members)?,
            Some(other) => {
                let expected = "an object such as {\"units\": \"m/s\"}";
                return Err(wrong("attrs", other, expected));
            }
        },
    }))
}

/// Reads the names of axes; null is none.
pub(super) fn parse_names(text: &str) -> Result<Option<Names>> {
    let value =
        json::parse(text).map_err(|error| Error::argument(format!("dims: {}", error.message)))?;
    match value {
        Value::Null => Ok(None),
        value => names(&value).map(Some),
    }
}

fn names(value: &Value) -> Result<Names> {
    let refuse = || wrong("dims", value, "an array of names such as [\"time\", \"x\"]");
    let Value::Array(values) = value else {
        return Err(refuse());
    };
    if let Some(axis) = values.iter().position(|value| *value == Value::Null) {
        return Err(Error::argument(format!(
            "option 'dims' has no name for axis {axis}: name all axes of a dataset or none, readers of netCDF take nothing between"
        )));
    }
    let name = |value: &Value| match value {
        Value::Text(name) => Ok(name.as_str().into()),
        _ => Err(refuse()),
    };
    values.iter().map(name).collect()
}

fn attributes_of(members: &Object) -> Result<Vec<DescribedAttribute>> {
    let attribute = |(name, value): (&Name, &Value)| {
        match attribute_value(value) {
        Some(value) => Ok(DescribedAttribute::new(name, value)),
        None => Err(Error::argument(format!(
            "option 'attrs' has '{name}', expected a text, a number, true or false, or an array of numbers"
        ))),
    }
    };
    members.iter().map(attribute).collect()
}

/// What a value is as an attribute.
fn attribute_value(value: &Value) -> Option<AttributeValue> {
    Some(match value {
        Value::Text(text) => text.as_str().into(),
        Value::Bool(value) => (*value).into(),
        Value::Integer(Integer::Small(number)) => (*number).into(),
        Value::Integer(_) | Value::Float(_) => value.as_f64().ok()?.into(),
        Value::Array(values) => {
            let whole = |value: &Value| match value {
                Value::Integer(Integer::Small(number)) => Some(*number),
                _ => None,
            };
            let number = |value: &Value| match value {
                Value::Integer(_) | Value::Float(_) => value.as_f64().ok(),
                _ => None,
            };
            match values.iter().map(whole).collect::<Option<Vec<i64>>>() {
                Some(numbers) => numbers.into(),
                None => values
                    .iter()
                    .map(number)
                    .collect::<Option<Vec<f64>>>()?
                    .into(),
            }
        }
        Value::Null | Value::Object(_) => return None,
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::store::Dtype;

    fn read(text: &str) -> Result<Option<Description>> {
        match json::parse(text).unwrap() {
            Value::Object(options) => description(&options),
            _ => panic!("options are an object"),
        }
    }

    #[test]
    fn a_description_is_read_from_the_options() {
        assert_eq!(read("{\"chunks\": true, \"dims\": null}").unwrap(), None);
        let text = "{\"\\u0064ims\": [\"t\", \"x\"], \"attrs\": {\"units\": \"m\", \"n\": 3, \"r\": [1, 2.5], \"i\": [1], \"b\": true}}";
        let description = read(text).unwrap().unwrap();
        let dims = description.dims.unwrap();
        assert_eq!((&*dims[0], &*dims[1]), ("t", "x"));
        let types: Vec<Dtype> = description.attributes.iter().map(|one| one.dtype).collect();
        assert_eq!(
            types,
            [Dtype::Text, Dtype::I64, Dtype::F64, Dtype::I64, Dtype::Bool]
        );
    }

    #[test]
    fn half_named_axes_and_what_is_no_attribute_are_refused() {
        let refused = |text: &str| read(text).unwrap_err().message;
        assert!(refused("{\"dims\": [\"t\", null]}").contains("no name for axis 1"));
        assert!(refused("{\"dims\": \"t\"}").contains("expected an array of names"));
        assert!(refused("{\"attrs\": {\"a\": null}}").contains("'a'"));
        assert!(refused("{\"attrs\": 5}").contains("expected an object"));
        assert_eq!(parse_names("null").unwrap(), None);
        assert!(parse_names("{").is_err());
    }
}
