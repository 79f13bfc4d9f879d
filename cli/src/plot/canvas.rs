//! A picture in memory: texts and lines by `plotters`, pixels by ourselves.

use h5sim::error::Error;
use plotters::coord::Shift;
use plotters::prelude::*;
use plotters::style::text_anchor::{HPos, Pos, VPos};
use plotters::style::{register_font, FontTransform};
use std::sync::Once;

/// The font, so that none has to be on the machine: the part of DejaVu Sans with Latin, Greek and Cyrillic letters.
static FONT: &[u8] = include_bytes!("../../fonts/DejaVuSans.ttf");
const FAMILY: &str = "DejaVu Sans";

pub const TEXT: RGBColor = RGBColor(38, 38, 38);
pub const FAINT: RGBColor = RGBColor(229, 229, 229);
/// Cells without a value.
pub const NOTHING: [u8; 3] = [205, 205, 205];

/// A rectangle of pixels; right and bottom are the first ones outside.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Area {
    pub left: i32,
    pub top: i32,
    pub right: i32,
    pub bottom: i32,
}

impl Area {
    pub fn width(self) -> i32 {
        self.right - self.left
    }

    pub fn height(self) -> i32 {
        self.bottom - self.top
    }
}

pub struct Canvas {
    pub width: u32,
    pub height: u32,
    /// Three bytes for each pixel, row by row.
    pub pixels: Vec<u8>,
}

/// The font of a size.
fn font(size: f64) -> FontDesc<'static> {
    static REGISTER: Once = Once::new();
    REGISTER.call_once(|| {
        // A font that cannot be read shows in every test: there would be no text at all.
        let _ = register_font(FAMILY, FontStyle::Normal, FONT);
    });
    (FAMILY, size).into_font()
}

/// Where a text lies relative to its point.
#[derive(Clone, Copy)]
pub enum Anchor {
    Above,
    Below,
    LeftOf,
    RightOf,
    /// Turned to be read from below, its middle at the point.
    Turned,
}

impl Canvas {
    /// A white one.
    pub fn new(width: u32, height: u32) -> Result<Self, Error> {
        let bytes = 3 * width as usize * height as usize;
        let mut pixels = Vec::new();
        let no_memory = |_| Error::io(format!("no memory for {width} x {height} pixels"));
        pixels.try_reserve_exact(bytes).map_err(no_memory)?;
        pixels.resize(bytes, 255);
        Ok(Self {
            width,
            height,
            pixels,
        })
    }

    /// Draws by plotters, whose coordinates are pixels here.
    fn draw(
        &mut self,
        work: impl FnOnce(
            &DrawingArea<BitMapBackend<'_>, Shift>,
        ) -> Result<(), Box<dyn std::error::Error>>,
    ) -> Result<(), Error> {
        let size = (self.width, self.height);
        let area = BitMapBackend::with_buffer(&mut self.pixels, size).into_drawing_area();
        work(&area).map_err(|error| Error::internal(format!("the picture: {error}")))
    }

    /// Writes a text.
    pub fn text(
        &mut self,
        text: &str,
        size: f64,
        (x, y): (i32, i32),
        anchor: Anchor,
    ) -> Result<(), Error> {
        if text.is_empty() {
            return Ok(());
        }
        let position = match anchor {
            Anchor::Above => Pos::new(HPos::Center, VPos::Bottom),
            Anchor::Below => Pos::new(HPos::Center, VPos::Top),
            Anchor::LeftOf => Pos::new(HPos::Right, VPos::Center),
            Anchor::RightOf => Pos::new(HPos::Left, VPos::Center),
            Anchor::Turned => Pos::new(HPos::Center, VPos::Center),
        };
        let font = match anchor {
            Anchor::Turned => font(size).transform(FontTransform::Rotate270),
            _ => font(size),
        };
        // The middle of digits is below that of letters that reach down.
        let lower = match anchor {
            Anchor::LeftOf | Anchor::RightOf => (size * 0.12).round() as i32,
            _ => 0,
        };
        let style = TextStyle::from(font).color(&TEXT).pos(position);
        self.draw(|area| Ok(area.draw_text(text, &style, (x, y + lower))?))
    }

    /// How wide a text is.
    pub fn width_of(text: &str, size: f64) -> i32 {
        let boxed = font(size).box_size(text);
        boxed.map_or(0, |(width, _)| width as i32)
    }

    /// Draws a straight line along an axis.
    pub fn rule(
        &mut self,
        from: (i32, i32),
        to: (i32, i32),
        colour: RGBColor,
    ) -> Result<(), Error> {
        self.draw(|area| Ok(area.draw(&PathElement::new([from, to], colour))?))
    }

    /// Draws the outline around an area.
    pub fn frame(&mut self, area: Area, colour: RGBColor) -> Result<(), Error> {
        let corners = [(area.left - 1, area.top - 1), (area.right, area.bottom)];
        self.draw(|canvas| Ok(canvas.draw(&Rectangle::new(corners, colour))?))
    }

    /// Sets a pixel that is inside.
    pub fn set(&mut self, x: i32, y: i32, colour: [u8; 3]) {
        let at = 3 * (y as usize * self.width as usize + x as usize);
        self.pixels[at..at + 3].copy_from_slice(&colour);
    }

    /// Mixes a colour into a pixel that is inside.
    pub fn mix(&mut self, x: i32, y: i32, colour: [u8; 3], part: f64) {
        let at = 3 * (y as usize * self.width as usize + x as usize);
        for (pixel, colour) in self.pixels[at..at + 3].iter_mut().zip(colour) {
            let mixed = f64::from(*pixel) * (1.0 - part) + f64::from(colour) * part;
            *pixel = mixed.round() as u8;
        }
    }
}
