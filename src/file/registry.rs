//! Which files are open in this process: one owner for each, whatever names and handles lead to it.

#![forbid(unsafe_code)]

use super::owner::{Owner, State};
use super::vtkhdf::Vtk;
use crate::error::{Error, Result};
use crate::journal::process::PerProcess;
use crate::store::{self, look_at, Mode, Open};
use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, MutexGuard};

/// A file, whatever its name: device and inode.
pub type Identity = (u64, u64);

static REGISTRY: PerProcess<Mutex<BTreeMap<Identity, Arc<Owner>>>> = PerProcess::new();

fn owners() -> MutexGuard<'static, BTreeMap<Identity, Arc<Owner>>> {
    REGISTRY.lock()
}

/// The owners of all open files.
pub fn all() -> Vec<Arc<Owner>> {
    owners().values().cloned().collect()
}

/// The owner of a file, if it is open here.
pub fn find(identity: Identity) -> Option<Arc<Owner>> {
    owners().get(&identity).cloned()
}

/// Takes all owners out: the process ends.
pub fn drain() -> Vec<Arc<Owner>> {
    std::mem::take(&mut *owners()).into_values().collect()
}

/// Forgets an owner whose file is closed.
pub fn remove(owner: &Arc<Owner>) {
    owners().retain(|_, other| !Arc::ptr_eq(other, owner));
}

/// Opens a file, or joins those that have it open already.
///
/// Gives the number of the commit that a new file waits for; 0 for one that was there.
pub fn open(path: &str, mode: Mode, options: &Open) -> Result<(Arc<Owner>, u64)> {
    loop {
        let identity = look_at(path, mode)?;
        let exists = identity.is_some();
        let owner = Arc::new(Owner::new());
        let mut opening = owner.lock();
        if let Some(identity) = identity {
            let present = {
                let mut owners = owners();
                match owners.get(&identity) {
                    Some(present) => Some(Arc::clone(present)),
                    None => {
                        // Others wait for this one until it is open.
                        owners.insert(identity, Arc::clone(&owner));
                        None
                    }
                }
            };
            if let Some(present) = present {
                let mut state = present.lock();
                if let Some(state) = state.as_mut() {
                    join(state, path, mode, options)?;
                } else {
                    // It was closed meanwhile, or could not be opened.
                    drop(state);
                    remove(&present);
                    continue;
                }
                drop(state);
                return Ok((present, 0));
            }
        }
        let opened = store::Hdf5File::open(path, mode, exists, options)
            .and_then(|file| State::new(file, options));
        let is_new = match mode {
            Mode::Create | Mode::CreateNew => true,
            Mode::Append => !exists,
            Mode::Read | Mode::ReadWrite => false,
        };
        let mut waits_for = 0;
        match opened {
            Ok(mut state) => {
                if is_new {
                    state.is_new = true;
                    state.vtk = Vtk::Nothing;
                    // That it is there, and empty, is something written.
                    waits_for = state.note_change();
                }
                let identity = state.raw.identity();
                *opening = Some(state);
                owners().insert((identity.device, identity.inode), Arc::clone(&owner));
            }
            Err(error) => {
                remove(&owner);
                return Err(error);
            }
        }
        drop(opening);
        return Ok((owner, waits_for));
    }
}

/// Opens a file that nobody else here is to know of.
pub fn glance(path: &str, options: &Open) -> Result<Arc<Owner>> {
    let options = options.clone().glance();
    let file = store::Hdf5File::open(path, Mode::Read, true, &options)?;
    let owner = Arc::new(Owner::new());
    *owner.lock() = Some(State::new(file, &options)?);
    Ok(owner)
}

/// Lets one more handle share an open file.
fn join(state: &mut State, path: &str, mode: Mode, options: &Open) -> Result<()> {
    state.check().map_err(|error| error.within(path))?;
    if mode == Mode::Create {
        return Err(Error::locked(format!(
            "{path}: it is open in this program: close it there first, or open it with mode r+"
        )));
    }
    let writes = mode != Mode::Read;
    state
        .hdf5
        .require_compatible(options)
        .map_err(|error| error.within(path))?;
    if writes && !state.hdf5.is_writable() {
        state
            .become_writable(options)
            .map_err(|error| crate::store::explain(path, mode, true, error))?;
    }
    state.handles += 1;
    Ok(())
}

/// Asks the other files for memory: this process keeps more than it may.
pub fn relieve_others(own: &Arc<Owner>) {
    for owner in all() {
        if !super::memory::is_exceeded() {
            return;
        }
        if Arc::ptr_eq(&owner, own) {
            continue;
        }
        // One that is busy is passed over: two files never wait for each other.
        if let Some(mut state) = owner.try_lock() {
            if let Some(state) = state.as_mut() {
                state.relieve();
            }
        }
    }
}

/// Brings what another file of this process has in memory into that file, and drops what it remembers of it: a
/// link of a file whose owner is taken leads there.
///
/// It is not waited for long, since it may wait for this one. Says whether something waited.
pub fn flush_other(identity: Identity) -> bool {
    /// How often a busy owner is asked.
    const TRIES: u32 = 1000;
    let Some(owner) = find(identity) else {
        return false;
    };
    for _ in 0..TRIES {
        if let Some(mut state) = owner.try_lock() {
            let Some(state) = state.as_mut() else {
                return false;
            };
            // What is one of many files is written and committed when all of them are.
            if state.raw.is_one_of_many() {
                return false;
            }
            let waits = state.waits();
            // What it cannot store it keeps, and tells of it itself.
            if state.flush().is_ok() {
                state.forget_datasets();
            }
            return waits;
        }
        std::thread::sleep(std::time::Duration::from_micros(100));
    }
    false
}
