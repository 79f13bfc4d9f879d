//! Attributes and texts.

use super::array::{shape_of, Array};
use super::element::{bytes_of, Element};
use super::file::{File, Growing};
use crate::error::Result;
use crate::store::{Dtype, TextOptions};
use ndarray::Dimension;

impl File {
    /// Sets an attribute of a group or dataset to an array or a number, replacing one of that name.
    ///
    /// ```
    /// # fn main() -> h5sim::Result<()> {
    /// # let path = std::env::temp_dir().join(format!("h5sim-{}-set_attr.h5", std::process::id()));
    /// # use h5sim::{File, Mode};
    /// # let file = File::open(&path, Mode::Create)?;
    /// file.write("u", &[1.0, 2.0])?;
    /// file.set_attr("u", "step", &7)?;
    /// file.set_attr_text("u", "units", "m/s")?;
    /// assert_eq!(file.attr_keys("u")?, ["step", "units"]);
    /// assert_eq!(file.get_attr::<i64, ndarray::Ix0>("u", "step")?.into_scalar(), 7);
    /// assert_eq!(file.get_attr_text("u", "units")?, "m/s");
    /// assert_eq!(file.attr_info("u", "step")?, (h5sim::Dtype::I32, vec![]));
    /// file.delete_attr("u", "step")?;
    /// # file.close()?;
    /// # std::fs::remove_file(&path).unwrap();
    /// # Ok(())
    /// # }
    /// ```
    ///
    /// # Errors
    /// `NotFound` (the object), `Shape` (too large for an attribute), `ReadOnly`, `Io`.
    pub fn set_attr<A: Array + ?Sized>(&self, object: &str, name: &str, value: &A) -> Result<()> {
        let view = value.elements();
        let packed = view.as_standard_layout();
        let elements = packed.as_slice().unwrap_or_default();
        let shape = shape_of(view.shape());
        self.call(|file| {
            file.set_attribute(object, name, A::Element::DTYPE, &shape, bytes_of(elements))
        })
    }

    /// Reads an attribute, converted to the type that is asked for; see [`set_attr`](Self::set_attr).
    ///
    /// ```
    /// # fn main() -> h5sim::Result<()> {
    /// # let path = std::env::temp_dir().join(format!("h5sim-{}-get_attr.h5", std::process::id()));
    /// # use h5sim::{File, Mode};
    /// # let file = File::open(&path, Mode::Create)?;
    /// file.set_attr("/", "origin", &[0.5, 1.5])?;
    /// assert_eq!(file.get_attr::<f64, ndarray::Ix1>("/", "origin")?.to_vec(), [0.5, 1.5]);
    /// # file.close()?;
    /// # std::fs::remove_file(&path).unwrap();
    /// # Ok(())
    /// # }
    /// ```
    ///
    /// # Errors
    /// `NotFound` (the object or the attribute), `Shape` (another number of axes), `Type` (the types do not convert).
    pub fn get_attr<T: Element, D: Dimension>(
        &self,
        object: &str,
        name: &str,
    ) -> Result<ndarray::Array<T, D>> {
        let mut room = Growing::default();
        self.call(|file| file.get_attribute(object, name, T::DTYPE, &mut room))?;
        room.array()
    }

    /// Sets an attribute to a text, replacing one of that name; see [`set_attr`](Self::set_attr).
    ///
    /// ```
    /// # fn main() -> h5sim::Result<()> {
    /// # let path = std::env::temp_dir().join(format!("h5sim-{}-set_attr_text.h5", std::process::id()));
    /// # use h5sim::{File, Mode};
    /// # let file = File::open(&path, Mode::Create)?;
    /// file.set_attr_text("/", "title", "a run")?;
    /// file.set_attr_text("/", "title", "another")?;
    /// assert_eq!(file.get_attr_text("/", "title")?, "another");
    /// # file.close()?;
    /// # std::fs::remove_file(&path).unwrap();
    /// # Ok(())
    /// # }
    /// ```
    ///
    /// # Errors
    /// As [`set_attr`](Self::set_attr).
    pub fn set_attr_text(&self, object: &str, name: &str, text: &str) -> Result<()> {
        self.call(|file| file.set_attribute_text(object, name, text))
    }

    /// Reads an attribute that is one text; see [`set_attr`](Self::set_attr).
    ///
    /// ```
    /// # fn main() -> h5sim::Result<()> {
    /// # let path = std::env::temp_dir().join(format!("h5sim-{}-get_attr_text.h5", std::process::id()));
    /// # use h5sim::{File, Mode};
    /// # let file = File::open(&path, Mode::Create)?;
    /// file.set_attr("/", "step", &7)?;
    /// assert_eq!(file.get_attr_text("/", "step").unwrap_err().kind(), h5sim::Status::Type);
    /// assert_eq!(file.get_attr_text("/", "name").unwrap_err().kind(), h5sim::Status::NotFound);
    /// # file.close()?;
    /// # std::fs::remove_file(&path).unwrap();
    /// # Ok(())
    /// # }
    /// ```
    ///
    /// # Errors
    /// `NotFound`, `Type` (no text).
    pub fn get_attr_text(&self, object: &str, name: &str) -> Result<String> {
        self.call(|file| file.get_attribute_text(object, name))
    }

    /// The type of an attribute's elements, and its shape; see [`set_attr`](Self::set_attr).
    ///
    /// ```
    /// # fn main() -> h5sim::Result<()> {
    /// # let path = std::env::temp_dir().join(format!("h5sim-{}-attr_info.h5", std::process::id()));
    /// # use h5sim::{File, Mode};
    /// # let file = File::open(&path, Mode::Create)?;
    /// file.set_attr("/", "n", &[1u8, 2, 3])?;
    /// assert_eq!(file.attr_info("/", "n")?, (h5sim::Dtype::U8, vec![3]));
    /// # file.close()?;
    /// # std::fs::remove_file(&path).unwrap();
    /// # Ok(())
    /// # }
    /// ```
    ///
    /// # Errors
    /// `NotFound`.
    pub fn attr_info(&self, object: &str, name: &str) -> Result<(Dtype, Vec<u64>)> {
        self.call(|file| file.attribute_info(object, name))
    }

    /// The names of an object's attributes, in alphabetical order; see [`set_attr`](Self::set_attr).
    ///
    /// ```
    /// # fn main() -> h5sim::Result<()> {
    /// # let path = std::env::temp_dir().join(format!("h5sim-{}-attr_keys.h5", std::process::id()));
    /// # use h5sim::{File, Mode};
    /// # let file = File::open(&path, Mode::Create)?;
    /// file.set_attr("/", "step", &7)?;
    /// file.set_attr_text("/", "host", "here")?;
    /// assert_eq!(file.attr_keys("/")?, ["host", "step"]);
    /// # file.close()?;
    /// # std::fs::remove_file(&path).unwrap();
    /// # Ok(())
    /// # }
    /// ```
    ///
    /// # Errors
    /// `NotFound`.
    pub fn attr_keys(&self, object: &str) -> Result<Vec<String>> {
        self.call(|file| file.attribute_keys(object))
    }

    /// Deletes an attribute; see [`set_attr`](Self::set_attr).
    ///
    /// ```
    /// # fn main() -> h5sim::Result<()> {
    /// # let path = std::env::temp_dir().join(format!("h5sim-{}-delete_attr.h5", std::process::id()));
    /// # use h5sim::{File, Mode};
    /// # let file = File::open(&path, Mode::Create)?;
    /// file.set_attr("/", "step", &7)?;
    /// file.delete_attr("/", "step")?;
    /// assert!(file.attr_keys("/")?.is_empty());
    /// # file.close()?;
    /// # std::fs::remove_file(&path).unwrap();
    /// # Ok(())
    /// # }
    /// ```
    ///
    /// # Errors
    /// `NotFound`, `ReadOnly`, `Io`.
    pub fn delete_attr(&self, object: &str, name: &str) -> Result<()> {
        self.call(|file| file.delete_attribute(object, name))
    }

    /// Writes a text to a new scalar dataset.
    ///
    /// ```
    /// # fn main() -> h5sim::Result<()> {
    /// # let path = std::env::temp_dir().join(format!("h5sim-{}-write_text.h5", std::process::id()));
    /// # use h5sim::{File, Mode};
    /// # let file = File::open(&path, Mode::Create)?;
    /// file.write_text("log", "all is well")?;
    /// assert_eq!(file.read_text("log")?, "all is well");
    /// file.write_texts("species", &[2], &["H2", "O2"])?;
    /// assert_eq!(file.read_texts("species")?, (vec!["H2".into(), "O2".into()], vec![2]));
    /// # file.close()?;
    /// # std::fs::remove_file(&path).unwrap();
    /// # Ok(())
    /// # }
    /// ```
    ///
    /// # Errors
    /// `Exists`, `ReadOnly`, `Io`.
    pub fn write_text(&self, path: &str, text: &str) -> Result<()> {
        self.write_text_with(path, text, &TextOptions::new())
    }

    /// Writes a text to a scalar dataset that is stored as the options say, or over an existing one.
    ///
    /// ```
    /// # fn main() -> h5sim::Result<()> {
    /// # let path = std::env::temp_dir().join(format!("h5sim-{}-write_text_with.h5", std::process::id()));
    /// # use h5sim::{File, Mode, TextOptions};
    /// # let file = File::open(&path, Mode::Create)?;
    /// for status in ["begun", "half done", "done"] {
    ///     file.write_text_with("status", status, &TextOptions::new().overwrite())?;
    /// }
    /// assert_eq!(file.read_text("status")?, "done");
    /// # file.close()?;
    /// # std::fs::remove_file(&path).unwrap();
    /// # Ok(())
    /// # }
    /// ```
    ///
    /// # Errors
    /// As [`write_text`](Self::write_text).
    pub fn write_text_with(&self, path: &str, text: &str, options: &TextOptions) -> Result<()> {
        self.call(|file| file.write_text(path, text, options))
    }

    /// Appends a text to a series of texts, such as the lines of a log, which the first one creates.
    ///
    /// Texts wait in memory until another call looks, or a commit.
    ///
    /// ```
    /// # fn main() -> h5sim::Result<()> {
    /// # let path = std::env::temp_dir().join(format!("h5sim-{}-append_text.h5", std::process::id()));
    /// # use h5sim::{File, Mode};
    /// # let file = File::open(&path, Mode::Create)?;
    /// file.append_text("log", "step 1: dt halved")?;
    /// file.append_text("log", "step 2: done")?;
    /// assert_eq!(file.read_texts("log")?.0[1], "step 2: done");
    /// # file.close()?;
    /// # std::fs::remove_file(&path).unwrap();
    /// # Ok(())
    /// # }
    /// ```
    ///
    /// # Errors
    /// `Type` (no texts of any length are there), `Shape` (the dataset cannot grow), `Argument` (a NUL inside), `ReadOnly`, `Io`.
    pub fn append_text(&self, path: &str, text: &str) -> Result<()> {
        self.call(|file| file.append_text(path, text))
    }

    /// Reads a dataset that is one text; see [`write_text`](Self::write_text).
    ///
    /// ```
    /// # fn main() -> h5sim::Result<()> {
    /// # let path = std::env::temp_dir().join(format!("h5sim-{}-read_text.h5", std::process::id()));
    /// # use h5sim::{File, Mode};
    /// # let file = File::open(&path, Mode::Create)?;
    /// file.write_text("log", "α")?;
    /// assert_eq!(file.read_text("log")?, "α");
    /// # file.close()?;
    /// # std::fs::remove_file(&path).unwrap();
    /// # Ok(())
    /// # }
    /// ```
    ///
    /// # Errors
    /// `NotFound`, `Type` (no text), `Format`, `Io`.
    pub fn read_text(&self, path: &str) -> Result<String> {
        self.call(|file| file.read_text(path))
    }

    /// Writes texts of this shape, in C order, to a new dataset; see [`write_text`](Self::write_text).
    ///
    /// ```
    /// # fn main() -> h5sim::Result<()> {
    /// # let path = std::env::temp_dir().join(format!("h5sim-{}-write_texts.h5", std::process::id()));
    /// # use h5sim::{File, Mode};
    /// # let file = File::open(&path, Mode::Create)?;
    /// file.write_texts("names", &[2, 1], &["a", "b"])?;
    /// assert_eq!(file.info("names")?, (h5sim::Dtype::Text, vec![2, 1]));
    /// # file.close()?;
    /// # std::fs::remove_file(&path).unwrap();
    /// # Ok(())
    /// # }
    /// ```
    ///
    /// # Errors
    /// As [`write_text`](Self::write_text), and `Shape` where there are not as many texts.
    pub fn write_texts(&self, path: &str, shape: &[u64], texts: &[&str]) -> Result<()> {
        self.write_texts_with(path, shape, texts, &TextOptions::new())
    }

    /// Writes texts of this shape to a dataset that is stored as the options say, or over an existing one.
    ///
    /// ```
    /// # fn main() -> h5sim::Result<()> {
    /// # let path = std::env::temp_dir().join(format!("h5sim-{}-write_texts_with.h5", std::process::id()));
    /// # use h5sim::{File, Mode, TextOptions};
    /// # let file = File::open(&path, Mode::Create)?;
    /// file.write_texts_with("species", &[2], &["H2", "O2"], &TextOptions::new().fixed(false))?;
    /// assert_eq!(file.stored_as("species")?.dtype, "text of variable length");
    /// # file.close()?;
    /// # std::fs::remove_file(&path).unwrap();
    /// # Ok(())
    /// # }
    /// ```
    ///
    /// # Errors
    /// As [`write_texts`](Self::write_texts).
    pub fn write_texts_with(
        &self,
        path: &str,
        shape: &[u64],
        texts: &[&str],
        options: &TextOptions,
    ) -> Result<()> {
        self.call(|file| {
            check_count(path, shape, texts)?;
            file.write_texts(path, shape, texts, options)
        })
    }

    /// Sets an attribute to texts of this shape, replacing one of that name.
    ///
    /// ```
    /// # fn main() -> h5sim::Result<()> {
    /// # let path = std::env::temp_dir().join(format!("h5sim-{}-set_attr_texts.h5", std::process::id()));
    /// # use h5sim::{File, Mode, TextOptions};
    /// # let file = File::open(&path, Mode::Create)?;
    /// file.set_attr_texts("/", "axes", &[2], &["x", "y"], &TextOptions::new())?;
    /// assert_eq!(file.get_attr_texts("/", "axes")?, (vec!["x".into(), "y".into()], vec![2]));
    /// # file.close()?;
    /// # std::fs::remove_file(&path).unwrap();
    /// # Ok(())
    /// # }
    /// ```
    ///
    /// # Errors
    /// `NotFound` (no such object), `Shape` (more than 64 KiB), `Argument` (a NUL inside), `ReadOnly`, `Io`.
    pub fn set_attr_texts(
        &self,
        object: &str,
        name: &str,
        shape: &[u64],
        texts: &[&str],
        options: &TextOptions,
    ) -> Result<()> {
        let is_fixed = options.is_fixed.unwrap_or(false);
        self.call(|file| {
            check_count(name, shape, texts)?;
            file.set_attribute_texts(object, name, shape, texts, is_fixed)
        })
    }

    /// Reads an attribute of texts: the texts in C order, and its shape; see [`set_attr_texts`](Self::set_attr_texts).
    ///
    /// ```
    /// # fn main() -> h5sim::Result<()> {
    /// # let path = std::env::temp_dir().join(format!("h5sim-{}-get_attr_texts.h5", std::process::id()));
    /// # use h5sim::{File, Mode};
    /// # let file = File::open(&path, Mode::Create)?;
    /// file.set_attr_text("/", "unit", "m")?;
    /// assert_eq!(file.get_attr_texts("/", "unit")?, (vec!["m".into()], vec![]));
    /// # file.close()?;
    /// # std::fs::remove_file(&path).unwrap();
    /// # Ok(())
    /// # }
    /// ```
    ///
    /// # Errors
    /// `NotFound` (object or attribute), `Type` (no texts), `Format` (not UTF-8).
    pub fn get_attr_texts(&self, object: &str, name: &str) -> Result<(Vec<String>, Vec<u64>)> {
        self.call(|file| file.get_attribute_texts(object, name))
    }

    /// Reads a dataset of texts: the texts in C order, and its shape; see [`write_text`](Self::write_text).
    ///
    /// ```
    /// # fn main() -> h5sim::Result<()> {
    /// # let path = std::env::temp_dir().join(format!("h5sim-{}-read_texts.h5", std::process::id()));
    /// # use h5sim::{File, Mode};
    /// # let file = File::open(&path, Mode::Create)?;
    /// file.write_texts("names", &[2], &["a", "b"])?;
    /// let (names, shape) = file.read_texts("names")?;
    /// assert_eq!((names.concat(), shape), ("ab".to_owned(), vec![2]));
    /// # file.close()?;
    /// # std::fs::remove_file(&path).unwrap();
    /// # Ok(())
    /// # }
    /// ```
    ///
    /// # Errors
    /// As [`read_text`](Self::read_text).
    pub fn read_texts(&self, path: &str) -> Result<(Vec<String>, Vec<u64>)> {
        self.call(|file| file.read_texts(path))
    }
}

/// Fails if there are not as many texts as the shape has elements.
fn check_count(name: &str, shape: &[u64], texts: &[&str]) -> Result<()> {
    let expected = crate::store::strided::count(shape)?;
    if texts.len() as u64 != expected {
        return Err(crate::error::Error::shape(format!(
            "'{name}': {} texts are given, expected {expected}",
            texts.len()
        )));
    }
    Ok(())
}
