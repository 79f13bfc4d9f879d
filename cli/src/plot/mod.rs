//! `h5sim plot`

mod axes;
mod canvas;
mod data;
mod image;
mod line;
mod picture;
mod ticks;
mod viridis;

use crate::arguments::{Plot, Span};
use crate::output::{open, watched, Done, Failure};
use axes::{Scale, Sizes};
use canvas::Area;
use data::Subject;
use h5sim::error::Error;
use image::{Cells, Panel};
use picture::Film;
use std::sync::atomic::{AtomicUsize, Ordering};
use ticks::Range;

/// So many steps are shown side by side.
const MOST_PANELS: usize = 12;

/// How long a film takes, and each of its pictures at least and at most, in hundredths of a second.
const FILM: usize = 800;
const QUICKEST: usize = 4;
const SLOWEST: usize = 50;

impl Sizes {
    /// Those for a picture of this size.
    fn of((width, height): (u32, u32)) -> Self {
        let font = f64::from(width.min(height)) / 42.0;
        Self {
            font: font.clamp(9.0, 60.0),
        }
    }
}

/// Fails if a picture has no room for what is drawn.
fn check_room(area: Area, size: (u32, u32)) -> Result<(), Error> {
    if area.width() < 16 || area.height() < 16 {
        return Err(Error::argument(format!(
            "{}x{} pixels leave no room for what is to be drawn: choose a larger --size",
            size.0, size.1
        )));
    }
    Ok(())
}

pub fn run(arguments: &Plot) -> Done {
    let extension = arguments.output.extension().and_then(|text| text.to_str());
    let is_film = match extension.map(str::to_ascii_lowercase).as_deref() {
        Some("png") => false,
        Some("gif") => true,
        _ => {
            return Err(Failure::Told(Error::argument(format!(
                "'{}' ends neither in .png nor in .gif, which are what can be drawn",
                arguments.output.display()
            ))))
        }
    };
    let file = open(&arguments.file)?;
    let slice = arguments.slice.as_deref().unwrap_or("");
    let subject = Subject::open(file, &arguments.path, slice)?;
    let bytes = match (subject.axes.len(), is_film) {
        (3, true) => film(arguments, &subject)?,
        (1..=3, true) => {
            return Err(Failure::Told(Error::shape(format!(
                "'{}' has {} left, and a .gif shows the steps of three: write a .png, or leave the slice out",
                arguments.path,
                axes_in_words(subject.axes.len())
            ))))
        }
        (1, false) => graph(arguments, &subject)?,
        (2, false) => plane(arguments, &subject)?,
        (3, false) => steps(arguments, &subject)?,
        (0, _) => {
            return Err(Failure::Told(Error::shape(format!(
                "'{}' is one number here, which `h5sim cat` prints",
                arguments.path
            ))))
        }
        (axes, _) => {
            return Err(Failure::Told(Error::shape(format!(
                "'{}' has {} left, and up to three are drawn: choose some by a slice, such as '[0, ...]'",
                arguments.path,
                axes_in_words(axes)
            ))))
        }
    };
    std::fs::write(&arguments.output, bytes)
        .map_err(|error| Error::io(format!("'{}': {error}", arguments.output.display())))?;
    Ok(0)
}

fn axes_in_words(axes: usize) -> String {
    match axes {
        1 => "one axis".to_owned(),
        2 => "two axes".to_owned(),
        many => format!("{many} axes"),
    }
}

/// What is written above all.
fn title(subject: &Subject) -> String {
    let mut parts = vec![subject.name.clone()];
    parts.extend(subject.fixed.iter().cloned());
    parts.join(", ")
}

/// The range of colours or heights: the one that was asked for, or that of the values.
fn range(arguments: &Plot, of_values: Option<Range>) -> Result<Range, Error> {
    if let Some(Span((low, high))) = arguments.range {
        return Ok(Range { low, high });
    }
    let nothing = || {
        Error::shape(format!(
            "'{}' has no finite value there, only NaN or infinities",
            arguments.path
        ))
    };
    of_values.ok_or_else(nothing)
}

fn values_scale(subject: &Subject, range: Range) -> Scale {
    Scale {
        range: range.not_empty(),
        name: subject.name.clone(),
        units: subject.units.clone(),
        is_counted: false,
    }
}

fn graph(arguments: &Plot, subject: &Subject) -> Result<Vec<u8>, Error> {
    let axis = &subject.axes[0];
    let values = subject.all()?;
    let range = range(arguments, Range::of(values.iter().copied()))?.not_empty();
    let range = match arguments.range {
        Some(_) => range,
        None => range.widened(range.width() / 20.0),
    };
    let points: Vec<(f64, f64)> = axis.values.iter().copied().zip(values).collect();
    let along = Range::of(axis.values.iter().copied());
    let x = Scale {
        range: along
            .unwrap_or(Range {
                low: 0.0,
                high: 1.0,
            })
            .not_empty(),
        name: axis.name.clone(),
        units: axis.units.clone(),
        is_counted: !axis.has_coordinate,
    };
    let title = title(subject);
    let y = values_scale(subject, range);
    line::draw(arguments.size.0, &title, &x, &y, &points)?.png(&title)
}

fn plane(arguments: &Plot, subject: &Subject) -> Result<Vec<u8>, Error> {
    let values = subject.all()?;
    let range = range(arguments, Range::of(values.iter().copied()))?;
    let title = title(subject);
    let panel = Panel {
        title: String::new(),
        values,
    };
    let (y, x) = (Cells::new(&subject.axes[0]), Cells::new(&subject.axes[1]));
    let scale = values_scale(subject, range);
    image::draw(arguments.size.0, &title, &x, &y, &scale, &[panel])?.png(&title)
}

/// Some steps of the first axis, side by side.
fn steps(arguments: &Plot, subject: &Subject) -> Result<Vec<u8>, Error> {
    let all = subject.axes[0].values.len();
    let shown = all.min(MOST_PANELS);
    let mut panels = Vec::with_capacity(shown);
    let mut of_values: Option<Range> = None;
    for number in 0..shown {
        // The first, the last, and those at equal distances between them.
        let record = number * (all - 1) / (shown - 1).max(1);
        let values = subject.record(record)?;
        of_values = together(of_values, Range::of(values.iter().copied()));
        panels.push(Panel {
            title: subject.axes[0].at(record),
            values,
        });
    }
    let scale = values_scale(subject, range(arguments, of_values)?);
    let mut title = title(subject);
    if let [only] = &panels[..] {
        title = format!("{title}, {}", only.title);
    }
    let (y, x) = (Cells::new(&subject.axes[1]), Cells::new(&subject.axes[2]));
    image::draw(arguments.size.0, &title, &x, &y, &scale, &panels)?.png(&title)
}

fn together(one: Option<Range>, other: Option<Range>) -> Option<Range> {
    match (one, other) {
        (Some(one), Some(other)) => Some(one.with(other)),
        (one, other) => one.or(other),
    }
}

/// All steps of the first axis, one after the other.
fn film(arguments: &Plot, subject: &Subject) -> Result<Vec<u8>, Error> {
    let all = subject.axes[0].values.len();
    let done = AtomicUsize::new(0);
    // Each step is read twice: once for the colours, which are the same in all pictures.
    let progress = || Some((done.load(Ordering::Relaxed), 2 * all));
    watched("steps", progress, || {
        let mut of_values = None;
        for record in 0..all {
            if arguments.range.is_none() {
                of_values = together(of_values, Range::of(subject.record(record)?));
            }
            done.fetch_add(1, Ordering::Relaxed);
        }
        let scale = values_scale(subject, range(arguments, of_values)?);
        let (y, x) = (Cells::new(&subject.axes[1]), Cells::new(&subject.axes[2]));
        let delay = (FILM / all).clamp(QUICKEST, SLOWEST) as u16;
        let mut film: Option<Film> = None;
        for record in 0..all {
            let title = format!("{}, {}", title(subject), subject.axes[0].at(record));
            let panel = Panel {
                title: String::new(),
                values: subject.record(record)?,
            };
            let picture = image::draw(arguments.size.0, &title, &x, &y, &scale, &[panel])?;
            let film = match &mut film {
                Some(film) => film,
                none => none.insert(Film::new(&picture.canvas, delay)?),
            };
            film.add(&picture.canvas)?;
            done.fetch_add(1, Ordering::Relaxed);
        }
        film.ok_or_else(|| Error::internal("a film without pictures"))?
            .bytes()
    })
}
