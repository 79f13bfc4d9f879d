//! Axes: a frame with ticks, numbers, names and units.

use super::canvas::{Anchor, Area, Canvas, FAINT, TEXT};
use super::ticks::{raised, Range, Ticks};
use h5sim::error::Error;

/// What an axis shows.
#[derive(Clone, Debug)]
pub struct Scale {
    pub range: Range,
    /// Its name, and its unit.
    pub name: String,
    pub units: String,
    /// Whether it counts elements, of which there is none between two.
    pub is_counted: bool,
}

impl Scale {
    /// What is written at the axis.
    pub fn label(&self, exponent: i32) -> String {
        let power = match exponent {
            0 => String::new(),
            exponent => format!("10{}", raised(exponent)),
        };
        let units = match (power.as_str(), self.units.as_str()) {
            ("", "") => return self.name.clone(),
            ("", units) => units.to_owned(),
            (power, "") => power.to_owned(),
            (power, units) => format!("{power} {units}"),
        };
        format!("{} [{units}]", self.name)
    }
}

/// How large things are, all made of the height of a letter.
#[derive(Clone, Copy, Debug)]
pub struct Sizes {
    pub font: f64,
}

impl Sizes {
    pub fn tick(self) -> i32 {
        (self.font * 0.35).round() as i32
    }

    pub fn gap(self) -> i32 {
        (self.font * 0.4).round() as i32
    }

    pub fn line(self) -> i32 {
        (self.font * 1.35).round() as i32
    }

    /// The room below an axis with numbers and a name.
    pub fn below(self) -> i32 {
        self.tick() + 2 * self.gap() + 2 * self.line()
    }
}

/// As many ticks as fit beside each other.
pub fn x_ticks(scale: &Scale, pixels: i32, sizes: Sizes) -> Ticks {
    let most = (f64::from(pixels) / (sizes.font * 4.5)) as usize;
    Ticks::new(scale.range, most, scale.is_counted)
}

pub fn y_ticks(scale: &Scale, pixels: i32, sizes: Sizes) -> Ticks {
    let most = (f64::from(pixels) / (sizes.font * 2.8)) as usize;
    Ticks::new(scale.range, most, scale.is_counted)
}

/// The width of the widest number.
pub fn widest(ticks: &Ticks, sizes: Sizes) -> i32 {
    let texts = ticks.at.iter().map(|tick| tick.1.as_str());
    let widths = texts.map(|text| Canvas::width_of(text, sizes.font));
    widths.max().unwrap_or(0)
}

/// The room left of an axis with numbers and a name.
pub fn room_left(scale: &Scale, pixels: i32, sizes: Sizes) -> i32 {
    let numbers = widest(&y_ticks(scale, pixels, sizes), sizes);
    sizes.tick() + 2 * sizes.gap() + numbers + sizes.line()
}

/// Where on an axis a value is.
pub fn x_of(area: Area, range: Range, value: f64) -> f64 {
    f64::from(area.left) + range.part(value) * f64::from(area.width())
}

pub fn y_of(area: Area, range: Range, value: f64) -> f64 {
    f64::from(area.bottom) - range.part(value) * f64::from(area.height())
}

/// A pixel inside of an area that is nearest to a place.
fn inside(place: f64, low: i32, high: i32) -> i32 {
    (place.floor() as i32).clamp(low, high - 1)
}

/// Draws faint lines across an area at the ticks.
pub fn draw_grid(
    canvas: &mut Canvas,
    area: Area,
    x: &Scale,
    y: &Scale,
    sizes: Sizes,
) -> Result<(), Error> {
    for (value, _) in x_ticks(x, area.width(), sizes).at {
        let at = inside(x_of(area, x.range, value), area.left, area.right);
        canvas.rule((at, area.top), (at, area.bottom - 1), FAINT)?;
    }
    for (value, _) in y_ticks(y, area.height(), sizes).at {
        let at = inside(y_of(area, y.range, value), area.top, area.bottom);
        canvas.rule((area.left, at), (area.right - 1, at), FAINT)?;
    }
    Ok(())
}

/// Draws the frame around an area, and below it its axis if there is one.
pub fn draw_x(canvas: &mut Canvas, area: Area, scale: &Scale, sizes: Sizes) -> Result<(), Error> {
    let ticks = x_ticks(scale, area.width(), sizes);
    for (value, text) in &ticks.at {
        let at = inside(x_of(area, scale.range, *value), area.left, area.right);
        let end = area.bottom + sizes.tick();
        canvas.rule((at, area.bottom), (at, end), TEXT)?;
        canvas.text(text, sizes.font, (at, end + sizes.gap()), Anchor::Below)?;
    }
    let middle = (area.left + area.right) / 2;
    let below = area.bottom + sizes.tick() + 2 * sizes.gap() + sizes.line();
    canvas.text(
        &scale.label(ticks.exponent),
        sizes.font,
        (middle, below),
        Anchor::Below,
    )
}

/// Draws the axis left of an area.
pub fn draw_y(canvas: &mut Canvas, area: Area, scale: &Scale, sizes: Sizes) -> Result<(), Error> {
    let side = Side {
        ticks: area.left - 1,
        edge: area.left,
        away: -1,
        anchor: Anchor::LeftOf,
    };
    draw_beside(canvas, area, scale, sizes, side)
}

/// Draws an axis right of an area, as colour bars have.
pub fn draw_right(
    canvas: &mut Canvas,
    area: Area,
    scale: &Scale,
    sizes: Sizes,
) -> Result<(), Error> {
    let side = Side {
        ticks: area.right,
        edge: area.right,
        away: 1,
        anchor: Anchor::RightOf,
    };
    draw_beside(canvas, area, scale, sizes, side)
}

/// A side of an area that has an axis.
struct Side {
    /// Where the ticks begin.
    ticks: i32,
    /// From where the name's distance counts.
    edge: i32,
    /// 1 or -1: which way leads away from the area.
    away: i32,
    /// How the numbers lie at their ticks.
    anchor: Anchor,
}

fn draw_beside(
    canvas: &mut Canvas,
    area: Area,
    scale: &Scale,
    sizes: Sizes,
    side: Side,
) -> Result<(), Error> {
    let ticks = y_ticks(scale, area.height(), sizes);
    for (value, text) in &ticks.at {
        let at = inside(y_of(area, scale.range, *value), area.top, area.bottom);
        let end = side.ticks + side.away * sizes.tick();
        // From left to right: a line's last pixel is not drawn.
        let (left, right) = (side.ticks.min(end), side.ticks.max(end));
        canvas.rule((left, at), (right, at), TEXT)?;
        let beside = end + side.away * sizes.gap();
        canvas.text(text, sizes.font, (beside, at), side.anchor)?;
    }
    let numbers = widest(&ticks, sizes);
    let distance = sizes.tick() + 2 * sizes.gap() + numbers + sizes.line() / 2;
    let middle = (area.top + area.bottom) / 2;
    canvas.text(
        &scale.label(ticks.exponent),
        sizes.font,
        (side.edge + side.away * distance, middle),
        Anchor::Turned,
    )
}
