//! A line: the values along one axis.

use super::axes::{draw_grid, draw_x, draw_y, room_left, x_of, y_of, Scale, Sizes};
use super::canvas::{Anchor, Area, Canvas, TEXT};
use super::picture::Picture;
use super::ticks::Range;
use h5sim::error::Error;

/// Of a colour of viridis that is seen well on white.
const COLOUR: [u8; 3] = [49, 104, 142];

/// So few points are shown as such.
const FEW: usize = 40;

pub fn draw(
    size: (u32, u32),
    title: &str,
    x: &Scale,
    y: &Scale,
    points: &[(f64, f64)],
) -> Result<Picture, Error> {
    let sizes = Sizes::of(size);
    let mut canvas = Canvas::new(size.0, size.1)?;
    let (width, height) = (size.0 as i32, size.1 as i32);
    let top = 2 * sizes.line();
    let bottom = height - sizes.below();
    let area = Area {
        left: room_left(y, bottom - top, sizes) + sizes.gap(),
        top,
        right: width - 2 * sizes.line(),
        bottom,
    };
    super::check_room(area, size)?;
    draw_grid(&mut canvas, area, x, y, sizes)?;
    let places: Vec<Option<(f64, f64)>> = points
        .iter()
        .map(|&(at, value)| {
            let is_there = at.is_finite() && value.is_finite();
            // A pixel's middle is half a pixel from its corner.
            is_there.then(|| {
                (
                    x_of(area, x.range, at) - 0.5,
                    y_of(area, y.range, value) - 0.5,
                )
            })
        })
        .collect();
    let thickness = (sizes.font / 10.0).max(1.5);
    // A point that lies on the frame is drawn whole.
    let over = sizes.gap();
    let mut ink = Ink::new(Area {
        left: area.left - over,
        top: area.top - over,
        right: area.right + over,
        bottom: area.bottom + over,
    });
    for pair in thinned(&places).windows(2) {
        if let [Some(from), Some(to)] = pair {
            ink.segment(*from, *to, thickness / 2.0, area);
        }
    }
    for (number, place) in places.iter().enumerate() {
        let Some(place) = *place else { continue };
        let has = |other: Option<&Option<_>>| other.is_some_and(Option::is_some);
        let before = number.checked_sub(1).and_then(|before| places.get(before));
        let is_alone = !has(before) && !has(places.get(number + 1));
        if (places.len() <= FEW || is_alone) && is_inside(area, place) {
            ink.segment(place, place, 1.7 * thickness, ink.area);
        }
    }
    canvas.frame(area, TEXT)?;
    ink.lay_on(&mut canvas, COLOUR);
    draw_x(&mut canvas, area, x, sizes)?;
    draw_y(&mut canvas, area, y, sizes)?;
    let middle = (area.left + area.right) / 2;
    let above = area.top - sizes.gap();
    canvas.text(title, 1.15 * sizes.font, (middle, above), Anchor::Above)?;
    Ok(Picture {
        canvas,
        panels: vec![area],
        bar: None,
        x: x.clone(),
        y: y.clone(),
        values: Range::of(points.iter().map(|point| point.1)),
    })
}

fn is_inside(area: Area, (x, y): (f64, f64)) -> bool {
    let (left, right) = (f64::from(area.left) - 1.0, f64::from(area.right));
    let (top, bottom) = (f64::from(area.top) - 1.0, f64::from(area.bottom));
    (left..=right).contains(&x) && (top..=bottom).contains(&y)
}

/// Of points that lie side by side in one column of pixels the first and last, the highest and lowest: the same picture.
fn thinned(places: &[Option<(f64, f64)>]) -> Vec<Option<(f64, f64)>> {
    let mut kept: Vec<Option<(f64, f64)>> = Vec::new();
    let mut begin = 0;
    while begin < places.len() {
        let Some(first) = places[begin] else {
            kept.push(None);
            begin += 1;
            continue;
        };
        let same = |place: &&Option<(f64, f64)>| {
            place.is_some_and(|place| place.0.floor() == first.0.floor())
        };
        let run = places[begin..].iter().take_while(same).count();
        let column = &places[begin..begin + run];
        if run <= 4 {
            kept.extend_from_slice(column);
        } else {
            let by_height = |one: &&Option<(f64, f64)>, other: &&Option<(f64, f64)>| {
                one.map_or(0.0, |one| one.1)
                    .total_cmp(&other.map_or(0.0, |other| other.1))
            };
            let low = column.iter().min_by(by_height).copied().flatten();
            let high = column.iter().max_by(by_height).copied().flatten();
            kept.extend([Some(first), low, high, column[run - 1]]);
        }
        begin += run;
    }
    kept
}

/// How much of each pixel of an area is covered.
struct Ink {
    area: Area,
    covered: Vec<f32>,
}

impl Ink {
    fn new(area: Area) -> Self {
        let pixels = area.width() as usize * area.height() as usize;
        Self {
            area,
            covered: vec![0.0; pixels],
        }
    }

    /// Draws what lies within an area of a line with round ends and soft edges.
    fn segment(&mut self, from: (f64, f64), to: (f64, f64), radius: f64, within: Area) {
        let Area {
            left,
            top,
            right,
            bottom,
        } = within;
        let reach = radius + 1.0;
        let clamp = |value: f64, low: i32, high: i32| (value as i32).clamp(low, high - 1);
        let along = (to.0 - from.0, to.1 - from.1);
        let length = along.0 * along.0 + along.1 * along.1;
        let rows = clamp(from.1.min(to.1) - reach, top, bottom)
            ..=clamp(from.1.max(to.1) + reach, top, bottom);
        for y in rows {
            // Of a long line only what is near it in this row.
            let (mut begin, mut end) = (from.0.min(to.0) - reach, from.0.max(to.0) + reach);
            if along.1.abs() > 1e-9 {
                let at = |y: f64| from.0 + along.0 * (y - from.1) / along.1;
                let (one, other) = (at(f64::from(y) - reach), at(f64::from(y) + reach));
                begin = begin.max(one.min(other) - reach);
                end = end.min(one.max(other) + reach);
            }
            if begin > end {
                continue;
            }
            for x in clamp(begin, left, right)..=clamp(end, left, right) {
                let offset = (f64::from(x) - from.0, f64::from(y) - from.1);
                let part = match length > 0.0 {
                    true => ((offset.0 * along.0 + offset.1 * along.1) / length).clamp(0.0, 1.0),
                    false => 0.0,
                };
                let (dx, dy) = (offset.0 - part * along.0, offset.1 - part * along.1);
                let covered = (radius + 0.5 - dx.hypot(dy)).clamp(0.0, 1.0) as f32;
                let (row, column) = (y - self.area.top, x - self.area.left);
                let at = row as usize * self.area.width() as usize + column as usize;
                self.covered[at] = self.covered[at].max(covered);
            }
        }
    }

    fn lay_on(&self, canvas: &mut Canvas, colour: [u8; 3]) {
        let width = self.area.width() as usize;
        for (at, &covered) in self.covered.iter().enumerate().filter(|ink| *ink.1 > 0.0) {
            let x = self.area.left + (at % width) as i32;
            let y = self.area.top + (at / width) as i32;
            canvas.mix(x, y, colour, f64::from(covered));
        }
    }
}
