//! What HDF5's walks call for each entry: a panic must not pass through HDF5's frames.

use std::any::Any;
use std::ffi::c_int;
use std::panic::{catch_unwind, resume_unwind, AssertUnwindSafe};

/// A walk in progress: what it does at each entry, and the panic that ended it.
pub(super) struct Collector<F> {
    step: F,
    panic: Option<Box<dyn Any + Send>>,
}

impl<F> Collector<F> {
    /// A walk that does `step` at each entry.
    pub(super) fn new(step: F) -> Self {
        Self { step, panic: None }
    }

    /// Does the step at one entry; gives what HDF5 goes on with, or ends the walk by after a panic.
    pub(super) fn go(&mut self, entry: impl FnOnce(&mut F)) -> c_int {
        self.go_while(|step| {
            entry(step);
            true
        })
    }

    /// Does the step at one entry, which says whether the walk is to go on.
    pub(super) fn go_while(&mut self, entry: impl FnOnce(&mut F) -> bool) -> c_int {
        let step = &mut self.step;
        match catch_unwind(AssertUnwindSafe(|| entry(step))) {
            Ok(goes_on) => c_int::from(!goes_on),
            Err(panic) => {
                self.panic = Some(panic);
                -1
            }
        }
    }

    /// Ends the walk, on this side of HDF5: the panic goes on from here.
    pub(super) fn end(self) -> F {
        match self.panic {
            None => self.step,
            Some(panic) => resume_unwind(panic),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Stands for HDF5: frames through which no panic may pass.
    extern "C" fn calls(walk: &mut Collector<Vec<u8>>, bytes: &[u8; 3]) -> c_int {
        for &byte in bytes {
            let status = walk.go(|list| {
                assert!(byte != 2, "the second entry");
                list.push(byte);
            });
            if status < 0 {
                return status;
            }
        }
        0
    }

    #[test]
    fn a_panic_ends_the_walk_and_goes_on_behind_it() {
        let mut walk = Collector::new(Vec::new());
        assert_eq!(calls(&mut walk, &[1, 3, 4]), 0);
        assert_eq!(walk.end(), [1, 3, 4]);

        let mut walk = Collector::new(Vec::new());
        assert_eq!(calls(&mut walk, &[1, 2, 3]), -1);
        assert_eq!(walk.step, [1]);
        let panic = catch_unwind(AssertUnwindSafe(|| walk.end())).unwrap_err();
        assert_eq!(panic.downcast_ref::<&str>(), Some(&"the second entry"));
    }
}
