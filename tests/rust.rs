//! The Rust interface: arrays of every layout, metadata of every shape, drops, threads, and the same bytes as C's.

mod common;

use common::{client, example, python, succeed, Folder};
use h5sim::{Allgather, Complex, Dtype, Element, File, Kind, Mode, Open, Status, Write};
use ndarray::{arr2, s, Array, Array2, Array3, Array4, Ix0, Ix1, Ix2, Ix3, IxDyn};
use std::collections::BTreeMap;
use std::fs;
use std::path::Path;
use std::process::Command;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::Arc;

#[test]
fn what_hdf5_writes_leaves_alone_what_was_written_past_it_in_between() {
    let folder = Folder::new("rust_between");
    for length in 1..=8 {
        let path = folder.join(format!("{length}.h5"));
        let file = File::open(&path, Mode::Create).unwrap();
        // The names of the root move, and leave room between what HDF5 looks at, and writes.
        for name in ["thread 0", "thread 1", "thread 2"] {
            for record in 0..5 {
                file.append(name, &f64::from(record)).unwrap();
            }
        }
        let options = Write::new().fillvalue(26);
        file.create::<u32>("n/z", &[], &options).unwrap();
        file.tree("/").unwrap();
        let chunks =
            Array2::from_shape_fn((4, length), |(row, column)| (1 + 100 * row + column) as f64);
        let options = Write::new().chunks([1, length as u64]);
        file.write_with("g/h/a", &chunks, &options).unwrap();
        file.tree("/").unwrap();
        file.close().unwrap();
        let file = File::open(&path, Mode::Read).unwrap();
        let found: Array2<f64> = file.read("g/h/a").unwrap();
        assert_eq!(found, chunks, "{length}");
    }
}

#[test]
fn a_commit_has_records_that_went_straight_into_chunks_of_the_file() {
    let folder = Folder::new("rust_through");
    let path = folder.join("through.h5");
    let record =
        |number: u32| ndarray::Array1::from_shape_fn(5000, |at| number * 10000 + at as u32);
    let file = File::open(&path, Mode::Create).unwrap();
    let options = Write::new().chunks([4, 1250]);
    file.append_with("u", &record(0), &options).unwrap();
    file.close().unwrap();
    for number in 1..4 {
        // Nothing of the dataset is in memory, and its chunks are without filters: the record is put behind the others in them.
        let file = File::open(&path, Mode::ReadWrite).unwrap();
        file.append("u", &record(number)).unwrap();
        file.commit().unwrap();
        file.discard().unwrap();
        let file = File::open(&path, Mode::Read).unwrap();
        let found: Array2<u32> = file.read("u").unwrap();
        let expected = Array2::from_shape_fn((number as usize + 1, 5000), |(row, at)| {
            row as u32 * 10000 + at as u32
        });
        assert_eq!(found, expected);
    }
}

#[test]
fn views_of_any_layout_come_back_as_they_are() {
    let folder = Folder::new("rust_views");
    let file = File::open(folder.join("views.h5"), Mode::Create).unwrap();
    let whole = Array4::from_shape_fn((3, 4, 5, 6), |(a, b, c, d)| {
        (1000 * a + 100 * b + 10 * c + d) as f64
    });
    let row = whole.slice(s![0, 0, 0, ..]);
    let views = [
        whole.view().into_dyn(),
        whole.t().into_dyn(),
        whole.slice(s![.., 1..3, ..;-1, ..]).into_dyn(),
        whole.slice(s![..;-2, .., 3, ..;-1]).into_dyn(),
        whole.slice(s![1, .., .., 2]).into_dyn(),
        whole.slice(s![.., .., 0..0, ..]).into_dyn(),
        whole.slice(s![2, 3, 4, 5]).into_dyn(),
        whole.view().permuted_axes([2, 0, 3, 1]).into_dyn(),
        row.broadcast((7, 6)).unwrap().into_dyn(),
    ];
    let chunked = Write::new().chunked().gzip(1).shuffle();
    for (number, view) in views.iter().enumerate() {
        for (kind, options) in [("plain", &Write::new()), ("chunked", &chunked)] {
            if kind == "chunked" && view.ndim() == 0 {
                continue;
            }
            let path = format!("{kind}/{number}");
            file.write_with(&path, view, options).unwrap();
            let back = file.read::<f64, IxDyn>(&path).unwrap();
            assert_eq!(back, view, "{path}");
            let mut into = Array::<f64, _>::zeros(view.shape()).reversed_axes();
            file.read_into(&path, "", &mut into.view_mut().reversed_axes())
                .unwrap();
            assert_eq!(into.reversed_axes(), view, "{path}");
            file.write_slice(&path, "...", &view.mapv(|value| -value))
                .unwrap();
            assert_eq!(file.read::<f64, IxDyn>(&path).unwrap(), -view.to_owned());
        }
        if view.ndim() > 0 {
            // In two blocks along the first axis, and one of them of each record.
            let axis = ndarray::Axis(0);
            let (first, rest) = view.view().split_at(axis, view.shape()[0] / 2);
            let global: Vec<u64> = view.shape().iter().map(|&extent| extent as u64).collect();
            let start = |rows: usize| {
                let mut start = vec![0; global.len()];
                start[0] = rows as u64;
                start
            };
            let path = format!("blocks/{number}");
            for (block, at) in [(&rest, start(first.len_of(axis))), (&first, start(0))] {
                file.write_block(&path, block, &global, &at, &Write::new())
                    .unwrap();
                file.append_block(&format!("{path} s"), block, &global, &at, &Write::new())
                    .unwrap();
            }
            assert_eq!(file.read::<f64, IxDyn>(&path).unwrap(), view, "{path}");
            let records = file.read::<f64, IxDyn>(&format!("{path} s")).unwrap();
            let sum = records.sum_axis(axis);
            assert_eq!(sum, view, "{path}: one record has what the other lacks");
            let mut back = Array::<f64, _>::zeros(rest.shape()).reversed_axes();
            let mut target = back.view_mut().reversed_axes();
            file.read_block(&path, &start(first.len_of(axis)), &mut target)
                .unwrap();
            assert_eq!(target, rest, "{path}");
            let outside = file.read_block(&path, &start(view.shape()[0]), &mut target);
            assert!(rest.is_empty() || outside.unwrap_err().kind() == h5sim::Status::Shape);
        }
        if view.len() > 1 {
            file.append(&format!("series/{number}"), view).unwrap();
            file.append_all(
                &format!("series/{number}"),
                &view.view().insert_axis(ndarray::Axis(0)),
                &Write::new(),
            )
            .unwrap();
            let back = file
                .read_slice::<f64, IxDyn>(&format!("series/{number}"), "-1")
                .unwrap();
            assert_eq!(back, view);
        }
    }
    file.close().unwrap();
}

#[test]
fn two_halves_of_an_array_are_written_while_the_other_is_changed() {
    let folder = Folder::new("rust_halves");
    let file = File::open(folder.join("halves.h5"), Mode::Create).unwrap();
    let mut whole = Array3::<f64>::zeros((50, 40, 2));
    let (still, mut busy) = whole.multi_slice_mut((s![.., .., 0], s![.., .., 1]));
    std::thread::scope(|scope| {
        scope.spawn(|| {
            for round in 0..200 {
                busy.fill(f64::from(round));
            }
        });
        for round in 0..20 {
            file.write(&format!("{round}"), &still).unwrap();
        }
    });
    assert_eq!(file.read::<f64, Ix2>("19").unwrap(), still);
}

#[test]
fn the_inside_of_ghost_cells_is_read_while_they_are_changed() {
    let folder = Folder::new("rust_ghosts");
    let file = File::open(folder.join("ghosts.h5"), Mode::Create).unwrap();
    // Large enough for several threads, in one piece and in chunks.
    let written = Array3::from_shape_fn((96, 256, 128), |(i, j, k)| (i + 3 * j + 5 * k) as f64);
    file.write("plain", &written).unwrap();
    file.write_with("chunked", &written, &Write::new().gzip(1))
        .unwrap();
    let mut whole = Array3::<f64>::zeros((96, 256, 130));
    let (mut low, rest) = whole.view_mut().split_at(ndarray::Axis(2), 1);
    let (mut inside, mut high) = rest.split_at(ndarray::Axis(2), 128);
    std::thread::scope(|scope| {
        scope.spawn(|| {
            for round in 0..50 {
                low.fill(f64::from(round));
                high.fill(-f64::from(round));
            }
        });
        for round in 0..10 {
            inside.fill(0.0);
            let name = ["plain", "chunked"][round % 2];
            file.read_into(name, "", &mut inside).unwrap();
            assert_eq!(inside, written, "{name}");
        }
    });
    assert!(low.iter().all(|&ghost| ghost == 49.0) && high.iter().all(|&ghost| ghost == -49.0));
    file.close().unwrap();
}

fn round_trip<T: Element + h5sim::Array<Element = T> + PartialEq + std::fmt::Debug>(
    file: &File,
    values: &[T],
) {
    let name = T::DTYPE.name();
    file.write(name, values).unwrap();
    assert_eq!(
        file.info(name).unwrap(),
        (T::DTYPE, vec![values.len() as u64])
    );
    assert_eq!(file.read::<T, Ix1>(name).unwrap().to_vec(), values);
    file.write(&format!("{name} alone"), &values[0]).unwrap();
    assert_eq!(
        file.read_scalar::<T>(&format!("{name} alone")).unwrap(),
        values[0]
    );
    file.set_attr("/", name, values).unwrap();
    assert_eq!(file.get_attr::<T, Ix1>("/", name).unwrap().to_vec(), values);
}

#[test]
fn every_type_of_elements_goes_in_and_comes_out() {
    let folder = Folder::new("rust_types");
    let file = File::open(folder.join("types.h5"), Mode::Create).unwrap();
    round_trip(&file, &[1.5f64, -0.0, f64::INFINITY]);
    round_trip(&file, &[1.5f32, -2.0]);
    round_trip(&file, &[i64::MIN, i64::MAX]);
    round_trip(&file, &[i32::MIN, 7]);
    round_trip(&file, &[i16::MIN, 7]);
    round_trip(&file, &[i8::MIN, 7]);
    round_trip(&file, &[u64::MAX, 7]);
    round_trip(&file, &[u32::MAX, 7]);
    round_trip(&file, &[u16::MAX, 7]);
    round_trip(&file, &[u8::MAX, 7]);
    round_trip(&file, &[true, false, true]);
    round_trip(&file, &[Complex::new(1.0f64, -2.0)]);
    round_trip(&file, &[Complex::new(1.0f32, -2.0)]);
    assert_eq!(file.read::<f32, Ix1>("u1").unwrap().to_vec(), [255.0, 7.0]);
    // Anything but 0 is true, whatever a file holds of it.
    assert_eq!(file.read::<i32, Ix1>("bool").unwrap().to_vec(), [1, 0, 1]);
    file.close().unwrap();
}

#[test]
fn failures_have_a_kind_and_a_sentence() {
    let folder = Folder::new("rust_failures");
    let path = folder.join("failures.h5");
    let file = File::open(&path, Mode::Create).unwrap();
    file.write("u", &arr2(&[[1.0, 2.0]])).unwrap();
    let kind = |error: h5sim::Error| {
        let error: Box<dyn std::error::Error + Send + Sync> = Box::new(error);
        let error = error.downcast::<h5sim::Error>().unwrap();
        assert!(error.to_string().contains("failures.h5"), "{error}");
        error.kind()
    };
    assert_eq!(kind(file.read::<f64, Ix3>("u").unwrap_err()), Status::Shape);
    assert_eq!(
        kind(file.read::<f64, Ix2>("v").unwrap_err()),
        Status::NotFound
    );
    assert_eq!(kind(file.write("u", &1.0).unwrap_err()), Status::Exists);
    assert_eq!(kind(file.read::<bool, Ix2>("u").unwrap_err()), Status::Type);
    assert_eq!(
        kind(file.write_slice("u", "0", &[1.0]).unwrap_err()),
        Status::Shape
    );
    assert_eq!(
        kind(file.read_slice::<f64, Ix2>("u", "a").unwrap_err()),
        Status::Argument
    );
    assert_eq!(
        kind(
            file.write_with("w", &[1.0], &Write::new().gzip(10))
                .unwrap_err()
        ),
        Status::Argument
    );
    assert_eq!(kind(file.read_json::<u8>("u").unwrap_err()), Status::Type);
    file.write_text("meta", r#"{"k": "x"}"#).unwrap();
    let error = file
        .read_json::<std::collections::BTreeMap<String, f64>>("meta")
        .unwrap_err();
    assert!(
        error
            .to_string()
            .ends_with("dataset 'meta': /k: expected f64, found string \"x\""),
        "{error}"
    );
    assert_eq!(kind(error), Status::Json);
    let reader = File::open(&path, Mode::Read).unwrap();
    assert_eq!(kind(reader.write("x", &1).unwrap_err()), Status::ReadOnly);
    assert_eq!(
        kind(File::open(&path, Mode::Create).unwrap_err()),
        Status::Locked
    );
    let refused = File::open_with(
        folder.join("other.h5"),
        Mode::Create,
        &Open::new().threads(2000),
    );
    assert_eq!(refused.unwrap_err().kind(), Status::Argument);
    assert!(
        !folder.join("other.h5").exists(),
        "options are looked at before a file is emptied"
    );
    // What failed changed nothing.
    assert_eq!(file.keys("/").unwrap(), ["meta", "u"]);
}

#[test]
fn a_file_is_dropped_as_an_exit_leaves_it() {
    let folder = Folder::new("rust_drop");
    let path = folder.join("dropped.h5");
    // A program that does not commit keeps everything.
    drop({
        let file = File::open(&path, Mode::Create).unwrap();
        file.append("s", &1.0).unwrap();
        file
    });
    let count = |path: &Path| File::open(path, Mode::Read).unwrap().info("s").unwrap().1[0];
    assert_eq!(count(&path), 1);
    // One that commits keeps its last commit, also when it panics in between.
    let panicked = std::panic::catch_unwind(|| {
        let file = File::open(&path, Mode::ReadWrite).unwrap();
        file.append("s", &2.0).unwrap();
        file.commit().unwrap();
        file.append("s", &3.0).unwrap();
        assert!(
            file.kind("nothing").unwrap() == Kind::Dataset,
            "this panic is part of the test"
        );
    });
    assert!(panicked.is_err());
    assert_eq!(count(&path), 2);
    // Of two handles the one that stays has what the other wrote.
    let one = File::open(&path, Mode::ReadWrite).unwrap();
    let other = File::open(&path, Mode::ReadWrite).unwrap();
    one.append("s", &4.0).unwrap();
    drop(one);
    assert_eq!(other.info("s").unwrap().1, [3]);
    other.close().unwrap();
    assert_eq!(count(&path), 3);
    // Close keeps everything, whether the program commits or not.
    let file = File::open(&path, Mode::ReadWrite).unwrap();
    file.commit().unwrap();
    file.append("s", &5.0).unwrap();
    file.close().unwrap();
    assert_eq!(count(&path), 4);
}

#[test]
fn files_go_from_thread_to_thread_and_are_shared() {
    fn is_send_and_sync<T: Send + Sync + std::panic::RefUnwindSafe>() {}
    is_send_and_sync::<File>();
    is_send_and_sync::<h5sim::Error>();
    is_send_and_sync::<Write>();
    let folder = Folder::new("rust_threads");
    let file = File::open(folder.join("threads.h5"), Mode::Create).unwrap();
    std::thread::scope(|scope| {
        for thread in 0..4 {
            let file = &file;
            scope.spawn(move || {
                for step in 0..100 {
                    file.append(&format!("series/{thread}"), &step).unwrap();
                }
            });
        }
    });
    std::thread::spawn(move || {
        for thread in 0..4 {
            let all = file.read::<i32, Ix1>(&format!("series/{thread}")).unwrap();
            assert_eq!(all.to_vec(), (0..100).collect::<Vec<i32>>());
        }
    })
    .join()
    .unwrap();
}

#[test]
fn a_number_is_an_array_without_axes() {
    let folder = Folder::new("rust_numbers");
    let file = File::open(folder.join("numbers.h5"), Mode::Create).unwrap();
    file.write("n", &3u16).unwrap();
    assert_eq!(file.info("n").unwrap(), (Dtype::U16, vec![]));
    assert_eq!(file.read::<u16, Ix0>("n").unwrap().into_scalar(), 3);
    assert!(file.append_all("s", &1.0, &Write::new()).is_err());
}

#[test]
fn the_examples_print_what_they_should() {
    let expected = [
        (
            "arrays",
            "keys: [\"result_1\"]\nshape: [5, 4, 3]\nshape of [:2,...,:2]: [2, 4, 2]\n\
             its last value is that of result_1[1,3,1]: true\n",
        ),
        (
            "hierarchy",
            "in timeseries: [\"0\", \"1\", \"2\", \"3\", \"4\", \"5\", \"6\", \"7\", \"8\", \"9\"]\n\
             timeseries/0 is what was written: true\n",
        ),
        (
            "metadata",
            "data:\n  host: bluecrab\n  source_path: path/to/data\n\
             integrator:\n  dt: 0.001\n  method: rk4\n\
             model:\n  k0: 1.2\n  k1: 1.3\n  mass: 123.0\n  tau: 0.01\n\
             the parameters are those that were written: true\n\
             timeseries/8 goes from 8 to 8.9995\n",
        ),
        (
            "hash",
            "{\"data\": {\"host\": \"bluecrab\", \"source_path\": \"path/to/data\"}, \
             \"integrator\": {\"dt\": 0.001, \"method\": \"rk4\"}, \
             \"model\": {\"k0\": 1.2, \"k1\": 1.3, \"mass\": 123.0, \"tau\": 0.01}}\n\
             data_eba300792d.h5py\n",
        ),
        ("rewind", "back to 6, then on to 11 records\n"),
    ];
    let folder = Folder::new("rust_examples");
    for (name, expected) in expected {
        let printed = succeed(Command::new(example(name)).current_dir(folder.path()));
        assert_eq!(printed, expected, "{name}");
    }
    let script = "import h5py, json\n\
                  assert h5py.File('my_data.hdf5')['result_1'].shape == (5, 4, 3)\n\
                  file = h5py.File('richer_data.hdf5')\n\
                  assert file['timeseries/8'][999, 1] == 8.9995\n\
                  assert json.loads(file['meta'][()])['integrator'] == {'dt': 0.001, 'method': 'rk4'}\n\
                  assert json.loads(h5py.File('data_eba300792d.h5py')['meta'][()])['model']['mass'] == 123.0\n";
    let mut python = client(common::root().join("target/venv/bin/python"));
    succeed(python.args(["-c", script]).current_dir(folder.path()));
}

#[test]
fn the_same_run_gives_the_same_bytes_from_rust_c_and_python() {
    let folder = Folder::new("rust_heat");
    let in_c = folder.join("in_c");
    common::compile_c("examples_c/07_heat.c", &in_c);
    let input = common::root().join("examples_c/heat.yaml");
    let name = "heat_bbf600281f.h5";
    let run = |place: &str, mut command: Command| -> (String, Vec<u8>) {
        let place = folder.join(place);
        fs::create_dir_all(&place).expect("a folder");
        let printed = succeed(command.arg(&input).current_dir(&place));
        (printed, fs::read(place.join(name)).expect("the run's file"))
    };
    let (said_in_c, bytes) = run("c", client(&in_c));
    let (said_in_rust, in_rust) = run("rust", Command::new(example("heat")));
    assert_eq!(said_in_c, said_in_rust);
    assert!(bytes == in_rust, "the file of C and that of Rust differ");
    let (_, in_python) = run("python", python("heat.py"));
    assert!(
        bytes == in_python,
        "the file of C and that of Python differ"
    );
    // What one began the other goes on with.
    let begin = |program: &Path, until: &str, place: &str| {
        let place = folder.join(place);
        fs::create_dir_all(&place).expect("a folder");
        let mut command = client(program);
        succeed(command.arg(&input).arg(until).current_dir(place))
    };
    begin(&in_c, "700", "parts");
    let printed = begin(&example("heat"), "4000", "parts");
    assert!(
        printed.starts_with("heat_bbf600281f.h5 goes on after step 500\n"),
        "{printed}"
    );
    assert!(begin(&example("heat"), "4000", "parts").ends_with("is finished: nothing to do\n"));
    let mut compare = Command::new("h5diff");
    compare.arg(folder.join("parts").join(name));
    assert_eq!(succeed(compare.arg(folder.join("c").join(name))), "");
}

/// Ranks that are threads: an allgather through memory that they share.
struct Threads {
    rank: usize,
    slots: Arc<(std::sync::Barrier, Vec<std::sync::Mutex<Vec<u8>>>)>,
}

impl Allgather for Threads {
    fn allgather(&self, mine: &[u8], all: &mut [u8]) -> h5sim::Result<()> {
        let (barrier, slots) = &*self.slots;
        *slots[self.rank].lock().unwrap() = mine.to_vec();
        barrier.wait();
        for (slot, place) in slots.iter().zip(all.chunks_exact_mut(mine.len())) {
            place.copy_from_slice(&slot.lock().unwrap());
        }
        barrier.wait();
        Ok(())
    }
}

/// Runs a body on so many ranks, each in a thread of its own.
fn on_ranks(ranks: usize, body: impl Fn(usize, Threads) + Sync) {
    let slots = (0..ranks).map(|_| std::sync::Mutex::default()).collect();
    let slots = Arc::new((std::sync::Barrier::new(ranks), slots));
    std::thread::scope(|scope| {
        for rank in 0..ranks {
            let (body, slots) = (&body, slots.clone());
            scope.spawn(move || body(rank, Threads { rank, slots }));
        }
    });
}

#[test]
fn many_ranks_write_one_file_and_others_go_on() {
    let folder = Folder::new("rust-ranks");
    let path = folder.join("run.h5");
    let whole = |step: f64| {
        Array2::from_shape_fn((6, 5), |(row, column)| {
            step * 100.0 + (10 * row + column) as f64
        })
    };
    on_ranks(3, |rank, threads| {
        let file = File::open_ranks(&path, Mode::Create, &Open::new(), rank, 3, threads).unwrap();
        assert!(file.is_writable() && file.path() == path);
        let rows = 2 * rank..2 * rank + 2;
        for step in 0..3 {
            let u = whole(f64::from(step));
            let block = u.slice(ndarray::s![rows.clone(), ..]);
            // Transposed in memory, as a column-major code has it.
            let turned = block.t().as_standard_layout().into_owned();
            let start = [2 * rank as u64, 0];
            file.append_block("u", &turned.t(), &[6, 5], &start, &Write::new())
                .unwrap();
            file.append("time", &f64::from(step)).unwrap();
            file.commit().unwrap();
        }
        file.write_block(
            "mask",
            &[rank as u8; 2],
            &[6],
            &[2 * rank as u64],
            &Write::new().gzip(4),
        )
        .unwrap();
        file.set_attr("u", "n", &3).unwrap();
        // What one has wrong is told on all.
        let options = Write::new();
        let wrong = file
            .write_block(
                "mask",
                &[0u8; 2],
                &[6],
                &[if rank == 1 { 5 } else { 0 }],
                &options,
            )
            .unwrap_err();
        assert!(
            wrong.kind() == Status::Shape && wrong.to_string().contains("rank 1 of 3"),
            "{wrong}"
        );
        let other = if rank == 2 { "other" } else { "one" };
        assert_eq!(
            file.create_group(other).unwrap_err().kind(),
            Status::Argument
        );
        // Another rank's rows, all of them, and what is said of them.
        let mut last = Array2::<f64>::zeros((2, 5));
        let next = 2 * ((rank + 1) % 3);
        file.read_block(
            "u",
            &[2, next as u64, 0],
            &mut last.view_mut().insert_axis(ndarray::Axis(0)),
        )
        .unwrap();
        assert_eq!(last, whole(2.0).slice(ndarray::s![next..next + 2, ..]));
        assert_eq!(
            file.read_slice::<f64, ndarray::Ix2>("u", "1").unwrap(),
            whole(1.0)
        );
        assert_eq!(file.stored_as("u").unwrap().shape, [3, 6, 5]);
        let tree = file.tree("/").unwrap();
        assert!(tree.iter().any(|entry| entry.path == "u"
            && matches!(&entry.item, h5sim::Item::Dataset { shape, .. } if *shape == [3, 6, 5])));
        file.close().unwrap();
    });
    on_ranks(2, |rank, threads| {
        let file =
            File::open_ranks(&path, Mode::ReadWrite, &Open::new(), rank, 2, threads).unwrap();
        file.rewind("time", 1.0).unwrap();
        file.truncate("u", 2).unwrap();
        let u = whole(7.0);
        let block = u.slice(ndarray::s![3 * rank..3 * rank + 3, ..]);
        file.append_block("u", &block, &[6, 5], &[3 * rank as u64, 0], &Write::new())
            .unwrap();
        file.write_slice("u", "0, 1:3", &Array2::<f64>::ones((2, 5)))
            .unwrap();
        file.finish().unwrap();
        file.append("time", &7.0).unwrap();
        // A drop leaves it at its latest commit, and waits for nobody.
    });
    let file = File::open(&path, Mode::Read).unwrap();
    let mut first = whole(0.0);
    first.slice_mut(ndarray::s![1..3, ..]).fill(1.0);
    assert_eq!(
        file.read_slice::<f64, ndarray::Ix2>("u", "0").unwrap(),
        first
    );
    assert_eq!(
        file.read_slice::<f64, ndarray::Ix2>("u", "2").unwrap(),
        whole(7.0)
    );
    assert_eq!(file.info("time").unwrap().1, [2]);
    assert_eq!(
        file.read::<u8, ndarray::Ix1>("mask").unwrap().to_vec(),
        [0, 0, 1, 1, 2, 2]
    );
    let alone = |mine: &[u8], all: &mut [u8]| {
        all.copy_from_slice(mine);
        Ok(())
    };
    let one = File::open_ranks(
        folder.join("one.h5"),
        Mode::Create,
        &Open::new(),
        0,
        1,
        alone,
    )
    .unwrap();
    one.append_block("u", &[1.0, 2.0], &[4], &[1], &Write::new())
        .unwrap();
    one.close().unwrap();
    let one = File::open(folder.join("one.h5"), Mode::Read).unwrap();
    assert_eq!(
        one.read::<f64, Ix2>("u").unwrap(),
        arr2(&[[0.0, 1.0, 2.0, 0.0]])
    );
    let allgather = |_: &[u8], _: &mut [u8]| Ok(());
    let many = File::open_ranks(&path, Mode::Read, &Open::new(), 5, 3, allgather).unwrap_err();
    assert_eq!(many.kind(), Status::Argument);
    // Ranks are as many as there are: more than parts share them.
    File::open_ranks(&path, Mode::Read, &Open::new(), 64, 65, allgather)
        .unwrap()
        .close()
        .unwrap();
    for parts in [0, 65] {
        let options = Open::new().parts(parts);
        let wrong = File::open_ranks(&path, Mode::Read, &options, 0, 1, alone).unwrap_err();
        assert!(
            wrong.kind() == Status::Argument && wrong.to_string().contains("1 to 64"),
            "{wrong}"
        );
    }
}

#[test]
fn ranks_share_parts_and_leave_out_agreement_where_they_are_told_to() {
    let folder = Folder::new("rust-parts");
    let path = folder.join("run.h5");
    // Four ranks, so many parts, and how often they have talked.
    let talked = |options: &Open| {
        let calls = Arc::new(AtomicUsize::new(0));
        on_ranks(4, |rank, threads| {
            let calls = calls.clone();
            let counting = move |mine: &[u8], all: &mut [u8]| {
                calls.fetch_add(1, Ordering::Relaxed);
                threads.allgather(mine, all)
            };
            let file = File::open_ranks(&path, Mode::Create, options, rank, 4, counting).unwrap();
            let start = [2 * rank as u64];
            let block = [rank as f64; 2];
            for name in ["u", "v", "w"] {
                file.write_block(name, &block, &[8], &start, &Write::new())
                    .unwrap();
                file.create_group(&format!("of_{name}")).unwrap();
            }
            file.close().unwrap();
        });
        let file = File::open(&path, Mode::Read).unwrap();
        assert_eq!(
            file.read::<f64, ndarray::Ix1>("w").unwrap().to_vec(),
            [0.0, 0.0, 1.0, 1.0, 2.0, 2.0, 3.0, 3.0]
        );
        let parts = std::fs::read_dir(folder.join("run.h5-ranks")).unwrap();
        let parts =
            parts.filter(|entry| entry.as_ref().unwrap().path().extension() == Some("h5".as_ref()));
        (parts.count(), calls.load(Ordering::Relaxed))
    };
    let (parts, calls) = talked(&Open::new());
    assert_eq!(parts, 4);
    assert_eq!(talked(&Open::new().parts(2)).0, 2);
    let (parts, fewer) = talked(&Open::new().agree(false));
    assert_eq!(parts, 4);
    assert!(fewer < calls, "{fewer} of {calls}");
}

#[test]
fn what_one_rank_has_wrong_before_it_calls_is_told_on_all() {
    let folder = Folder::new("rust-told");
    let path = folder.join("run.h5");
    let (done, all_done) = std::sync::mpsc::channel();
    // On threads that are left alone if they wait for each other for ever.
    std::thread::spawn(move || {
        on_ranks(3, |rank, threads| {
            let options = Open::new();
            let file = File::open_ranks(&path, Mode::Create, &options, rank, 3, threads).unwrap();
            let wrong = match rank {
                1 => file.write_json("meta", &BTreeMap::from([(vec![1], 2)])),
                _ => file.write_json("meta", &BTreeMap::from([("steps", 2)])),
            };
            let wrong = wrong.unwrap_err();
            assert!(
                wrong.kind() == Status::Json && wrong.to_string().contains("rank 1 of 3"),
                "{wrong}"
            );
            let names: &[&str] = if rank == 2 { &["x"] } else { &["x", "y"] };
            let wrong = file.write_texts("axes", &[2], names).unwrap_err();
            assert!(
                wrong.kind() == Status::Shape && wrong.to_string().contains("rank 2 of 3"),
                "{wrong}"
            );
            assert_eq!(file.keys("/").unwrap(), [""; 0]);
            file.write_json("meta", &[1, 2]).unwrap();
            file.close().unwrap();
        });
        done.send(File::open(&path, Mode::Read).unwrap().read_text("meta"))
            .unwrap();
    });
    let text = all_done.recv_timeout(std::time::Duration::from_secs(60));
    assert_eq!(text.expect("all ranks have ended").unwrap(), "[1, 2]");
    drop(folder);
}

#[test]
fn records_that_go_where_the_latest_went_are_told_from_others() {
    let folder = Folder::new("rust-repeating");
    let path = folder.join("run.h5");
    let append = |file: &File, step: usize, start: usize, length: usize| {
        let block: Vec<f64> = (start..start + length)
            .map(|x| (100 * step + x) as f64)
            .collect();
        file.append_block("u", &block, &[6], &[start as u64], &Write::new())
    };
    on_ranks(3, |rank, threads| {
        let file = File::open_ranks(&path, Mode::Create, &Open::new(), rank, 3, threads).unwrap();
        for step in 0..4 {
            append(&file, step, 2 * rank, 2).unwrap();
        }
        // Over another rank's, on one rank only: on all it is an error, and nothing has come.
        let start = if rank == 1 { 1 } else { 2 * rank };
        let wrong = append(&file, 4, start, 2).unwrap_err();
        assert_eq!(wrong.kind(), Status::Shape, "{wrong}");
        assert_eq!(file.info("u").unwrap().1, [4, 6]);
        for step in 4..6 {
            append(&file, step, 2 * rank, 2).unwrap();
        }
        // Other blocks, and back; a cut, and other things between.
        append(&file, 6, 2 * ((rank + 1) % 3), 2).unwrap();
        for step in 7..10 {
            append(&file, step, 2 * rank, 2).unwrap();
        }
        file.truncate("u", 8).unwrap();
        file.append("time", &1.5).unwrap();
        append(&file, 8, 2 * rank, 2).unwrap();
        file.commit().unwrap();
        // A block that is empty, of the same rank each time.
        for step in 9..12 {
            let (start, length) = [(0, 3), (3, 0), (3, 3)][rank];
            append(&file, step, start, length).unwrap();
        }
        file.delete("u").unwrap();
        for step in 0..5 {
            append(&file, step, 2 * rank, 2).unwrap();
        }
        file.move_to("u", "old").unwrap();
        for step in 0..12 {
            append(&file, step, 2 * rank, 2).unwrap();
        }
        file.close().unwrap();
    });
    let file = File::open(&path, Mode::Read).unwrap();
    for (name, steps) in [("u", 12), ("old", 5)] {
        let all = Array2::from_shape_fn((steps, 6), |(step, x)| (100 * step + x) as f64);
        assert_eq!(file.read::<f64, Ix2>(name).unwrap(), all);
    }
}
