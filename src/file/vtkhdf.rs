//! The group for ParaView: links to datasets that are there, and steps that grow with them.

#![forbid(unsafe_code)]

use super::appending::Records;
use super::owner::State;
use crate::error::{Error, Result, Status};
use crate::store::h5;
use crate::store::strided::show_shape;
use crate::store::{
    check_vtk_type, path, Append, Counts, Dtype, Length, Stored, VtkKind, Vtkhdf, Write, VTKHDF,
};

/// The elements of a chunk of the numbers that are kept for each step.
const CHUNK: u64 = 1024;

/// What is known of the group.
#[derive(Debug, Default)]
pub enum Vtk {
    /// Nothing yet, or not any more.
    #[default]
    Unknown,
    /// There is none that goes on.
    Nothing,
    /// It goes on.
    Some(Box<Stored>),
}

/// The groups of cells of VTK's surfaces; particles are in the first.
const CELLS: [&str; 4] = ["Vertices", "Lines", "Polygons", "Strips"];

impl State {
    /// Adds the group for ParaView to the file.
    pub(super) fn add_vtkhdf(&mut self, wanted: &Vtkhdf) -> Result<()> {
        let wanted = &normal(wanted);
        let plan = self.plan_vtk(wanted)?;
        self.flush_for(VTKHDF)?;
        if h5::link_type(self.hdf5.id()?, VTKHDF)?.is_some() {
            if !wanted.overwrite {
                return Err(Error::exists(format!(
                    "'{VTKHDF}' exists already: set \"overwrite\" to replace it"
                )));
            }
            self.remove_vtk()?;
        }
        self.vtk = Vtk::Nothing;
        let made = self.make_vtk(wanted, &plan);
        if made.is_err() {
            // The first failure is the one to tell of.
            let _ = self.remove_vtk();
        }
        made
    }

    fn remove_vtk(&mut self) -> Result<()> {
        self.gathered.flush_tree(&self.hdf5, VTKHDF)?;
        self.close_concerned(VTKHDF, true, true)?;
        self.hdf5.delete(VTKHDF)?;
        self.gathered.forget(VTKHDF);
        self.vtk = Vtk::Nothing;
        Ok(())
    }

    /// The type and the lengths of the dataset at a normal path.
    fn facts(&mut self, path: &str) -> Result<(Dtype, Vec<Length>)> {
        let lengths = self.lengths_at(path)?;
        if let Some((dtype, _)) = self.gathered.info(path) {
            return Ok((dtype, lengths));
        }
        let dtype = self.with_dataset(path, |state, id| {
            Ok(state.datasets.get(id).map(|open| open.dtype))
        })?;
        Ok((dtype.unwrap_or(Dtype::Other), lengths))
    }

    /// The extents of an array that VTK can read.
    fn readable(&mut self, path: &str) -> Result<Vec<u64>> {
        let (dtype, lengths) = self.facts(path)?;
        check_vtk_type(path, dtype)?;
        Ok(lengths.iter().map(|length| length.now).collect())
    }

    /// Checks what is wanted.
    fn plan_vtk(&mut self, wanted: &Vtkhdf) -> Result<VtkPlan> {
        let mut names: Vec<&str> = Vec::new();
        for path in wanted.point_data.iter().chain(&wanted.cell_data) {
            let (_, name) = path::split(path);
            if names.contains(&name) {
                return Err(Error::argument(format!(
                    "two arrays have the name '{name}', by which VTK knows them"
                )));
            }
            names.push(name);
        }
        if let Some(time) = &wanted.time {
            let shape = self.readable(time)?;
            if shape.len() != 1 {
                return Err(Error::shape(format!(
                    "'{time}' has shape {}, the times of steps have one axis",
                    show_shape(&shape)
                )));
            }
        }
        match wanted.kind {
            VtkKind::ImageData | VtkKind::RectilinearGrid => self.plan_grid(wanted),
            VtkKind::PolyData | VtkKind::UnstructuredGrid => self.plan_points(wanted),
        }
    }

    /// Checks the arrays of a grid, whose extents follow from theirs.
    fn plan_grid(&mut self, wanted: &Vtkhdf) -> Result<VtkPlan> {
        let is_image = wanted.kind == VtkKind::ImageData;
        let foreign = [
            ("points", wanted.points.is_some()),
            ("connectivity", wanted.connectivity.is_some()),
            ("offsets", wanted.offsets.is_some()),
            ("types", wanted.types.is_some()),
            ("counts", wanted.counts.is_some()),
            ("origin", !is_image && wanted.origin.is_some()),
            ("spacing", !is_image && wanted.spacing.is_some()),
            ("x", is_image && wanted.coordinates[0].is_some()),
            ("y", is_image && wanted.coordinates[1].is_some()),
            ("z", is_image && wanted.coordinates[2].is_some()),
        ];
        refuse_foreign(wanted.kind, &foreign)?;
        let mut points: Option<Vec<u64>> = None;
        if !is_image {
            let mut extents = Vec::new();
            for coordinate in wanted.coordinates.iter().rev().flatten() {
                let shape = self.readable(coordinate)?;
                let [length] = shape[..] else {
                    return Err(Error::shape(format!(
                        "'{coordinate}' has shape {}, a coordinate has one axis",
                        show_shape(&shape)
                    )));
                };
                extents.push(length);
            }
            points = Some(extents);
        }
        let given = [&wanted.origin, &wanted.spacing].into_iter().flatten();
        let mut axes = points.as_ref().map(Vec::len);
        for given in given {
            if !(2..=3).contains(&given.len()) || axes.is_some_and(|axes| axes != given.len()) {
                return Err(Error::argument(
                    "options 'origin' and 'spacing' have two or three numbers, for x, y and z, as many each",
                ));
            }
            axes = Some(given.len());
        }
        let is_timed = usize::from(wanted.time.is_some());
        let mut arrays = Vec::new();
        for (path, is_cells) in paths(wanted) {
            let mut shape = self.readable(path)?;
            if shape.len() < is_timed {
                return Err(misshaped(path, &shape, "has no axis of steps"));
            }
            shape.drain(..is_timed);
            arrays.push((path, is_cells, shape));
        }
        // Without more said, the array with the fewest axes is one of numbers and not of vectors.
        let fewest = arrays.iter().map(|array| array.2.len()).min();
        let Some(axes) = axes.or(fewest) else {
            return Err(Error::argument(
                "option 'point_data' or 'cell_data' has to name an array",
            ));
        };
        if !(2..=3).contains(&axes) {
            return Err(Error::shape(format!(
                "the arrays have {axes} axes in space, expected two or three"
            )));
        }
        for (path, is_cells, shape) in &arrays {
            let (space, rest) = shape.split_at(axes.min(shape.len()));
            if space.len() < axes || !(rest.is_empty() || (rest.len() == 1 && rest[0] <= 9)) {
                return Err(misshaped(
                    path,
                    shape,
                    "is neither numbers nor vectors on the grid",
                ));
            }
            let grown = |extent: &u64| extent + u64::from(*is_cells);
            let extents: Vec<u64> = space.iter().map(grown).collect();
            match &points {
                None => points = Some(extents),
                Some(points) if *points == extents => {}
                Some(points) => {
                    let expected = match is_cells {
                        true => points
                            .iter()
                            .map(|extent| extent.saturating_sub(1))
                            .collect(),
                        false => points.clone(),
                    };
                    return Err(misshaped(
                        path,
                        shape,
                        &format!(
                            "is not of the grid, where {} are expected",
                            show_shape(&expected)
                        ),
                    ));
                }
            }
        }
        Ok(VtkPlan {
            points: points.unwrap_or_default(),
            counts: None,
        })
    }

    /// Checks points and what belongs to them.
    fn plan_points(&mut self, wanted: &Vtkhdf) -> Result<VtkPlan> {
        let is_grid = wanted.kind == VtkKind::UnstructuredGrid;
        let foreign = [
            ("origin", wanted.origin.is_some()),
            ("spacing", wanted.spacing.is_some()),
            ("x", wanted.coordinates[0].is_some()),
            ("y", wanted.coordinates[1].is_some()),
            ("z", wanted.coordinates[2].is_some()),
            ("connectivity", !is_grid && wanted.connectivity.is_some()),
            ("offsets", !is_grid && wanted.offsets.is_some()),
            ("types", !is_grid && wanted.types.is_some()),
            ("cell_data", !is_grid && !wanted.cell_data.is_empty()),
        ];
        refuse_foreign(wanted.kind, &foreign)?;
        let points = required("points", &wanted.points)?;
        let shape = self.readable(points)?;
        let [count, 3] = shape[..] else {
            return Err(misshaped(
                points,
                &shape,
                "is not points of three numbers, (points, 3)",
            ));
        };
        let counts = match &wanted.counts {
            Some(Counts::Each(0)) => {
                return Err(Error::argument("option 'counts' is 0, expected points"));
            }
            Some(Counts::Listed(path)) if is_grid => {
                return Err(Error::argument(format!(
                    "option 'counts' is '{path}': the cells of an unstructured grid stay, and so does the number of points"
                )));
            }
            Some(counts) => counts.clone(),
            None if wanted.time.is_some() && !is_grid => {
                return Err(Error::argument(
                    "option 'counts' has to say how many points there are in a step: a number, or the path of a dataset of as many numbers as steps",
                ));
            }
            None => Counts::Each(count),
        };
        if let Counts::Listed(path) = &counts {
            let (dtype, lengths) = self.facts(path)?;
            if lengths.len() != 1 || !is_integer(dtype) {
                return Err(Error::type_(format!(
                    "'{path}' has to be integers along one axis, the numbers of points of each step"
                )));
            }
        }
        for (path, _) in paths(wanted) {
            let shape = self.readable(path)?;
            if !(1..=2).contains(&shape.len()) || shape.get(1).is_some_and(|&width| width > 9) {
                return Err(misshaped(
                    path,
                    &shape,
                    "is neither numbers nor vectors, one for each point or cell, those of all steps one after the other",
                ));
            }
        }
        if is_grid {
            self.plan_cells(wanted)?;
        }
        Ok(VtkPlan {
            points: vec![count],
            counts: Some(counts),
        })
    }

    fn plan_cells(&mut self, wanted: &Vtkhdf) -> Result<()> {
        let parts = [
            ("connectivity", &wanted.connectivity),
            ("offsets", &wanted.offsets),
            ("types", &wanted.types),
        ];
        for (name, path) in parts {
            let path = required(name, path)?;
            let (dtype, lengths) = self.facts(path)?;
            let fits = match name {
                "types" => dtype == Dtype::U8,
                _ => is_integer(dtype),
            };
            if lengths.len() != 1 || !fits {
                let expected = if name == "types" { "u1" } else { "integers" };
                return Err(Error::type_(format!(
                    "'{path}' has to be {expected} along one axis"
                )));
            }
        }
        let length = |state: &mut Self, path: &Option<String>| -> Result<u64> {
            let lengths = state.lengths_at(path.as_deref().unwrap_or_default())?;
            Ok(lengths.first().map_or(0, |length| length.now))
        };
        let (offsets, types) = (length(self, &wanted.offsets)?, length(self, &wanted.types)?);
        if offsets != types + 1 {
            return Err(Error::shape(format!(
                "there are {types} types and {offsets} offsets, expected one offset more, the end of the last cell"
            )));
        }
        Ok(())
    }

    /// Makes the group for what was checked.
    fn make_vtk(&mut self, wanted: &Vtkhdf, plan: &VtkPlan) -> Result<()> {
        let version = match wanted.kind {
            VtkKind::RectilinearGrid => [2, 7],
            _ if wanted.time.is_some() => [2, 0],
            VtkKind::PolyData => [1, 0],
            _ => [1, 0],
        };
        let counts = match &plan.counts {
            None => String::new(),
            Some(Counts::Each(count)) => count.to_string(),
            Some(Counts::Listed(path)) => format!("/{path}"),
        };
        self.hdf5.create_vtkhdf(wanted.kind, version, &counts)?;
        self.gathered.forget(VTKHDF);
        for (group, arrays) in [
            ("PointData", &wanted.point_data),
            ("CellData", &wanted.cell_data),
        ] {
            self.hdf5.create_vtk_group(group)?;
            for path in arrays {
                let (_, name) = path::split(path);
                self.hdf5.link_vtk(&format!("{group}/{name}"), path)?;
            }
        }
        if let Some(time) = &wanted.time {
            self.hdf5.create_vtk_group("Steps")?;
            self.hdf5.link_vtk("Steps/Values", time)?;
            self.hdf5
                .set_vtk_integers("VTKHDF/Steps", "NSteps", &[], &[0])?;
        }
        match wanted.kind {
            VtkKind::ImageData => self.make_image(wanted, &plan.points)?,
            VtkKind::RectilinearGrid => self.make_rectilinear(wanted, &plan.points)?,
            VtkKind::PolyData | VtkKind::UnstructuredGrid => self.make_points(wanted)?,
        }
        let Some(stored) = self.hdf5.read_vtkhdf()? else {
            return Err(Error::internal("the group that was just made is not there"));
        };
        if stored.time.is_some() {
            self.vtk = Vtk::Some(Box::new(stored));
            self.update_vtk()
        } else if wanted.kind == VtkKind::PolyData {
            self.extend_vtk(&stored, &[0, plan.points[0]], 0)
        } else {
            Ok(())
        }
    }

    fn make_image(&mut self, wanted: &Vtkhdf, points: &[u64]) -> Result<()> {
        let mut extent = [0i64; 6];
        for (axis, points) in points.iter().rev().enumerate() {
            extent[2 * axis + 1] = *points as i64 - 1;
        }
        self.hdf5
            .set_vtk_integers(VTKHDF, "WholeExtent", &[6], &extent)?;
        let three = |given: &Option<Vec<f64>>, rest: f64| {
            let mut values = given.clone().unwrap_or_default();
            values.resize(3, rest);
            values
        };
        self.hdf5
            .set_vtk_floats("Origin", &three(&wanted.origin, 0.0))?;
        self.hdf5
            .set_vtk_floats("Spacing", &three(&wanted.spacing, 1.0))?;
        let direction = [1.0, 0.0, 0.0, 0.0, 1.0, 0.0, 0.0, 0.0, 1.0];
        self.hdf5.set_vtk_floats("Direction", &direction)
    }

    fn make_rectilinear(&mut self, wanted: &Vtkhdf, points: &[u64]) -> Result<()> {
        let mut dimensions = [1i64; 3];
        for (axis, points) in points.iter().rev().enumerate() {
            dimensions[axis] = *points as i64;
        }
        self.hdf5
            .set_vtk_integers(VTKHDF, "Dimensions", &[3], &dimensions)?;
        for (name, path) in ["X", "Y", "Z"].into_iter().zip(&wanted.coordinates) {
            let name = format!("{name}Coordinates");
            match path {
                Some(path) => self.hdf5.link_vtk(&name, path)?,
                // A plane lies at 0.
                None => self.vtk_floats(&name, &[0.0])?,
            }
        }
        Ok(())
    }

    fn make_points(&mut self, wanted: &Vtkhdf) -> Result<()> {
        let links = [
            ("Points", &wanted.points),
            ("Connectivity", &wanted.connectivity),
            ("Offsets", &wanted.offsets),
            ("Types", &wanted.types),
        ];
        for (name, path) in links {
            if let Some(path) = path {
                self.hdf5.link_vtk(name, path)?;
            }
        }
        if wanted.kind == VtkKind::UnstructuredGrid {
            let points = match &wanted.counts {
                Some(Counts::Each(count)) => *count,
                _ => self.first_length(wanted.points.as_deref())?,
            };
            let cells = self.first_length(wanted.types.as_deref())?;
            let ends = self.first_length(wanted.connectivity.as_deref())?;
            for (name, count) in [
                ("NumberOfPoints", points),
                ("NumberOfCells", cells),
                ("NumberOfConnectivityIds", ends),
            ] {
                self.vtk_numbers(name, &[], &[count as i64])?;
            }
        }
        Ok(())
    }

    fn first_length(&mut self, path: Option<&str>) -> Result<u64> {
        let lengths = self.lengths_at(path.unwrap_or_default())?;
        Ok(lengths.first().map_or(0, |length| length.now))
    }

    /// Appends numbers to a series of the group, records of these extents.
    fn vtk_numbers(&mut self, name: &str, record: &[i64], values: &[i64]) -> Result<()> {
        let bytes: Vec<u8> = values
            .iter()
            .flat_map(|value| value.to_ne_bytes())
            .collect();
        self.vtk_series(name, Dtype::I64, record, &bytes)
    }

    fn vtk_floats(&mut self, name: &str, values: &[f64]) -> Result<()> {
        let bytes: Vec<u8> = values
            .iter()
            .flat_map(|value| value.to_ne_bytes())
            .collect();
        self.vtk_series(name, Dtype::F64, &[], &bytes)
    }

    fn vtk_series(&mut self, name: &str, dtype: Dtype, record: &[i64], bytes: &[u8]) -> Result<()> {
        let size: i64 = record.iter().product();
        let count = bytes.len() as u64 / (8 * size as u64);
        let mut chunk = vec![CHUNK];
        chunk.extend(record.iter().map(|&extent| extent as u64));
        let options = Append::new()
            .records(count)
            .stored(Write::new().chunks(chunk));
        let records = Records {
            dtype,
            record,
            options: &options,
        };
        self.append(&format!("{VTKHDF}/{name}"), &records, |_| Ok(bytes.into()))
    }

    /// What the group of the file says, if it goes on.
    fn known_vtk(&mut self) -> Result<Option<Box<Stored>>> {
        // What is wrong with the root HDF5 says below.
        if matches!(self.vtk, Vtk::Unknown) && self.gathered.lacks(&self.hdf5, VTKHDF) == Ok(true) {
            self.vtk = Vtk::Nothing;
        }
        if let Vtk::Unknown = self.vtk {
            self.vtk = match self.hdf5.read_vtkhdf()? {
                Some(stored) if stored.time.is_some() => Vtk::Some(Box::new(stored)),
                _ => Vtk::Nothing,
            };
        }
        Ok(match &self.vtk {
            Vtk::Some(stored) => Some(stored.clone()),
            _ => None,
        })
    }

    /// Makes the group say as many steps as all its series have, as a part of the next commit.
    ///
    /// Where one of them is no dataset any more the group stays as it is until there is one again: what else was written must
    /// not wait for that.
    pub(super) fn update_vtk(&mut self) -> Result<()> {
        let Some(mut stored) = self.known_vtk()? else {
            return Ok(());
        };
        let before = stored.steps;
        let (starts, steps) = match self.starts_and_steps(&stored) {
            Ok((_, steps)) if steps == before => return Ok(()),
            Ok(both) => both,
            Err(error) if matches!(error.status, Status::NotFound | Status::Type) => return Ok(()),
            Err(error) => return Err(error),
        };
        if let Some(starts) = &starts {
            match steps > before {
                true => self.extend_vtk(&stored, &starts[..=steps as usize], before as usize)?,
                false => self.cut_vtk(&stored, steps)?,
            }
        }
        self.hdf5
            .set_vtk_integers("VTKHDF/Steps", "NSteps", &[], &[steps as i64])?;
        stored.steps = steps;
        self.vtk = Vtk::Some(stored);
        Ok(())
    }

    /// What the series say: where the points of each step begin, and how many steps all of them have.
    fn starts_and_steps(&mut self, stored: &Stored) -> Result<(Option<Vec<u64>>, u64)> {
        let starts = self.starts_of(stored)?;
        let steps = self.steps_of(stored, starts.as_deref())?;
        Ok((starts, steps))
    }

    /// Where the points of each step begin, and where those of the last one end; None of grids.
    fn starts_of(&mut self, stored: &Stored) -> Result<Option<Vec<u64>>> {
        let steps = self.first_length(stored.time.as_deref())? as usize;
        Ok(match &stored.counts {
            None => None,
            Some(Counts::Each(count)) => Some(
                (0..=steps as u64)
                    .map(|step| step.saturating_mul(*count))
                    .collect(),
            ),
            Some(Counts::Listed(path)) => {
                let mut starts = vec![0u64];
                for count in self
                    .all_numbers(path, Dtype::I64, i64::from_ne_bytes)?
                    .into_iter()
                    .take(steps)
                {
                    let count = u64::try_from(count).map_err(|_| {
                        Error::shape(format!("'{path}' says that a step has {count} points"))
                    })?;
                    let last = starts.last().copied().unwrap_or(0);
                    starts.push(last.saturating_add(count));
                }
                Some(starts)
            }
        })
    }

    /// How many steps all series have.
    fn steps_of(&mut self, stored: &Stored, starts: Option<&[u64]>) -> Result<u64> {
        let mut steps = self.first_length(stored.time.as_deref())?;
        match starts {
            None => {
                for (_, path) in stored.point_data.iter().chain(&stored.cell_data) {
                    steps = steps.min(self.first_length(Some(path))?);
                }
            }
            Some(starts) => {
                steps = steps.min(starts.len() as u64 - 1);
                let cells = self.cells_of(stored)?;
                for (path, is_cells) in flat_arrays(stored) {
                    if !self.is_series(path)? {
                        continue;
                    }
                    let length = self.first_length(Some(path))?;
                    steps = steps.min(match is_cells {
                        true => length / cells.max(1),
                        false => starts.partition_point(|&start| start <= length) as u64 - 1,
                    });
                }
            }
        }
        Ok(steps)
    }

    /// Whether the dataset at a path has the values of all steps, one after the other, and not those of any.
    fn is_series(&mut self, path: &str) -> Result<bool> {
        let lengths = self.lengths_at(path)?;
        Ok(lengths.first().is_some_and(|length| length.grows))
    }

    fn cells_of(&mut self, stored: &Stored) -> Result<u64> {
        match stored.kind {
            VtkKind::UnstructuredGrid => {
                let cells = self.all_numbers(
                    &format!("{VTKHDF}/NumberOfCells"),
                    Dtype::I64,
                    i64::from_ne_bytes,
                )?;
                Ok(cells.first().map_or(0, |&cells| cells as u64))
            }
            _ => Ok(0),
        }
    }

    /// Adds what the group says of steps from one on, for points or particles.
    fn extend_vtk(&mut self, stored: &Stored, starts: &[u64], from: usize) -> Result<()> {
        let steps = from..starts.len() - 1;
        let has_steps = stored.time.is_some();
        let is_grid = stored.kind == VtkKind::UnstructuredGrid;
        let each = |value: &dyn Fn(usize) -> i64| steps.clone().map(value).collect::<Vec<i64>>();
        let start = |step: usize| starts[step] as i64;
        let count = |step: usize| (starts[step + 1] - starts[step]) as i64;
        let points = stored.points.clone().unwrap_or_default();
        let do_points_move = !is_grid || self.is_series(&points)?;
        let cells = self.cells_of(stored)? as i64;
        if !is_grid {
            self.vtk_numbers("NumberOfPoints", &[], &each(&count))?;
            // All particles of a step are one cell.
            for (place, name) in CELLS.into_iter().enumerate() {
                let is_used = place == 0;
                let number = |name: &str, value: &dyn Fn(usize) -> i64| {
                    (
                        name.to_owned(),
                        each(&|step| if is_used { value(step) } else { 0 }),
                    )
                };
                let mut numbers = vec![
                    number("NumberOfCells", &|_| 1),
                    number("NumberOfConnectivityIds", &count),
                ];
                let ends = steps.clone().flat_map(|step| [0, count(step)]);
                let offsets = match is_used {
                    true => ends.collect(),
                    false => each(&|_| 0),
                };
                numbers.push(("Offsets".to_owned(), offsets));
                for (number, values) in numbers {
                    self.vtk_numbers(&format!("{name}/{number}"), &[], &values)?;
                }
                self.extend_connectivity(
                    name,
                    match is_used {
                        true => steps.clone().map(&count).max().unwrap_or(0),
                        false => 0,
                    },
                )?;
            }
        }
        if !has_steps {
            return Ok(());
        }
        self.vtk_numbers("Steps/NumberOfParts", &[], &each(&|_| 1))?;
        let part = |step: usize| if is_grid { 0 } else { step as i64 };
        self.vtk_numbers("Steps/PartOffsets", &[], &each(&part))?;
        let moving = |step: usize| if do_points_move { start(step) } else { 0 };
        self.vtk_numbers("Steps/PointOffsets", &[], &each(&moving))?;
        let width = if is_grid { 1 } else { CELLS.len() as i64 };
        let first = |step: usize| {
            let mut row = vec![0; width as usize];
            row[0] = part(step);
            row
        };
        let rows: Vec<i64> = steps.clone().flat_map(first).collect();
        self.vtk_numbers("Steps/CellOffsets", &[width], &rows)?;
        let none = vec![0; rows.len()];
        self.vtk_numbers("Steps/ConnectivityIdOffsets", &[width], &none)?;
        for (group, arrays) in [
            ("PointDataOffsets", &stored.point_data),
            ("CellDataOffsets", &stored.cell_data),
        ] {
            for (name, path) in arrays {
                let is_series = self.is_series(path)?;
                let offset = |step: usize| match (is_series, group) {
                    (false, _) => 0,
                    (true, "PointDataOffsets") => start(step),
                    (true, _) => step as i64 * cells,
                };
                self.vtk_numbers(&format!("Steps/{group}/{name}"), &[], &each(&offset))?;
            }
        }
        Ok(())
    }

    /// Sees to it that so many points can be named, each by its number: all steps share these.
    fn extend_connectivity(&mut self, name: &str, points: i64) -> Result<()> {
        let name = format!("{name}/Connectivity");
        let path = format!("{VTKHDF}/{name}");
        let has = match self.find_dataset(&path)? {
            Some(id) => self.datasets.get(id).map_or(0, |open| open.shape[0]) as i64,
            None => {
                self.vtk_numbers(&name, &[], &[])?;
                0
            }
        };
        let more: Vec<i64> = (has..points).collect();
        match more.is_empty() {
            true => Ok(()),
            false => self.vtk_numbers(&name, &[], &more),
        }
    }

    /// Drops what the group says of steps from one on.
    fn cut_vtk(&mut self, stored: &Stored, steps: u64) -> Result<()> {
        let mut series = vec![
            ("Steps/NumberOfParts".to_owned(), 1),
            ("Steps/PartOffsets".to_owned(), 1),
            ("Steps/PointOffsets".to_owned(), 1),
            ("Steps/CellOffsets".to_owned(), 1),
            ("Steps/ConnectivityIdOffsets".to_owned(), 1),
        ];
        for (group, arrays) in [
            ("PointDataOffsets", &stored.point_data),
            ("CellDataOffsets", &stored.cell_data),
        ] {
            let names = arrays.iter();
            series.extend(names.map(|(name, _)| (format!("Steps/{group}/{name}"), 1)));
        }
        if stored.kind == VtkKind::PolyData {
            series.push(("NumberOfPoints".to_owned(), 1));
            for (place, name) in CELLS.into_iter().enumerate() {
                series.push((format!("{name}/NumberOfCells"), 1));
                series.push((format!("{name}/NumberOfConnectivityIds"), 1));
                series.push((format!("{name}/Offsets"), if place == 0 { 2 } else { 1 }));
            }
        }
        for (name, records) in series {
            self.truncate(&format!("{VTKHDF}/{name}"), steps * records)?;
        }
        Ok(())
    }

    /// The series of points along an axis, and how many records of each go with so many steps: they have no such axis.
    pub(super) fn vtk_cuts(&mut self, axis: &str, steps: u64) -> Result<Vec<(String, u64)>> {
        let Some(stored) = self.known_vtk()? else {
            return Ok(Vec::new());
        };
        let starts = match self.starts_of(&stored)? {
            Some(starts) if stored.time.as_deref() == Some(axis) => starts,
            _ => return Ok(Vec::new()),
        };
        let start = starts.get(steps as usize).or(starts.last());
        let start = start.copied().unwrap_or(0);
        let cells = self.cells_of(&stored)?;
        let mut cuts = Vec::new();
        for (path, is_cells) in flat_arrays(&stored) {
            if self.is_series(path)? {
                let records = if is_cells { cells * steps } else { start };
                cuts.push((path.to_owned(), records));
            }
        }
        if let Some(Counts::Listed(path)) = &stored.counts {
            cuts.push((path.clone(), steps));
        }
        Ok(cuts)
    }
}

/// What was checked.
#[derive(Debug)]
struct VtkPlan {
    /// The points along each axis, in C order.
    points: Vec<u64>,
    /// How many points there are in a step, of kinds that say so.
    counts: Option<Counts>,
}

/// The same with normal paths.
fn normal(wanted: &Vtkhdf) -> Vtkhdf {
    let one = |path: &Option<String>| path.as_deref().map(path::normalise);
    let all = |paths: &[String]| paths.iter().map(|path| path::normalise(path)).collect();
    Vtkhdf {
        coordinates: [0, 1, 2].map(|axis| one(&wanted.coordinates[axis])),
        points: one(&wanted.points),
        connectivity: one(&wanted.connectivity),
        offsets: one(&wanted.offsets),
        types: one(&wanted.types),
        counts: wanted.counts.as_ref().map(|counts| match counts {
            Counts::Listed(path) => Counts::Listed(path::normalise(path)),
            each => each.clone(),
        }),
        point_data: all(&wanted.point_data),
        cell_data: all(&wanted.cell_data),
        time: one(&wanted.time),
        ..wanted.clone()
    }
}

/// The arrays, and whether they are of cells.
fn paths(wanted: &Vtkhdf) -> impl Iterator<Item = (&str, bool)> {
    let points = wanted.point_data.iter().map(|path| (path.as_str(), false));
    points.chain(wanted.cell_data.iter().map(|path| (path.as_str(), true)))
}

/// The arrays with the points of all steps one after the other, and whether they are of cells.
fn flat_arrays(stored: &Stored) -> impl Iterator<Item = (&str, bool)> {
    let points = stored.points.iter().map(|path| (path.as_str(), false));
    let data = stored
        .point_data
        .iter()
        .map(|(_, path)| (path.as_str(), false));
    let cells = stored
        .cell_data
        .iter()
        .map(|(_, path)| (path.as_str(), true));
    points.chain(data).chain(cells)
}

fn refuse_foreign(kind: VtkKind, options: &[(&str, bool)]) -> Result<()> {
    match options.iter().find(|option| option.1) {
        Some((name, _)) => Err(Error::argument(format!(
            "option '{name}' does not go with \"type\": \"{}\"",
            kind.name()
        ))),
        None => Ok(()),
    }
}

fn required<'a>(name: &str, path: &'a Option<String>) -> Result<&'a str> {
    let missing = || Error::argument(format!("option '{name}' has to name a dataset"));
    path.as_deref().ok_or_else(missing)
}

fn misshaped(path: &str, shape: &[u64], why: &str) -> Error {
    Error::shape(format!("'{path}' with shape {} {why}", show_shape(shape)))
}

fn is_integer(dtype: Dtype) -> bool {
    use Dtype::{I16, I32, I64, I8, U16, U32, U64, U8};
    matches!(dtype, I8 | I16 | I32 | I64 | U8 | U16 | U32 | U64)
}
