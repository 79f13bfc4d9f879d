//! What surrounds the body of every exported function: errors and panics become a status.

use crate::error::{Error, Result};
use std::any::Any;
use std::cell::{Cell, RefCell};
use std::ffi::{c_char, CString};
use std::panic::{catch_unwind, AssertUnwindSafe};
use std::sync::Once;

#[cfg(not(panic = "unwind"))]
compile_error!(
    "h5sim promises that a panic never ends the host program: build it with panic = \"unwind\""
);

thread_local! {
    /// This thread's latest failure; its buffer stays put until the next one.
    static LAST_ERROR: RefCell<CString> = RefCell::new(CString::default());
    /// Whether this thread is inside a guarded body, whose panics must not be printed.
    static GUARDED: Cell<bool> = const { Cell::new(false) };
}

/// Runs the body of an exported function and turns its outcome into a status.
pub(super) fn guard(body: impl FnOnce() -> Result<()>) -> i32 {
    silence_panics();
    let outer = GUARDED.replace(true);
    let outcome = catch_unwind(AssertUnwindSafe(body));
    GUARDED.set(outer);
    let error = match outcome {
        Ok(Ok(())) => return 0,
        Ok(Err(error)) => error,
        Err(panic) => Error::internal(format!(
            "h5sim met a defect of its own, please report it: {}",
            panic_text(panic.as_ref())
        )),
    };
    remember(&error);
    error.status.code()
}

/// Keeps the sentence for `h5sim_last_error`.
fn remember(error: &Error) {
    let one_line: String = error
        .message
        .chars()
        .map(|c| if c.is_control() { ' ' } else { c })
        .collect();
    // Control characters are gone, so that no NUL is left to refuse.
    let text = CString::new(one_line).unwrap_or_default();
    // A thread that is ending has no place left for the sentence; the status still tells.
    let _ = LAST_ERROR.try_with(|last| *last.borrow_mut() = text);
}

/// The sentence of this thread's latest failure, valid until its next one.
pub(super) fn last_error() -> *const c_char {
    LAST_ERROR
        .try_with(|last| last.borrow().as_ptr())
        .unwrap_or(c"".as_ptr())
}

fn panic_text(panic: &(dyn Any + Send)) -> String {
    if let Some(text) = panic.downcast_ref::<&str>() {
        (*text).to_owned()
    } else if let Some(text) = panic.downcast_ref::<String>() {
        text.clone()
    } else {
        "no text".to_owned()
    }
}

/// Keeps panics of guarded bodies off stderr: their text goes into the error.
fn silence_panics() {
    static ONCE: Once = Once::new();
    ONCE.call_once(|| {
        let usual = std::panic::take_hook();
        std::panic::set_hook(Box::new(move |info| {
            let thread = std::thread::current();
            let is_ours = thread.name() == Some(crate::codec::workers::THREAD_NAME);
            if !is_ours && !GUARDED.try_with(Cell::get).unwrap_or(false) {
                usual(info);
            }
        }));
    });
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::error::Status;
    use std::ffi::CStr;

    fn last() -> String {
        // SAFETY: `last_error` gives a NUL-terminated text that lives until the next failure.
        unsafe { CStr::from_ptr(last_error()) }
            .to_str()
            .unwrap()
            .to_owned()
    }

    /// What an exported function with a defect would look like.
    extern "C" fn panics(with_text: bool) -> i32 {
        guard(|| {
            let numbers: Vec<i32> = Vec::new();
            assert!(!with_text, "count is {}", numbers.len());
            let index = numbers.len() + 3;
            Err(Error::internal(format!("{}", numbers[index])))
        })
    }

    #[test]
    fn a_panic_becomes_an_internal_error_with_its_text() {
        assert_eq!(panics(true), Status::Internal.code());
        assert!(last().ends_with("count is 0"), "{}", last());
        assert_eq!(panics(false), Status::Internal.code());
        assert!(last().contains("index is 3"), "{}", last());
    }

    #[test]
    fn success_leaves_the_latest_sentence() {
        assert_eq!(guard(|| Err(Error::shape("rank 2\nof\0three"))), -5);
        assert_eq!(last(), "rank 2 of three");
        assert_eq!(guard(|| Ok(())), 0);
        assert_eq!(last(), "rank 2 of three");
    }

    #[test]
    fn sentences_belong_to_their_thread() {
        assert_eq!(guard(|| Err(Error::shape("mine"))), -5);
        std::thread::spawn(|| assert_eq!(last(), ""))
            .join()
            .unwrap();
        assert_eq!(last(), "mine");
    }
}
