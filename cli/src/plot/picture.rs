//! Pictures as files: PNG, and GIF where there are several.

use super::axes::Scale;
use super::canvas::{Area, Canvas};
use super::ticks::Range;
use super::viridis::VIRIDIS;
use h5sim::error::Error;
use serde::Serialize;
use std::collections::HashMap;

/// What was drawn, and where in it what is.
pub struct Picture {
    pub canvas: Canvas,
    /// The areas of line or images.
    pub panels: Vec<Area>,
    /// The colour bar's.
    pub bar: Option<Area>,
    pub x: Scale,
    pub y: Scale,
    /// The least and the greatest value, or those of the colour bar.
    pub values: Option<Range>,
}

impl Picture {
    /// The bytes of a PNG file. Its comment says where in it what is, so that a program can read values off it.
    pub fn png(&self, title: &str) -> Result<Vec<u8>, Error> {
        let mut bytes = Vec::new();
        self.encode(title, &mut bytes)
            .map_err(|error| Error::internal(format!("the picture: {error}")))?;
        Ok(bytes)
    }

    fn encode(&self, title: &str, bytes: &mut Vec<u8>) -> Result<(), png::EncodingError> {
        let mut encoder = png::Encoder::new(bytes, self.canvas.width, self.canvas.height);
        encoder.set_color(png::ColorType::Rgb);
        encoder.set_depth(png::BitDepth::Eight);
        let software = concat!("h5sim ", env!("CARGO_PKG_VERSION"));
        encoder.add_itxt_chunk("Title".to_owned(), title.to_owned())?;
        encoder.add_itxt_chunk("Software".to_owned(), software.to_owned())?;
        let geometry = self.geometry().map_err(std::io::Error::from)?;
        encoder.add_itxt_chunk("Comment".to_owned(), geometry)?;
        let mut writer = encoder.write_header()?;
        writer.write_image_data(&self.canvas.pixels)?;
        writer.finish()
    }

    fn geometry(&self) -> serde_json::Result<String> {
        let corners = |area: &Area| [area.left, area.top, area.right, area.bottom];
        let ends = |range: Range| [range.low, range.high];
        let axis = |scale: &Scale| PictureAxis {
            name: scale.name.clone(),
            units: scale.units.clone(),
            range: ends(scale.range),
        };
        serde_json::to_string(&PictureGeometry {
            panels: self.panels.iter().map(corners).collect(),
            bar: self.bar.as_ref().map(corners),
            x: axis(&self.x),
            y: axis(&self.y),
            values: self.values.map(ends),
        })
    }
}

/// What the comment of a picture says, for any reader of JSON.
#[derive(Serialize)]
struct PictureGeometry {
    /// Left, top, right and bottom, in pixels.
    panels: Vec<[i32; 4]>,
    bar: Option<[i32; 4]>,
    x: PictureAxis,
    y: PictureAxis,
    values: Option<[f64; 2]>,
}

#[derive(Serialize)]
struct PictureAxis {
    name: String,
    units: String,
    range: [f64; 2],
}

/// The colours of all frames: those of viridis, a little coarser, and greys for the rest.
const GREYS: usize = 64;
const COLOURS: usize = 256 - GREYS;

/// A film, picture by picture.
pub struct Film {
    encoder: gif::Encoder<Vec<u8>>,
    palette: Vec<[u8; 3]>,
    known: HashMap<[u8; 3], u8>,
    delay: u16,
}

impl Film {
    /// One of this size whose pictures are shown for so many hundredths of a second each.
    pub fn new(canvas: &Canvas, delay: u16) -> Result<Self, Error> {
        let colours = (0..COLOURS).map(|number| VIRIDIS[number * 255 / (COLOURS - 1)]);
        let greys = (0..GREYS).map(|number| [(number * 255 / (GREYS - 1)) as u8; 3]);
        let palette: Vec<[u8; 3]> = colours.chain(greys).collect();
        let size = |pixels: u32| {
            u16::try_from(pixels).map_err(|_| {
                Error::argument(format!(
                    "a GIF has no {pixels} pixels in a row: choose a smaller --size"
                ))
            })
        };
        let (width, height) = (size(canvas.width)?, size(canvas.height)?);
        let mut encoder =
            gif::Encoder::new(Vec::new(), width, height, &palette.concat()).map_err(failed)?;
        encoder.set_repeat(gif::Repeat::Infinite).map_err(failed)?;
        Ok(Self {
            encoder,
            palette,
            known: HashMap::new(),
            delay,
        })
    }

    pub fn add(&mut self, canvas: &Canvas) -> Result<(), Error> {
        let pixels = canvas
            .pixels
            .chunks_exact(3)
            .map(|pixel| [pixel[0], pixel[1], pixel[2]]);
        let (palette, known) = (&self.palette, &mut self.known);
        let indices: Vec<u8> = pixels
            .map(|pixel| {
                *known
                    .entry(pixel)
                    .or_insert_with(|| nearest(palette, pixel))
            })
            .collect();
        let mut frame = gif::Frame::from_indexed_pixels(
            canvas.width as u16,
            canvas.height as u16,
            indices,
            None,
        );
        frame.delay = self.delay;
        self.encoder.write_frame(&frame).map_err(failed)
    }

    pub fn bytes(self) -> Result<Vec<u8>, Error> {
        self.encoder
            .into_inner()
            .map_err(|error| Error::io(error.to_string()))
    }
}

fn failed(error: gif::EncodingError) -> Error {
    Error::internal(format!("the film: {error}"))
}

fn nearest(palette: &[[u8; 3]], pixel: [u8; 3]) -> u8 {
    let far = |colour: &[u8; 3]| -> i32 {
        let parts = colour.iter().zip(pixel);
        parts
            .map(|(one, other)| (i32::from(*one) - i32::from(other)).pow(2))
            .sum()
    };
    let nearest = (0..palette.len()).min_by_key(|&at| far(&palette[at]));
    nearest.unwrap_or(0) as u8
}
