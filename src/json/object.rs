//! The members of a JSON object.

#![forbid(unsafe_code)]

use super::value::{Name, Value};
use indexmap::map::MutableKeys;
use indexmap::IndexMap;

/// So many members are looked through one after the other: for them a table of hashes costs more than it saves, most of all memory,
/// where a program has many documents.
const FEW: usize = 8;

/// Members in the order in which they were first given; a later duplicate
/// replaces the value and keeps the place, as in a Python dict.
///
/// Two are equal if they have equal members, in any order.
#[derive(Clone, Debug, Default)]
pub struct Object(Members);

#[derive(Clone, Debug)]
enum Members {
    Few(Vec<(Name, Value)>),
    Many(Box<IndexMap<Name, Value>>),
}

impl Default for Members {
    fn default() -> Self {
        Self::Few(Vec::new())
    }
}

impl Object {
    /// An object without members.
    pub fn new() -> Self {
        Self::default()
    }

    /// How many members there are.
    pub fn len(&self) -> usize {
        match &self.0 {
            Members::Few(members) => members.len(),
            Members::Many(members) => members.len(),
        }
    }

    /// Whether there are none.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// The members, in their order.
    pub fn iter(&self) -> Iter<'_> {
        Iter(match &self.0 {
            Members::Few(members) => Rest::Few(members.iter()),
            Members::Many(members) => Rest::Many(members.iter()),
        })
    }

    /// The names.
    pub fn keys(&self) -> impl Iterator<Item = &Name> {
        self.iter().map(|(name, _)| name)
    }

    /// The values.
    pub fn values(&self) -> impl Iterator<Item = &Value> {
        self.iter().map(|(_, value)| value)
    }

    /// The first member.
    pub fn first(&self) -> Option<(&Name, &Value)> {
        self.iter().next()
    }

    /// The member of that name.
    pub fn get_key_value(&self, name: &str) -> Option<(&Name, &Value)> {
        match &self.0 {
            Members::Few(members) => {
                let found = members.iter().find(|(other, _)| other == name);
                found.map(|(name, value)| (name, value))
            }
            Members::Many(members) => members.get_key_value(name),
        }
    }

    /// The value of that name.
    pub fn get(&self, name: &str) -> Option<&Value> {
        self.get_key_value(name).map(|(_, value)| value)
    }

    /// Whether there is a member of that name.
    pub fn contains_key(&self, name: &str) -> bool {
        self.get_key_value(name).is_some()
    }

    /// The member of that name, whose value may be changed, and what kind of key the name stands for.
    pub fn get_key_value_mut(&mut self, name: &str) -> Option<(&mut Name, &mut Value)> {
        match &mut self.0 {
            Members::Few(members) => {
                let found = members.iter_mut().find(|(other, _)| other == name);
                found.map(|(name, value)| (name, value))
            }
            Members::Many(members) => {
                let found = members.get_full_mut2(name);
                found.map(|(_, name, value)| (name, value))
            }
        }
    }

    /// The value of that name, to be changed.
    pub fn get_mut(&mut self, name: &str) -> Option<&mut Value> {
        self.get_key_value_mut(name).map(|(_, value)| value)
    }

    /// Adds a member, or replaces the value of one that is there, which keeps its name.
    pub fn insert(&mut self, name: Name, value: Value) {
        match self.get_mut(&name) {
            Some(there) => *there = value,
            None => self.add(name, value),
        }
    }

    /// The value of a name, to be changed: this one if there was none.
    pub fn get_or_insert(&mut self, name: Name, value: Value) -> &mut Value {
        let found = match &self.0 {
            Members::Few(members) => members.iter().position(|(other, _)| *other == name),
            Members::Many(members) => members.get_index_of(&name),
        };
        let place = found.unwrap_or_else(|| {
            self.add(name, value);
            self.len() - 1
        });
        match &mut self.0 {
            Members::Few(members) => &mut members[place].1,
            Members::Many(members) => &mut members[place],
        }
    }

    /// Adds a member of a name that is not there.
    pub(super) fn add(&mut self, name: Name, value: Value) {
        match &mut self.0 {
            Members::Few(members) if members.len() < FEW => {
                if members.len() == members.capacity() {
                    // Most have one or two: a vector would begin with room for four.
                    members.reserve_exact(members.len().max(1));
                }
                members.push((name, value));
            }
            Members::Few(members) => {
                let mut many: IndexMap<_, _> = members.drain(..).collect();
                many.insert(name, value);
                self.0 = Members::Many(Box::new(many));
            }
            Members::Many(members) => {
                members.insert(name, value);
            }
        }
    }

    /// Takes a member out, and gives its value; the others keep their order.
    pub fn shift_remove(&mut self, name: &str) -> Option<Value> {
        match &mut self.0 {
            Members::Few(members) => {
                let found = members.iter().position(|(other, _)| other == name)?;
                Some(members.remove(found).1)
            }
            Members::Many(members) => members.shift_remove(name),
        }
    }
}

impl PartialEq for Object {
    fn eq(&self, other: &Self) -> bool {
        self.len() == other.len()
            && self
                .iter()
                .all(|(name, value)| other.get(name) == Some(value))
    }
}

impl std::ops::Index<&str> for Object {
    type Output = Value;

    /// The value of a name that is there.
    fn index(&self, name: &str) -> &Value {
        match self.get(name) {
            Some(value) => value,
            None => panic!("there is no member '{name}'"),
        }
    }
}

impl FromIterator<(Name, Value)> for Object {
    fn from_iter<T: IntoIterator<Item = (Name, Value)>>(members: T) -> Self {
        let mut object = Self::new();
        for (name, value) in members {
            object.insert(name, value);
        }
        object
    }
}

impl<const N: usize> From<[(Name, Value); N]> for Object {
    fn from(members: [(Name, Value); N]) -> Self {
        members.into_iter().collect()
    }
}

impl<'a> IntoIterator for &'a Object {
    type Item = (&'a Name, &'a Value);
    type IntoIter = Iter<'a>;

    fn into_iter(self) -> Self::IntoIter {
        self.iter()
    }
}

impl IntoIterator for Object {
    type Item = (Name, Value);
    type IntoIter = std::vec::IntoIter<(Name, Value)>;

    fn into_iter(self) -> Self::IntoIter {
        match self.0 {
            Members::Few(members) => members.into_iter(),
            Members::Many(members) => members.into_iter().collect::<Vec<_>>().into_iter(),
        }
    }
}

/// The members of an object that are still to come.
#[derive(Clone, Debug)]
pub struct Iter<'a>(Rest<'a>);

#[derive(Clone, Debug)]
enum Rest<'a> {
    Few(std::slice::Iter<'a, (Name, Value)>),
    Many(indexmap::map::Iter<'a, Name, Value>),
}

impl<'a> Iterator for Iter<'a> {
    type Item = (&'a Name, &'a Value);

    fn next(&mut self) -> Option<Self::Item> {
        match &mut self.0 {
            Rest::Few(members) => members.next().map(|(name, value)| (name, value)),
            Rest::Many(members) => members.next(),
        }
    }

    fn size_hint(&self) -> (usize, Option<usize>) {
        let left = match &self.0 {
            Rest::Few(members) => members.len(),
            Rest::Many(members) => members.len(),
        };
        (left, Some(left))
    }
}

impl ExactSizeIterator for Iter<'_> {}

#[cfg(test)]
mod tests {
    use super::*;

    fn numbered(count: usize) -> Object {
        let member = |number: usize| (number.to_string().into(), Value::Float(number as f64));
        (0..count).map(member).collect()
    }

    #[test]
    fn few_members_and_many_are_kept_alike() {
        for count in [0, 1, FEW - 1, FEW, FEW + 1, 3 * FEW] {
            let mut object = numbered(count);
            assert_eq!((object.len(), object.is_empty()), (count, count == 0));
            assert_eq!(object.iter().len(), count);
            for number in 0..count {
                let name = number.to_string();
                assert_eq!(object[&name], Value::Float(number as f64));
                // The last of two is the value, at the place of the first.
                object.insert(name.as_str().into(), Value::Bool(true));
            }
            assert!(!object.contains_key("x") && object.get_mut("x").is_none());
            let names = (0..count).map(|number| number.to_string());
            assert!(object.keys().map(|name| name.to_string()).eq(names));
            assert!(object.values().all(|value| *value == Value::Bool(true)));
            assert_eq!(object.shift_remove("x"), None);
            if count > 1 {
                assert_eq!(object.shift_remove("0"), Some(Value::Bool(true)));
                let first = object.first().map(|(name, _)| name.to_string());
                assert_eq!(first.as_deref(), Some("1"));
                assert_eq!(object.into_iter().count(), count - 1);
            }
        }
    }

    #[test]
    fn the_order_of_members_does_not_matter_where_objects_are_compared() {
        for count in [2, FEW, FEW + 1] {
            let object = numbered(count);
            let mut other: Object = numbered(count + 1).into_iter().collect();
            assert_ne!(object, other);
            other.shift_remove(&count.to_string());
            let first = other.shift_remove("0").unwrap();
            other.insert("0".into(), first);
            assert_eq!(object, other);
            other.insert("1".into(), Value::Null);
            assert_ne!(object, other);
        }
    }

    #[test]
    fn a_document_of_two_small_objects_needs_little_memory() {
        assert!(size_of::<(Name, Value)>() <= 56);
        let object: Object = [("a".into(), Value::Null)].into();
        let Members::Few(members) = &object.0 else {
            panic!("one member is few");
        };
        assert_eq!(members.capacity(), 1);
    }
}
