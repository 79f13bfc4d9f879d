//! Paths of objects.

#![forbid(unsafe_code)]

use crate::error::{Error, Result};
use crate::format::links::Target;
use indexmap::Equivalent;
use std::borrow::Cow;

/// A normal path that is looked up in a map. That of the root is not compared as memory, for the reason of
/// [`slice::alike`](crate::slice::alike).
#[derive(Hash)]
pub struct Sought<'a>(pub &'a str);

impl Equivalent<Box<str>> for Sought<'_> {
    fn equivalent(&self, key: &Box<str>) -> bool {
        self.0.len() == key.len() && (self.0.is_empty() || *self.0 == **key)
    }
}

/// A path without superfluous slashes and dots: `a/b/c`; the root is the empty one.
pub fn normalise(path: &str) -> String {
    let mut normal = String::with_capacity(path.len());
    for name in names(path) {
        if !normal.is_empty() {
            normal.push('/');
        }
        normal.push_str(name);
    }
    normal
}

/// The normal form of a path, which is copied only where it has another.
pub fn normal(path: &str) -> Cow<'_, str> {
    match is_normal(path.as_bytes()) {
        true => Cow::Borrowed(path),
        false => Cow::Owned(normalise(path)),
    }
}

/// Whether a path has names, each of which is there and none is `.`. Paths are short: going through their bytes takes less than searching them.
fn is_normal(path: &[u8]) -> bool {
    let is_end = |at: usize| path.get(at).is_none_or(|&byte| byte == b'/');
    let is_no_name = |start: usize| is_end(start) || (path[start] == b'.' && is_end(start + 1));
    !is_no_name(0) && !(0..path.len()).any(|at| path[at] == b'/' && is_no_name(at + 1))
}

/// Where the first slash of a path is.
pub fn first_slash(path: &str) -> Option<usize> {
    path.bytes().position(|byte| byte == b'/')
}

/// Where the last slash of a path is.
pub fn last_slash(path: &str) -> Option<usize> {
    path.bytes().rposition(|byte| byte == b'/')
}

/// How many slashes there are in a path.
pub fn slashes(path: &str) -> usize {
    path.bytes().filter(|&byte| byte == b'/').count()
}

/// The names on the way, as HDF5 reads a path: `.` is where one is already.
pub fn names(path: &str) -> impl Iterator<Item = &str> {
    path.split('/')
        .filter(|name| !name.is_empty() && *name != ".")
}

/// The normal form of a path that names something to be made.
pub fn of_new(path: &str) -> Result<String> {
    let normal = normalise(path);
    if normal.is_empty() {
        return Err(Error::argument(format!(
            "path is '{path}', expected the name of an object below the root"
        )));
    }
    Ok(normal)
}

/// What to give HDF5, which has no empty paths.
pub fn or_root(normal: &str) -> &str {
    if normal.is_empty() {
        "/"
    } else {
        normal
    }
}

/// A normal path whose part before a byte is that of a soft link to `target`, with what that leads to in its place.
fn followed(normal: &str, end: usize, target: &str) -> String {
    let (group, _) = split(&normal[..end]);
    let whole = match target.starts_with('/') {
        true => format!("{target}/{}", &normal[end..]),
        false => format!("{group}/{target}/{}", &normal[end..]),
    };
    normalise(&whole)
}

/// The most soft links that are followed one after the other, as HDF5 does.
const MOST_FOLLOWED: usize = 16;

/// The path of hard links by which what is at a normal one is found too, by where each link of a group leads; None if no soft link is on the way, or if one
/// leads nowhere that is known.
pub fn real(
    normal: &str,
    mut target: impl FnMut(&str, &str) -> Result<Option<Target>>,
) -> Result<Option<String>> {
    let mut real = Cow::Borrowed(normal);
    let (mut followed_links, mut end) = (0, 0);
    while end < real.len() {
        let start = if end == 0 { 0 } else { end + 1 };
        let next = first_slash(&real[start..]).map_or(real.len(), |slash| start + slash);
        match target(&real[..end], &real[start..next])? {
            Some(Target::Hard(_)) => end = next,
            Some(Target::Soft(path)) if followed_links < MOST_FOLLOWED => {
                followed_links += 1;
                real = Cow::Owned(followed(&real, next, &path));
                end = 0;
            }
            _ => return Ok(None),
        }
    }
    Ok((followed_links > 0).then(|| real.into_owned()))
}

/// Group and name of a path that is not the root.
pub fn split(normal: &str) -> (&str, &str) {
    match last_slash(normal) {
        Some(slash) => (&normal[..slash], &normal[slash + 1..]),
        None => ("", normal),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn slashes_and_dots_do_not_count() {
        assert_eq!(normalise("/a//b/./c/"), "a/b/c");
        assert_eq!(normalise("/"), "");
        assert_eq!(normalise("a/../b"), "a/../b");
        assert_eq!(split("a/b/c"), ("a/b", "c"));
        assert_eq!(split("c"), ("", "c"));
        assert!(of_new("//.").is_err());
        assert_eq!(followed("a/b/c", 3, "d/./e"), "a/d/e/c");
        assert_eq!(followed("a/b", 3, "/d"), "d");
        assert_eq!(followed("a", 1, "."), "");
        assert!(matches!(normal("a/b.c"), Cow::Borrowed("a/b.c")));
        for path in ["/a/b", "a//b", "a/./b", "a/b/", "./a/b", "a/b/.", "//a/b"] {
            assert!(matches!(normal(path), Cow::Owned(_)));
            assert_eq!(normal(path), "a/b");
        }
        for path in ["a", ".a", "..", "a/..", "a./.b", "é/ü"] {
            assert!(matches!(normal(path), Cow::Borrowed(_)), "{path}");
        }
        for path in ["", "/", ".", "./"] {
            assert_eq!(normal(path), "");
        }
        assert_eq!(
            (
                first_slash("ab/c/d"),
                last_slash("ab/c/d"),
                slashes("ab/c/d")
            ),
            (Some(2), Some(4), 2)
        );
        assert_eq!(
            (first_slash("ab"), last_slash("ab"), slashes("")),
            (None, None, 0)
        );
    }

    #[test]
    fn paths_are_found_in_maps() {
        let paths = ["", "a", "ab", "a/b"];
        let map: indexmap::IndexSet<Box<str>> = paths.into_iter().map(Box::from).collect();
        for (place, path) in paths.into_iter().enumerate() {
            assert_eq!(map.get_index_of(&Sought(path)), Some(place));
        }
        for missing in ["b", "aa", "a/", "/"] {
            assert!(!map.contains(&Sought(missing)));
        }
    }
}
