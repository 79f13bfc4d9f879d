//! Images: one plane, or several side by side, with one colour bar.

use super::axes::{draw_right, draw_x, draw_y, room_left, widest, y_ticks, Scale, Sizes};
use super::canvas::{Anchor, Area, Canvas, NOTHING, TEXT};
use super::data::Described;
use super::picture::Picture;
use super::ticks::Range;
use super::viridis::VIRIDIS;
use h5sim::error::Error;

/// Images are not stretched, unless they would be as narrow as this.
const NARROWEST: f64 = 0.2;

/// A plane of values, row by row, and what is written above it.
pub struct Panel {
    pub title: String,
    pub values: Vec<f64>,
}

/// An axis of an image: its cells in ascending order, and where each begins.
pub struct Cells {
    /// One more than there are cells.
    edges: Vec<f64>,
    is_reversed: bool,
    pub scale: Scale,
    is_measured: bool,
}

impl Cells {
    pub fn new(axis: &Described) -> Self {
        let ascending = axis.values.windows(2).all(|pair| pair[0] < pair[1]);
        let descending = axis.values.windows(2).all(|pair| pair[0] > pair[1]);
        let usable = axis.values.iter().all(|value| value.is_finite()) && (ascending || descending);
        let mut at: Vec<f64> = match usable {
            true => axis.values.clone(),
            false => (0..axis.values.len()).map(|number| number as f64).collect(),
        };
        let is_reversed = usable && descending && at.len() > 1;
        if is_reversed {
            at.reverse();
        }
        let mut edges = Vec::with_capacity(at.len() + 1);
        let first = at.get(1).map_or(1.0, |next| next - at[0]);
        edges.push(at[0] - first / 2.0);
        edges.extend(at.windows(2).map(|pair| pair[0] / 2.0 + pair[1] / 2.0));
        let last = at[at.len() - 1];
        let width = match at.len() {
            1 => 1.0,
            many => last - at[many - 2],
        };
        edges.push(last + width / 2.0);
        Self {
            scale: Scale {
                range: Range {
                    low: edges[0],
                    high: edges[edges.len() - 1],
                },
                name: axis.name.clone(),
                units: if usable {
                    axis.units.clone()
                } else {
                    String::new()
                },
                is_counted: !(usable && axis.has_coordinate),
            },
            edges,
            is_reversed,
            is_measured: usable && axis.has_coordinate,
        }
    }

    fn count(&self) -> usize {
        self.edges.len() - 1
    }

    /// The cells that a part of the axis, from 0 to 1, touches.
    fn touched(&self, from: f64, to: f64) -> (usize, usize) {
        let Range { low, .. } = self.scale.range;
        let at = |part: f64| {
            let value = low + part * self.scale.range.width();
            let after = self.edges.partition_point(|edge| *edge <= value);
            after.saturating_sub(1).min(self.count() - 1)
        };
        let (one, other) = (at(from), at(to));
        // What a pixel only touches with its edge says little of it.
        match other > one + 1 {
            true => (one, other),
            false => {
                let middle = at(from / 2.0 + to / 2.0);
                (middle, middle)
            }
        }
    }

    /// For each pixel of a length the first and last cell, as they are in the data.
    fn for_pixels(&self, pixels: i32) -> Vec<(usize, usize)> {
        let count = self.count();
        let pixel = |number: i32| f64::from(number) / f64::from(pixels);
        let cells = (0..pixels).map(|number| self.touched(pixel(number), pixel(number + 1)));
        cells
            .map(|(first, last)| match self.is_reversed {
                true => (count - 1 - last, count - 1 - first),
                false => (first, last),
            })
            .collect()
    }
}

/// The colour of a value.
pub fn colour(range: Range, value: f64) -> [u8; 3] {
    if !value.is_finite() {
        return NOTHING;
    }
    VIRIDIS[(range.part(value) * 256.0).clamp(0.0, 255.0) as usize]
}

/// How wide an image is for its height.
fn ratio(x: &Cells, y: &Cells) -> Option<f64> {
    let comparable = x.scale.units == y.scale.units && x.is_measured == y.is_measured;
    let ratio = x.scale.range.width() / y.scale.range.width();
    let is_fair = (NARROWEST..1.0 / NARROWEST).contains(&ratio);
    (comparable && is_fair).then_some(ratio)
}

/// Where everything is.
struct Layout {
    size: (u32, u32),
    sizes: Sizes,
    areas: Vec<Area>,
    columns: usize,
    bar: Area,
    top: i32,
}

impl Layout {
    /// The one whose images are the largest.
    fn best(size: (u32, u32), panels: usize, x: &Cells, y: &Cells, values: &Scale) -> Self {
        let layouts = (1..=panels).map(|columns| Self::new(size, panels, columns, x, y, values));
        let wasted = |layout: &Self| {
            layout.areas.first().map_or(0, |area| {
                -(i64::from(area.width().max(0)) * i64::from(area.height().max(0)))
            })
        };
        let mut layouts: Vec<Self> = layouts.collect();
        layouts.sort_by_key(wasted);
        layouts.swap_remove(0)
    }

    fn new(
        size: (u32, u32),
        panels: usize,
        columns: usize,
        x: &Cells,
        y: &Cells,
        values: &Scale,
    ) -> Self {
        // How wide the numbers are depends on how many fit, and that on the width that is left for the images.
        let (mut left, mut layout) = (0, Self::with_room(size, panels, columns, x, y, values, 0));
        for _ in 0..3 {
            let height = layout.areas[0].height().max(1);
            left = left.max(room_left(&y.scale, height, layout.sizes) + layout.sizes.gap());
            layout = Self::with_room(size, panels, columns, x, y, values, left);
        }
        layout
    }

    fn with_room(
        size: (u32, u32),
        panels: usize,
        columns: usize,
        x: &Cells,
        y: &Cells,
        values: &Scale,
        left: i32,
    ) -> Self {
        let sizes = Sizes::of(size);
        let rows = panels.div_ceil(columns) as i32;
        let columns_wide = columns as i32;
        let above = if panels > 1 {
            sizes.line() + sizes.gap()
        } else {
            0
        };
        let top = 2 * sizes.line();
        let between = sizes.line();
        let numbers = widest(&y_ticks(values, size.1 as i32, sizes), sizes);
        let bar_width = sizes.line();
        let right = between + bar_width + sizes.tick() + 3 * sizes.gap() + numbers + sizes.line();
        let mut width =
            (size.0 as i32 - left - right - (columns_wide - 1) * between) / columns_wide;
        let mut height =
            (size.1 as i32 - top - sizes.below() - rows * above - (rows - 1) * sizes.gap()) / rows;
        if let Some(ratio) = ratio(x, y) {
            match f64::from(width) > f64::from(height) * ratio {
                true => width = (f64::from(height) * ratio).round() as i32,
                false => height = (f64::from(width) / ratio).round() as i32,
            }
        }
        let areas: Vec<Area> = (0..panels as i32)
            .map(|number| {
                let (row, column) = (number / columns_wide, number % columns_wide);
                let left = left + column * (width + between);
                let top = top + above + row * (height + above + sizes.gap());
                Area {
                    left,
                    top,
                    right: left + width,
                    bottom: top + height,
                }
            })
            .collect();
        let last_right = left + columns_wide * width + (columns_wide - 1) * between;
        let last_bottom = areas.iter().map(|area| area.bottom).max().unwrap_or(top);
        let bar = Area {
            left: last_right + between,
            top: top + above,
            right: last_right + between + bar_width,
            bottom: last_bottom,
        };
        Self {
            size: (
                (last_right + right) as u32,
                (last_bottom + sizes.below()) as u32,
            ),
            sizes,
            areas,
            columns,
            bar,
            top,
        }
    }
}

pub fn draw(
    size: (u32, u32),
    title: &str,
    x: &Cells,
    y: &Cells,
    values: &Scale,
    panels: &[Panel],
) -> Result<Picture, Error> {
    let layout = Layout::best(size, panels.len(), x, y, values);
    let sizes = layout.sizes;
    super::check_room(layout.areas[0], size)?;
    let mut canvas = Canvas::new(layout.size.0, layout.size.1)?;
    for (number, (panel, area)) in panels.iter().zip(&layout.areas).enumerate() {
        fill(&mut canvas, *area, x, y, values.range, &panel.values);
        canvas.frame(*area, TEXT)?;
        if number % layout.columns == 0 {
            draw_y(&mut canvas, *area, &y.scale, sizes)?;
        }
        if number + layout.columns >= panels.len() {
            draw_x(&mut canvas, *area, &x.scale, sizes)?;
        }
        if panels.len() > 1 {
            let place = ((area.left + area.right) / 2, area.top - sizes.gap());
            canvas.text(&panel.title, sizes.font, place, Anchor::Above)?;
        }
    }
    let bar = layout.bar;
    for y in bar.top..bar.bottom {
        let part = (f64::from(bar.bottom - 1 - y) + 0.5) / f64::from(bar.height());
        let colour = VIRIDIS[((part * 256.0) as usize).min(255)];
        for x in bar.left..bar.right {
            canvas.set(x, y, colour);
        }
    }
    canvas.frame(bar, TEXT)?;
    draw_right(&mut canvas, bar, values, sizes)?;
    let right = layout
        .areas
        .iter()
        .map(|area| area.right)
        .max()
        .unwrap_or(0);
    let middle = (layout.areas[0].left + right) / 2;
    let place = (middle, layout.top - sizes.gap());
    canvas.text(title, 1.15 * sizes.font, place, Anchor::Above)?;
    Ok(Picture {
        canvas,
        panels: layout.areas,
        bar: Some(bar),
        x: x.scale.clone(),
        y: y.scale.clone(),
        values: Some(values.range),
    })
}

/// Colours an area by values, the first axis upwards; cells smaller than a pixel are averaged.
fn fill(canvas: &mut Canvas, area: Area, x: &Cells, y: &Cells, range: Range, values: &[f64]) {
    let columns = x.for_pixels(area.width());
    let rows = y.for_pixels(area.height());
    for (number, &(first_row, last_row)) in rows.iter().enumerate() {
        let at_y = area.bottom - 1 - number as i32;
        for (column, &(first, last)) in columns.iter().enumerate() {
            let mut sum = 0.0;
            let mut count = 0.0;
            for row in first_row..=last_row {
                for value in &values[row * x.count() + first..=row * x.count() + last] {
                    if value.is_finite() {
                        sum += value;
                        count += 1.0;
                    }
                }
            }
            canvas.set(area.left + column as i32, at_y, colour(range, sum / count));
        }
    }
}
