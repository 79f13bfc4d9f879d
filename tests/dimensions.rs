//! Names of axes, going back, and what ParaView reads, by the readers for which they are.

mod common;

use common::{python, root, succeed, Folder};

#[test]
fn axes_have_names_in_every_reader() {
    for libver in ["earliest", "latest"] {
        let folder = Folder::new("dimensions");
        succeed(python("dimensions.py").arg(folder.path()).arg(libver));
    }
}

#[test]
fn a_run_goes_back_to_a_checkpoint_or_stays_as_it_is() {
    for libver in ["earliest", "latest"] {
        let folder = Folder::new("rewind");
        succeed(python("rewind.py").arg(folder.path()).arg(libver));
    }
}

#[test]
fn paraview_reads_what_is_linked_for_it() {
    // Of files of the latest format VTK's own HDF5, of version 1.14 or older, does not find the arrays.
    let old = root().join("target/venv-vtk93/bin/python");
    let folder = Folder::new("vtkhdf");
    let mut reader = python("vtkhdf.py");
    succeed(reader.arg(folder.path()).arg("earliest").arg(old));
}
