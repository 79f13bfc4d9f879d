//! Threads that encode and decode many chunks at once, in bounded memory.
//!
//! The threads work for one call only, and those that come too late for it end at once (`helpers`). A library that
//! is loaded into simulations should leave no threads behind: they would not survive a fork, and would run on
//! processors that the program meant for others. Starting them costs some ten microseconds, which
//! the caller spends only on work that is longer than that.

#![forbid(unsafe_code)]

use std::collections::BTreeMap;
use std::panic::{catch_unwind, AssertUnwindSafe};
use std::sync::{Condvar, Mutex, MutexGuard, OnceLock, PoisonError};

pub use super::helpers::THREAD_NAME;
use super::{helpers, scratch, Scratch};
use crate::error::{Error, Result};

/// The number of threads for a request, where 0 asks for as many as there are processors.
///
/// That is what the process may use: its affinity mask and its control group's share bound it. They are asked for
/// once, which takes some thirty system calls.
pub fn threads(requested: usize) -> usize {
    static PROCESSORS: OnceLock<usize> = OnceLock::new();
    match requested {
        0 => {
            *PROCESSORS.get_or_init(|| std::thread::available_parallelism().map_or(1, usize::from))
        }
        most => most,
    }
}

/// Works on each of `items` by itself, in any order, on up to `threads` threads.
///
/// The calling thread is one of them. After a failure no further item is begun, and the
/// first failure is returned.
pub fn each<Item, Work>(threads: usize, items: Vec<Item>, work: Work) -> Result<()>
where
    Item: Send,
    Work: Fn(Item) -> Result<()> + Sync,
{
    let threads = threads.clamp(1, items.len().max(1));
    let queue = Mutex::new((items.into_iter(), Ok(())));
    let run = || loop {
        let item = {
            let mut state = lock(&queue);
            if state.1.is_err() {
                return;
            }
            match state.0.next() {
                Some(item) => item,
                None => return,
            }
        };
        if let Err(error) = guarded(|| work(item)) {
            let mut state = lock(&queue);
            if state.1.is_ok() {
                state.1 = Err(error);
            }
            return;
        }
    };
    helpers::beside(threads - 1, &run, run);
    queue.into_inner().unwrap_or_else(PoisonError::into_inner).1
}

/// Makes `count` products on up to `threads` threads and hands them over in order.
///
/// `make(scratch, index, product)` runs on any thread, several at a time; `product` is a used
/// one to be filled anew, or a new one. `take(index, product)` runs on the calling
/// thread alone, for index 0, 1, 2 and so on: it may use what only one thread may use. The
/// calling thread makes products too while none is ready. At most `4 * threads`
/// products exist at a time. The first failure ends the work and is returned.
pub fn in_order<Product, Make, Take>(
    threads: usize,
    count: usize,
    make: Make,
    mut take: Take,
) -> Result<()>
where
    Product: Default + Send,
    Make: Fn(&mut Scratch, usize, &mut Product) -> Result<()> + Sync,
    Take: FnMut(usize, &mut Product) -> Result<()>,
{
    let threads = threads.clamp(1, count.max(1));
    if threads == 1 {
        let mut product = Product::default();
        return scratch::with(|scratch| {
            (0..count).try_for_each(|index| {
                make(scratch, index, &mut product)?;
                take(index, &mut product)
            })
        });
    }
    let line = Line::new(count, 4 * threads);
    let help = || {
        scratch::with(|scratch| {
            while let Some((index, mut product)) = line.begin(true) {
                let made = guarded(|| make(scratch, index, &mut product));
                line.finish(index, product, made);
            }
        });
    };
    helpers::beside(threads - 1, &help, || {
        scratch::with(|scratch| {
            for index in 0..count {
                let mut product = loop {
                    if let Some(product) = line.ready(index, false)? {
                        break product;
                    }
                    if let Some((other, mut product)) = line.begin(false) {
                        let made = guarded(|| make(scratch, other, &mut product));
                        line.finish(other, product, made);
                    } else if let Some(product) = line.ready(index, true)? {
                        break product;
                    }
                };
                if let Err(error) = guarded(|| take(index, &mut product)) {
                    line.stop();
                    return Err(error);
                }
                line.give_back(index, product);
            }
            Ok(())
        })
    })
}

/// The products between the threads that make them and the one that takes them.
struct Line<Product> {
    state: Mutex<LineState<Product>>,
    /// Something was finished or went wrong.
    finished: Condvar,
    /// There is room for another product.
    room: Condvar,
    count: usize,
    capacity: usize,
}

struct LineState<Product> {
    begun: usize,
    taken: usize,
    ready: BTreeMap<usize, Product>,
    used: Vec<Product>,
    failure: Option<Error>,
    stopped: bool,
}

impl<Product: Default> Line<Product> {
    fn new(count: usize, capacity: usize) -> Self {
        let state = LineState {
            begun: 0,
            taken: 0,
            ready: BTreeMap::new(),
            used: Vec::new(),
            failure: None,
            stopped: false,
        };
        Self {
            state: Mutex::new(state),
            finished: Condvar::new(),
            room: Condvar::new(),
            count,
            capacity,
        }
    }

    /// The next product to make; none when all are begun or, unless it may `wait`, there is no room.
    fn begin(&self, wait: bool) -> Option<(usize, Product)> {
        let mut state = lock(&self.state);
        while !state.stopped && state.begun < self.count {
            if state.begun < state.taken + self.capacity {
                let index = state.begun;
                state.begun += 1;
                return Some((index, state.used.pop().unwrap_or_default()));
            }
            if !wait {
                return None;
            }
            state = self
                .room
                .wait(state)
                .unwrap_or_else(PoisonError::into_inner);
        }
        None
    }

    fn finish(&self, index: usize, product: Product, made: Result<()>) {
        let mut state = lock(&self.state);
        match made {
            Ok(()) => {
                state.ready.insert(index, product);
            }
            Err(error) => {
                state.failure.get_or_insert(error);
                state.stopped = true;
                self.room.notify_all();
            }
        }
        drop(state);
        self.finished.notify_one();
    }

    /// Product `index` if it is ready; else none at once, or after a `wait` for anything to be finished.
    fn ready(&self, index: usize, wait: bool) -> Result<Option<Product>> {
        let mut state = lock(&self.state);
        loop {
            if let Some(error) = state.failure.take() {
                return Err(error);
            }
            let product = state.ready.remove(&index);
            if product.is_some() || !wait {
                return Ok(product);
            }
            state = self
                .finished
                .wait(state)
                .unwrap_or_else(PoisonError::into_inner);
        }
    }

    fn give_back(&self, index: usize, product: Product) {
        let mut state = lock(&self.state);
        state.taken = index + 1;
        state.used.push(product);
        drop(state);
        self.room.notify_one();
    }

    fn stop(&self) {
        lock(&self.state).stopped = true;
        self.room.notify_all();
    }
}

/// Runs `work`, and turns a panic into an error, so that no thread waits for one that is gone.
fn guarded(work: impl FnOnce() -> Result<()>) -> Result<()> {
    catch_unwind(AssertUnwindSafe(work)).unwrap_or_else(|_| {
        Err(Error::internal(
            "a worker thread met a defect of this library",
        ))
    })
}

fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

#[cfg(test)]
mod tests {
    use std::sync::atomic::{AtomicUsize, Ordering};

    use super::*;
    use crate::error::Status;

    #[test]
    fn products_arrive_in_order_whatever_the_threads() {
        for threads in [1, 2, 3, 8] {
            for count in [0, 1, 2, 5, 200] {
                let mut taken = Vec::new();
                in_order(
                    threads,
                    count,
                    |_, index, product: &mut Vec<usize>| {
                        product.clear();
                        product.push(index * index);
                        Ok(())
                    },
                    |index, product| {
                        taken.push((index, product[0]));
                        Ok(())
                    },
                )
                .unwrap();
                assert_eq!(taken, (0..count).map(|i| (i, i * i)).collect::<Vec<_>>());
            }
        }
    }

    #[test]
    fn no_more_products_exist_than_promised() {
        let alive = AtomicUsize::new(0);
        let most = AtomicUsize::new(0);
        in_order(
            3,
            500,
            |_, _, _: &mut ()| {
                most.fetch_max(alive.fetch_add(1, Ordering::SeqCst) + 1, Ordering::SeqCst);
                Ok(())
            },
            |_, _| {
                alive.fetch_sub(1, Ordering::SeqCst);
                Ok(())
            },
        )
        .unwrap();
        assert!(most.load(Ordering::SeqCst) <= 12);
    }

    #[test]
    fn failures_and_panics_come_back_as_errors() {
        for threads in [1, 2, 5] {
            let make = |_: &mut Scratch, index: usize, _: &mut ()| match index {
                40 => Err(Error::format("forty")),
                _ => Ok(()),
            };
            let error = in_order(threads, 100, make, |_, _| Ok(())).unwrap_err();
            assert_eq!(error, Error::format("forty"));
            let error = in_order(
                threads,
                100,
                |_, _, _: &mut ()| Ok(()),
                |index, _| {
                    if index == 7 {
                        Err(Error::io("seven"))
                    } else {
                        Ok(())
                    }
                },
            )
            .unwrap_err();
            assert_eq!(error, Error::io("seven"));
            let items: Vec<usize> = (0..100).collect();
            let error = each(threads, items, |item| {
                assert_ne!(item, 50, "on purpose");
                Ok(())
            })
            .unwrap_err();
            assert_eq!(error.status, Status::Internal);
        }
    }

    #[test]
    fn each_item_is_worked_on_once() {
        let mut values = vec![0u32; 1000];
        let items: Vec<(usize, &mut u32)> = values.iter_mut().enumerate().collect();
        each(4, items, |(index, value)| {
            *value += index as u32;
            Ok(())
        })
        .unwrap();
        assert_eq!(values, (0..1000).collect::<Vec<u32>>());
    }

    #[test]
    fn a_request_is_taken_as_it_is_and_zero_means_all() {
        assert_eq!(threads(3), 3);
        assert!(threads(0) >= 1);
    }
}
