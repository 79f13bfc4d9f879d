//! Elements as nested JSON arrays.

#![forbid(unsafe_code)]

use crate::json::Value;

/// Values nested as the shape is, in C order; the value of a scalar stands for itself.
pub fn nest(mut values: Vec<Value>, shape: &[u64]) -> Value {
    if values.is_empty() {
        // An empty array has no inner extents to be seen.
        return Value::Array(Vec::new());
    }
    for &extent in shape.iter().rev() {
        values = values
            .chunks(extent as usize)
            .map(|chunk| Value::Array(chunk.to_vec()))
            .collect();
    }
    values.into_iter().next().unwrap_or(Value::Null)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::json::dumps;

    #[test]
    fn values_are_nested_as_their_shape() {
        let values = |texts: &[&str]| {
            texts
                .iter()
                .map(|&text| Value::Text(text.to_owned()))
                .collect()
        };
        let nested = |texts: &[&str], shape: &[u64]| dumps(&nest(values(texts), shape));
        assert_eq!(
            nested(&["a", "b", "c", "d"], &[2, 2]),
            r#"[["a", "b"], ["c", "d"]]"#
        );
        assert_eq!(nested(&["a", "b"], &[2]), r#"["a", "b"]"#);
        assert_eq!(nested(&["a"], &[1, 1, 1]), r#"[[["a"]]]"#);
        assert_eq!(nested(&["a"], &[]), r#""a""#);
        assert_eq!(nested(&[], &[0, 3]), "[]");
    }
}
