//! Ways that lead into other files, over external links: what is only looked at there is looked at without HDF5, which would
//! open the other file for each object.
//!
//! The other file is the one that is open here, if it is, so that what waits in its memory is found. Otherwise it is opened for
//! reading and stays so for the next calls, as one that is glanced at: it holds no lock between calls, and keeps nobody
//! from writing it or making it anew. Each call looks which file the name leads to, and sees its newest commit.
//!
//! The file with the link is let go before the other one is waited for.

#![forbid(unsafe_code)]

use super::owner::State;
use super::registry::{self, Identity};
use super::OpenFile;
use crate::error::{Error, Result, Status};
use crate::journal;
use crate::store::h5::{self, LinkType};
use crate::store::{look_at, path, Hdf5File, Mode};
use std::path::Path;
use std::sync::Arc;

/// The most other files that one file keeps open.
const MOST: usize = 16;

/// The most links into other files that are followed one after the other, as HDF5 does.
const MOST_LINKS: usize = 16;

/// How often a call begins anew because the other file was closed meanwhile, or is open in another way.
const MOST_TRIES: usize = 3;

/// What a call has come to that goes along a path.
pub(super) enum Reached<T> {
    /// What it wanted.
    Here(T),
    /// An external link.
    Elsewhere(Way),
}

/// Where the path of a call goes on.
pub(super) struct Way {
    file: Arc<OpenFile>,
    path: Arc<Leading>,
}

/// Where an external link leads.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Leading {
    /// The name of the other file.
    file: String,
    /// The normal path in it, with what followed the link.
    path: String,
}

impl Leading {
    /// Where a path leads that goes on.
    pub fn below(&self, rest: &str) -> Self {
        let path = match self.path.is_empty() {
            true => rest.to_owned(),
            false => format!("{}/{rest}", self.path),
        };
        Self {
            file: self.file.clone(),
            path,
        }
    }
}

/// The other files that are kept open, the one that was used last at the end.
#[derive(Debug, Default)]
pub(super) struct Others(Vec<Held>);

#[derive(Debug)]
struct Held {
    name: String,
    identity: Identity,
    file: Arc<OpenFile>,
}

impl Drop for Held {
    fn drop(&mut self) {
        // Nothing was written.
        let _ = self.file.close();
    }
}

impl Others {
    /// Closes them.
    pub fn close(&mut self) {
        self.0.clear();
    }

    /// The file of a name that a link of another one says; None where HDF5 has to follow it.
    fn file(&mut self, name: &str, own: Identity, linked: &Hdf5File) -> Option<Arc<OpenFile>> {
        let found = look_at(name, Mode::Read).ok().flatten();
        // One that was replaced, or is open here now, is no longer what the name leads to.
        let owner = found.and_then(registry::find);
        self.0.retain(|held| {
            let is_it = Some(held.identity) == found;
            (held.name != name || is_it) && !(is_it && owner.is_some())
        });
        let identity = found.filter(|&identity| identity != own)?;
        if let Some(owner) = owner {
            return Some(Arc::new(OpenFile::view(owner, name)));
        }
        // HDF5 has it open for writing behind the link, with what was written there.
        if journal::is_written_here(identity.0, identity.1) {
            self.0.retain(|held| held.identity != identity);
            return None;
        }
        let held = match self.0.iter().position(|held| held.identity == identity) {
            Some(place) => self.0.remove(place),
            None => {
                if self.0.len() == MOST {
                    self.0.remove(0);
                }
                Held {
                    name: name.to_owned(),
                    identity,
                    file: Arc::new(OpenFile::glance(name, &linked.options_of_others()).ok()?),
                }
            }
        };
        let file = Arc::clone(&held.file);
        self.0.push(held);
        Some(file)
    }
}

impl OpenFile {
    /// As [`look`](Self::look) at what is at a path: where an external link leads there, `body` is run with the other file and the path in it.
    pub(super) fn look_along<T>(
        &self,
        path: &str,
        mut body: impl FnMut(&mut State, &str) -> Result<Reached<T>>,
    ) -> Result<T> {
        let mut latest = None;
        for _ in 0..MOST_TRIES {
            let mut reached = self.look(|state| along(state, path, &mut body))?;
            let mut links = 0;
            loop {
                let way = match reached {
                    Reached::Here(done) => return Ok(done),
                    Reached::Elsewhere(way) => way,
                };
                links += 1;
                if links > MOST_LINKS {
                    return Err(Error::format(format!(
                        "{}: more than {MOST_LINKS} external links lead on from '{path}', one after the other",
                        self.name()
                    )));
                }
                reached = match way
                    .file
                    .look(|state| along(state, &way.path.path, &mut body))
                {
                    // It was closed meanwhile, or HDF5 has opened it for writing.
                    Err(error) if matches!(error.status, Status::Handle | Status::Locked) => {
                        latest = Some(error);
                        break;
                    }
                    done => done.map_err(|error| error.within(self.name()))?,
                };
            }
        }
        let reason = latest.unwrap_or_else(|| Error::internal("no file was looked at"));
        Err(Error::locked(format!(
            "{}: the file to which '{path}' leads cannot be read now: {}",
            self.name(),
            reason.message
        )))
    }
}

/// Runs `body` with a path, unless that is known to lead into another file.
fn along<T>(
    state: &mut State,
    path: &str,
    body: &mut impl FnMut(&mut State, &str) -> Result<Reached<T>>,
) -> Result<Reached<T>> {
    match state.known_way(path) {
        Some(way) => Ok(Reached::Elsewhere(way)),
        None => body(state, path),
    }
}

impl State {
    /// Where a normal path goes on in another file, at which nothing was found by the bytes of this one; None if HDF5 has to follow it.
    pub(super) fn way(&mut self, normal: &str) -> Option<Way> {
        if let Some(known) = self.datasets.leading(normal) {
            return self.follow(known);
        }
        if self.datasets.stays(normal) {
            return None;
        }
        // What HDF5 cannot tell it tells when it is asked for more.
        let leading = self.find_leading(normal).ok()??;
        self.follow(leading)
    }

    /// The same of any normal path.
    pub(super) fn way_of_object(&mut self, normal: &str) -> Result<Option<Way>> {
        Ok(match self.header_address(normal)? {
            Some(_) => None,
            None => self.way(normal),
        })
    }

    /// The same of a path that is known to lead there.
    fn known_way(&mut self, path: &str) -> Option<Way> {
        if self.datasets.leads_nowhere_else() {
            return None;
        }
        let known = self.datasets.leading(&path::normal(path))?;
        self.follow(known)
    }

    fn follow(&mut self, path: Arc<Leading>) -> Option<Way> {
        let own = self.raw.identity();
        let own = (own.device, own.inode);
        let file = self.others.file(&path.file, own, &self.hdf5)?;
        Some(Way { file, path })
    }

    /// Where the first external link on a normal path leads; None if there is none, or HDF5 has to follow it.
    fn find_leading(&mut self, normal: &str) -> Result<Option<Arc<Leading>>> {
        let file = self.hdf5.id()?;
        let ends = normal.match_indices('/').map(|(end, _)| end);
        for end in ends.chain([normal.len()]) {
            let link = &normal[..end];
            if link.is_empty() || self.datasets.has_plain_group(link) {
                continue;
            }
            match h5::link_type(file, link)? {
                Some(LinkType::Hard) => continue,
                Some(LinkType::External) => {}
                _ => return Ok(None),
            }
            let (name, target) = h5::external_target(file, link)?;
            let Some(file) = self.file_of_link(&name) else {
                return Ok(None);
            };
            let leading = Leading {
                file,
                path: path::normalise(&target),
            };
            self.datasets.note_leading(link, &Arc::new(leading));
            return Ok(self.datasets.leading(normal));
        }
        self.datasets.note_staying(normal);
        Ok(None)
    }

    /// The file that a link names, where HDF5 looks for it first; None if it is not there, or may be elsewhere.
    fn file_of_link(&self, name: &str) -> Option<String> {
        if std::env::var_os("HDF5_EXT_PREFIX").is_some() {
            return None;
        }
        let place = self.raw.place().parent()?.join(Path::new(name));
        match place.exists() {
            true => place.to_str().map(str::to_owned),
            false => None,
        }
    }
}
