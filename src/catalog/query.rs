//! Queries on metadata, in the words that users of signac and MongoDB know.
//!
//! A query is an example, `{"model": {"k0": 1.2}}`, or the same with dotted keys, `{"model.k0": 1.2}`;
//! in the place of a value there may be operators, `{"model.k0": {"$gt": 1, "$lte": 2}}`. All
//! members must match; `$or`, `$and` and `$not` combine queries. As in signac an operator
//! matches only where the key is (`$exists` asks for that), and a nested object asks for the members that it
//! names, whatever others there are. Where signac goes by Python, for which `True` is 1, this goes by
//! JSON: `true` equals `true` only. An integer equals a float of the same value; `$type` tells them apart.

#![forbid(unsafe_code)]

use super::matching::{Near, Test, Type};
use crate::error::{Error, Result};
use crate::json::{self, Object, Value, ValueKind};
use regex::Regex;

/// Operators on a value.
const OPERATORS: &str =
    "$eq, $ne, $gt, $gte, $lt, $lte, $in, $nin, $regex, $exists, $type, $near, $not";

/// How deep queries may be inside each other.
const MAX_DEPTH: usize = 100;

/// What metadata must be like.
#[derive(Clone, Debug)]
pub enum Query {
    /// Like all of these; like anything if there are none.
    All(Vec<Query>),
    /// Like one of these at least.
    Any(Vec<Query>),
    /// Not like this.
    Not(Box<Query>),
    /// The value at a key passes a test.
    Test {
        /// The names on the way to the value.
        key: Vec<String>,
        /// What it must pass.
        test: Test,
    },
}

/// Where the values of keys are looked up.
pub trait Lookup {
    /// The value at a key, if there is one.
    fn get(&self, key: &[String]) -> Option<&Value>;
}

impl Lookup for Value {
    fn get(&self, key: &[String]) -> Option<&Value> {
        descend(self, key)
    }
}

/// The value below `root` to which the names lead; in an array they are numbers.
pub fn descend<'a>(root: &'a Value, key: &[String]) -> Option<&'a Value> {
    key.iter().try_fold(root, |value, name| match value {
        Value::Object(members) => members.get(name.as_str()),
        Value::Array(elements) => elements.get(name.parse::<usize>().ok()?),
        _ => None,
    })
}

/// The names of a dotted key.
pub fn names(key: &str) -> Vec<String> {
    key.split('.').map(str::to_owned).collect()
}

impl Query {
    /// Reads a query: JSON, or an expression such as `model.k0 < 2 and run.status == "finished"`.
    ///
    /// # Errors
    /// `Argument`, naming what was expected.
    pub fn parse(text: &str) -> Result<Self> {
        let text = text.trim();
        if text.is_empty() {
            return Ok(Query::All(Vec::new()));
        }
        if !text.starts_with('{') {
            return super::expression::parse(text);
        }
        let value = json::parse(text)
            .map_err(|error| Error::argument(format!("the query: {}", error.message)))?;
        let Value::Object(members) = &value else {
            return Err(Error::argument(format!(
                "the query is {}, expected a JSON object",
                value.kind()
            )));
        };
        let mut tests = Vec::new();
        read_members(&[], members, 0, &mut tests)?;
        Ok(Query::All(tests))
    }

    /// Whether a document is like this.
    pub fn matches(&self, document: &impl Lookup) -> bool {
        match self {
            Query::All(queries) => queries.iter().all(|query| query.matches(document)),
            Query::Any(queries) => queries.iter().any(|query| query.matches(document)),
            Query::Not(query) => !query.matches(document),
            Query::Test { key, test } => test.passes(document.get(key)),
        }
    }

    /// Adds the keys that it asks for.
    pub fn collect_keys(&self, keys: &mut Vec<Vec<String>>) {
        match self {
            Query::All(queries) | Query::Any(queries) => {
                queries.iter().for_each(|query| query.collect_keys(keys));
            }
            Query::Not(query) => query.collect_keys(keys),
            Query::Test { key, .. } => keys.push(key.clone()),
        }
    }
}

/// Reads the members of an object that stands at `key` in a query.
fn read_members(
    key: &[String],
    members: &Object,
    depth: usize,
    tests: &mut Vec<Query>,
) -> Result<()> {
    if depth > MAX_DEPTH {
        return Err(Error::argument(format!(
            "the query has more than {MAX_DEPTH} objects inside each other"
        )));
    }
    for (name, value) in members {
        if key.is_empty() && matches!(&**name, "$and" | "$or" | "$not") {
            tests.push(read_logical(name, value, depth)?);
            continue;
        }
        let mut key = key.to_vec();
        key.extend(names(name));
        let operator = key.last().filter(|last| last.starts_with('$')).cloned();
        if operator.is_some() {
            key.pop();
        }
        if let Some(misplaced) = key.iter().find(|name| name.starts_with('$')) {
            return Err(Error::argument(format!(
                "'{misplaced}' in the query stands where the name of a member is expected"
            )));
        }
        match (operator, value) {
            (Some(operator), _) if key.is_empty() => {
                return Err(Error::argument(format!(
                    "'{operator}' in the query needs a key before it, as in {{\"key\": {{\"{operator}\": …}}}}; without one there are $and, $or and $not"
                )))
            }
            (Some(operator), _) => tests.push(read_operator(key, &operator, value, depth)?),
            (None, Value::Object(inner)) if !inner.is_empty() => {
                read_members(&key, inner, depth + 1, tests)?;
            }
            (None, _) => tests.push(Query::Test {
                key,
                test: Test::Equal(value.clone()),
            }),
        }
    }
    Ok(())
}

/// A query inside another.
fn read_inner(value: &Value, of: &str, depth: usize) -> Result<Query> {
    let Value::Object(members) = value else {
        return Err(Error::argument(format!(
            "'{of}' in the query has {}, expected a query",
            value.kind()
        )));
    };
    let mut tests = Vec::new();
    read_members(&[], members, depth + 1, &mut tests)?;
    Ok(Query::All(tests))
}

fn read_logical(name: &str, value: &Value, depth: usize) -> Result<Query> {
    if name == "$not" {
        return Ok(Query::Not(Box::new(read_inner(value, name, depth)?)));
    }
    let queries = match value {
        Value::Array(queries) if !queries.is_empty() => queries
            .iter()
            .map(|query| read_inner(query, name, depth))
            .collect::<Result<Vec<_>>>()?,
        _ => {
            return Err(Error::argument(format!(
                "'{name}' in the query has {}, expected an array of at least one query",
                value.kind()
            )))
        }
    };
    Ok(match name {
        "$or" => Query::Any(queries),
        _ => Query::All(queries),
    })
}

fn read_operator(key: Vec<String>, operator: &str, value: &Value, depth: usize) -> Result<Query> {
    let wrong = |expected: &str| {
        let found = match value.kind() {
            ValueKind::Array | ValueKind::Object => value.kind().to_string(),
            _ => json::dumps(value),
        };
        Error::argument(format!(
            "'{}.{operator}' in the query is {found}, expected {expected}",
            key.join(".")
        ))
    };
    let list = || match value {
        Value::Array(values) => Ok(values.clone()),
        _ => Err(wrong("an array of values")),
    };
    let test = match operator {
        "$eq" => Test::Equal(value.clone()),
        "$ne" => Test::Differs(value.clone()),
        "$gt" => Test::Greater(value.clone()),
        "$gte" => Test::AtLeast(value.clone()),
        "$lt" => Test::Less(value.clone()),
        "$lte" => Test::AtMost(value.clone()),
        "$in" => Test::In(list()?),
        "$nin" => Test::NotIn(list()?),
        "$exists" => match value {
            Value::Bool(exists) => Test::Exists(*exists),
            _ => return Err(wrong("true or false")),
        },
        "$regex" => match value {
            Value::Text(pattern) => Test::Matches(regex(pattern)?),
            _ => return Err(wrong("a regular expression")),
        },
        "$type" => match value {
            Value::Text(name) => Test::Type(
                Type::named(name)
                    .ok_or_else(|| wrong("int, float, number, bool, str, list, dict or null"))?,
            ),
            _ => return Err(wrong("the name of a type")),
        },
        "$near" => Test::Near(near(value).ok_or_else(|| {
            wrong("a number, or an array of a number, a relative and an absolute tolerance")
        })?),
        "$not" => {
            let Value::Object(members) = value else {
                return Err(wrong("an object of operators"));
            };
            let mut tests = Vec::new();
            read_members(&key, members, depth + 1, &mut tests)?;
            return Ok(Query::Not(Box::new(Query::All(tests))));
        }
        other => {
            return Err(Error::argument(format!(
                "'{other}' is no operator of queries; the operators are {OPERATORS}"
            )))
        }
    };
    Ok(Query::Test { key, test })
}

/// Reads a regular expression.
pub(super) fn regex(pattern: &str) -> Result<Regex> {
    Regex::new(pattern).map_err(|error| {
        // The library shows the place in lines of its own.
        let text = error.to_string();
        let last = text.lines().last().unwrap_or_default();
        Error::argument(format!(
            "the regular expression '{pattern}' cannot be used: {}",
            last.trim_start_matches("error: ")
        ))
    })
}

/// The number and the tolerances of `$near`.
fn near(value: &Value) -> Option<Near> {
    let numbers = match value {
        Value::Array(values) => values
            .iter()
            .map(|value| value.as_f64().ok())
            .collect::<Option<Vec<f64>>>()?,
        value => vec![value.as_f64().ok()?],
    };
    let (value, relative, absolute) = match numbers[..] {
        [value] => (value, 1e-9, 0.0),
        [value, relative] => (value, relative, 0.0),
        [value, relative, absolute] => (value, relative, absolute),
        _ => return None,
    };
    (relative >= 0.0 && absolute >= 0.0).then_some(Near {
        value,
        relative,
        absolute,
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::error::Status;

    const DOCUMENT: &str = r#"{"model": {"k0": 1.2, "n": 3, "on": true, "name": "Rössler", "list": [1, 2, {"x": 5}]},
        "dt": 0.001, "none": null, "big": 100000000000000000001}"#;

    fn matches(query: &str) -> bool {
        let document = json::parse(DOCUMENT).unwrap();
        Query::parse(query).unwrap().matches(&document)
    }

    #[test]
    fn what_matches_and_what_does_not() {
        for query in [
            "{}",
            "",
            r#"{"model": {"k0": 1.2}}"#,
            r#"{"model.k0": 1.2, "dt": 0.001}"#,
            r#"{"model": {"n": 3.0}}"#,
            r#"{"model.n": {"$type": "int"}}"#,
            r#"{"model.on": true}"#,
            r#"{"none": null}"#,
            r#"{"model.k0": {"$gt": 1, "$lt": 2}}"#,
            r#"{"model.k0.$gte": 1.2}"#,
            r#"{"big": {"$gt": 100000000000000000000.0}}"#,
            r#"{"model.name": {"$regex": "^R\\w+r$"}}"#,
            r#"{"model.list": [1, 2.0, {"x": 5}]}"#,
            r#"{"model.list.2.x": 5}"#,
            r#"{"model.list": {"$gt": [1, 1]}}"#,
            r#"{"missing": {"$exists": false}}"#,
            r#"{"model.n": {"$in": ["a", 3]}}"#,
            r#"{"model.n": {"$nin": ["a", 4]}}"#,
            r#"{"dt": {"$near": [0.00101, 0.1]}}"#,
            r#"{"$or": [{"dt": 5}, {"model.n": 3}]}"#,
            r#"{"$not": {"dt": 5}}"#,
            r#"{"missing": {"$not": {"$gt": 1}}}"#,
            r#"{"model": {"$type": "dict"}}"#,
        ] {
            assert!(matches(query), "{query}");
        }
        for query in [
            r#"{"model": {"k0": 1.3}}"#,
            r#"{"model.on": 1}"#,
            r#"{"model.n": true}"#,
            r#"{"missing": null}"#,
            r#"{"missing": {"$ne": 1}}"#,
            r#"{"model.n": {"$gt": "2"}}"#,
            r#"{"model.n": {"$type": "float"}}"#,
            r#"{"model.k0": {"$gt": 1, "$lt": 1.1}}"#,
            r#"{"model.name": {"$regex": "^x"}}"#,
            r#"{"dt": {"$near": 0.00101}}"#,
            r#"{"$and": [{"dt": 0.001}, {"model.n": 4}]}"#,
            r#"{"model.list.3": 1}"#,
            r#"{"model.name.x": 1}"#,
        ] {
            assert!(!matches(query), "{query}");
        }
    }

    #[test]
    fn what_is_no_query_is_told_of() {
        for (query, part) in [
            ("{", "the query"),
            (r#"{"a": {"$foo": 1}}"#, "'$foo' is no operator"),
            (r#"{"$gt": 1}"#, "needs a key before it"),
            (r#"{"a": {"$exists": 1}}"#, "expected true or false"),
            (r#"{"a": {"$in": 1}}"#, "expected an array of values"),
            (r#"{"a": {"$type": "x"}}"#, "expected int, float"),
            (r#"{"a": {"$near": "x"}}"#, "expected a number"),
            (r#"{"a": {"$near": [1, -1]}}"#, "expected a number"),
            (r#"{"a": {"$regex": "("}}"#, "unclosed group"),
            (
                r#"{"a": {"$gt": {"b": 1}}, "$or": []}"#,
                "at least one query",
            ),
            (r#"{"$not": 1}"#, "expected a query"),
            (r#"{"a.$gt.b": 1}"#, "'$gt' in the query stands where"),
        ] {
            let error = Query::parse(query).unwrap_err();
            assert_eq!(error.status, Status::Argument, "{query}");
            assert!(error.message.contains(part), "{query}: {error}");
        }
        let deep = format!("{}1{}", r#"{"a": "#.repeat(150), "}".repeat(150));
        assert!(Query::parse(&deep).is_err());
    }
}
