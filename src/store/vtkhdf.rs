//! What ParaView is to find in a file, and how a file says it: the group `VTKHDF`.
//!
//! VTK 9.3 takes the text of `Type` only if it fills its bytes to the last; other text attributes it does not look at.

#![forbid(unsafe_code)]

use super::attribute;
use super::h5::{self, ElementType, LinkType};
use super::{path, set_array, set_text, Dtype, Hdf5File};
use crate::error::{Error, Result};

/// The group.
pub const VTKHDF: &str = "VTKHDF";

/// The attribute that says how the group goes on, for later runs; VTK does not know it.
const COUNTS: &str = "h5sim_counts";

/// What VTK calls a kind of data.
///
/// ```
/// assert_eq!(h5sim::VtkKind::default(), h5sim::VtkKind::ImageData);
/// ```
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum VtkKind {
    /// Points at equal distances.
    #[default]
    ImageData,
    /// Points on lines at any distances.
    RectilinearGrid,
    /// Particles.
    PolyData,
    /// Points and cells of any kind.
    UnstructuredGrid,
}

impl VtkKind {
    /// All kinds.
    ///
    /// ```
    /// assert!(h5sim::VtkKind::ALL.contains(&h5sim::VtkKind::PolyData));
    /// ```
    pub const ALL: [Self; 4] = [
        Self::ImageData,
        Self::RectilinearGrid,
        Self::PolyData,
        Self::UnstructuredGrid,
    ];

    /// VTK's name.
    ///
    /// ```
    /// assert_eq!(h5sim::VtkKind::RectilinearGrid.name(), "RectilinearGrid");
    /// ```
    pub const fn name(self) -> &'static str {
        match self {
            Self::ImageData => "ImageData",
            Self::RectilinearGrid => "RectilinearGrid",
            Self::PolyData => "PolyData",
            Self::UnstructuredGrid => "UnstructuredGrid",
        }
    }
}

/// How many points there are in a step.
///
/// ```
/// use h5sim::Counts;
/// assert_ne!(Counts::Each(100), Counts::Listed("counts".to_owned()));
/// ```
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Counts {
    /// As many in each.
    Each(u64),
    /// The elements of the dataset at a path.
    Listed(String),
}

/// What ParaView is to find: paths of datasets and what they are.
///
/// ```
/// use h5sim::{Vtkhdf, VtkKind};
/// let image = Vtkhdf {
///     spacing: Some(vec![0.1, 0.1, 0.1]),
///     point_data: vec!["u".to_owned()],
///     ..Vtkhdf::default()
/// };
/// assert_eq!(image.kind, VtkKind::ImageData);
/// ```
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Vtkhdf {
    /// The kind of data.
    pub kind: VtkKind,
    /// Where the first point of an image is: x, y, z.
    pub origin: Option<Vec<f64>>,
    /// The distances between its points: x, y, z.
    pub spacing: Option<Vec<f64>>,
    /// The coordinates of a rectilinear grid: x, y, z.
    pub coordinates: [Option<String>; 3],
    /// The places of points.
    pub points: Option<String>,
    /// The points of cells, one cell after the other.
    pub connectivity: Option<String>,
    /// Where each cell begins in them, and where the last one ends.
    pub offsets: Option<String>,
    /// VTK's numbers of the cells' types.
    pub types: Option<String>,
    /// How many points there are in a step.
    pub counts: Option<Counts>,
    /// Arrays with values at points.
    pub point_data: Vec<String>,
    /// Arrays with values in cells.
    pub cell_data: Vec<String>,
    /// The times of steps.
    pub time: Option<String>,
    /// Replace a group that is there.
    pub overwrite: bool,
}

/// How the group of a file goes on.
#[derive(Clone, Debug)]
pub struct Stored {
    /// The kind of data.
    pub kind: VtkKind,
    /// How many points a step has, of those kinds that say so.
    pub counts: Option<Counts>,
    /// The arrays by their names and paths.
    pub point_data: Vec<(String, String)>,
    /// The same in cells.
    pub cell_data: Vec<(String, String)>,
    /// Where the points are.
    pub points: Option<String>,
    /// The times of steps.
    pub time: Option<String>,
    /// How many steps it says there are.
    pub steps: u64,
}

impl Hdf5File {
    /// Creates the group, with the version of the format that covers the content.
    pub fn create_vtkhdf(&self, kind: VtkKind, version: [i64; 2], counts: &str) -> Result<()> {
        self.new_group(VTKHDF)?;
        let group = h5::open_group(self.id()?, VTKHDF)?;
        set_integers(&group, "Version", &[2], &version)?;
        let name = kind.name();
        let element = ElementType::fixed_text(name.len(), true)?;
        h5::create_attribute(&group, "Type", element, &[])?.write_stored(name.as_bytes())?;
        set_text(&group, COUNTS, counts)
    }

    /// Sets an attribute of the group to integers.
    pub fn set_vtk_integers(
        &self,
        group: &str,
        name: &str,
        shape: &[u64],
        values: &[i64],
    ) -> Result<()> {
        set_integers(&h5::open_group(self.id()?, group)?, name, shape, values)
    }

    /// Sets an attribute of the group to floats.
    pub fn set_vtk_floats(&self, name: &str, values: &[f64]) -> Result<()> {
        let group = h5::open_group(self.id()?, VTKHDF)?;
        let bytes: Vec<u8> = values
            .iter()
            .flat_map(|value| value.to_ne_bytes())
            .collect();
        set_array(&group, name, Dtype::F64, &[values.len() as u64], &bytes)
    }

    /// Creates a group in the group.
    pub fn create_vtk_group(&self, name: &str) -> Result<()> {
        self.new_group(&format!("{VTKHDF}/{name}"))
    }

    /// Puts a link to the object at a normal path into the group.
    pub fn link_vtk(&self, name: &str, target: &str) -> Result<()> {
        h5::link_softly(
            self.id()?,
            &format!("/{target}"),
            &format!("{VTKHDF}/{name}"),
        )
    }

    /// What a group says that this library made; None if there is none.
    pub fn read_vtkhdf(&self) -> Result<Option<Stored>> {
        if h5::link_type(self.id()?, VTKHDF)? != Some(LinkType::Hard) {
            return Ok(None);
        }
        let group = h5::open_object(self.id()?, VTKHDF)?;
        if !h5::attribute_exists(&group, COUNTS)? {
            return Ok(None);
        }
        let text = |name: &str| attribute::get_text(&group, VTKHDF, name);
        let (kind, counts) = (text("Type")?, text(COUNTS)?);
        let Some(kind) = VtkKind::ALL.into_iter().find(|known| known.name() == kind) else {
            return Ok(None);
        };
        let counts = match counts.strip_prefix('/') {
            Some(path) => Some(Counts::Listed(path.to_owned())),
            None => counts.parse().ok().map(Counts::Each),
        };
        let mut steps = [0u8; 8];
        let time = self.target("Steps/Values")?;
        if time.is_some() {
            let (object, path) = (self.open_object("VTKHDF/Steps")?, "VTKHDF/Steps");
            let mut room = super::strided::Capacity::new(&mut steps[..], Dtype::I64.size());
            attribute::get_array(&object, path, "NSteps", Dtype::I64, &mut room)?;
        }
        Ok(Some(Stored {
            kind,
            counts,
            point_data: self.targets("PointData")?,
            cell_data: self.targets("CellData")?,
            points: self.target("Points")?,
            time,
            steps: u64::from_ne_bytes(steps),
        }))
    }

    /// After what was at a normal path was moved to another: the links of the group follow, if this library made it.
    /// Gives whether there were such links.
    pub fn retarget_vtk(&self, from: &str, to: &str) -> Result<bool> {
        let Some(stored) = self.read_vtkhdf()? else {
            return Ok(false);
        };
        let moved = |target: &str| {
            let rest = target.strip_prefix(from)?;
            (rest.is_empty() || rest.starts_with('/')).then(|| format!("{to}{rest}"))
        };
        let mut follows = false;
        if let Some(Counts::Listed(counts)) = &stored.counts {
            if let Some(counts) = moved(counts) {
                set_text(
                    &h5::open_group(self.id()?, VTKHDF)?,
                    COUNTS,
                    &format!("/{counts}"),
                )?;
                follows = true;
            }
        }
        for group in ["", "PointData/", "CellData/", "Steps/"] {
            let whole = format!("{VTKHDF}/{group}");
            if h5::object_info(self.id()?, &whole)?.is_none() {
                continue;
            }
            for name in self.keys(&whole)? {
                let name = format!("{group}{name}");
                if let Some(target) = self.target(&name)?.as_deref().and_then(moved) {
                    self.delete(&format!("{VTKHDF}/{name}"))?;
                    self.link_vtk(&name, &target)?;
                    follows = true;
                }
            }
        }
        Ok(follows)
    }

    /// Where a soft link in the group leads, as a normal path.
    fn target(&self, name: &str) -> Result<Option<String>> {
        let whole = format!("{VTKHDF}/{name}");
        let (group, name) = path::split(&whole);
        if h5::link_type(self.id()?, group)?.is_none() {
            return Ok(None);
        }
        let group = h5::open_group(self.id()?, group)?;
        match h5::link_type(&group, name)? {
            Some(LinkType::Soft) => {
                let target = h5::link_target(&group, name, LinkType::Soft)?;
                Ok(Some(path::normalise(&target)))
            }
            _ => Ok(None),
        }
    }

    /// The names of the soft links in a group of the group, and where they lead.
    fn targets(&self, name: &str) -> Result<Vec<(String, String)>> {
        let whole = format!("{VTKHDF}/{name}");
        if h5::link_type(self.id()?, &whole)?.is_none() {
            return Ok(Vec::new());
        }
        let mut targets = Vec::new();
        for link in self.keys(&whole)? {
            if let Some(target) = self.target(&format!("{name}/{link}"))? {
                targets.push((link, target));
            }
        }
        Ok(targets)
    }
}

fn set_integers(group: &h5::Id, name: &str, shape: &[u64], values: &[i64]) -> Result<()> {
    let bytes: Vec<u8> = values
        .iter()
        .flat_map(|value| value.to_ne_bytes())
        .collect();
    set_array(group, name, Dtype::I64, shape, &bytes)
}

/// Fails for arrays of types at which VTK gives up the whole file.
pub fn check_vtk_type(path: &str, dtype: Dtype) -> Result<()> {
    let instead = match dtype {
        Dtype::Bool => "write it as u1",
        Dtype::C128 | Dtype::C64 => "write its parts as two arrays",
        Dtype::Text | Dtype::Other => "it takes numbers",
        _ => return Ok(()),
    };
    Err(Error::type_(format!(
        "'{path}' is {dtype}, for which VTK gives up the whole file: {instead}"
    )))
}
