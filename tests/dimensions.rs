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
    let old = root().join("target/venv-vtk93/bin/python");
    for libver in ["earliest", "latest"] {
        let folder = Folder::new("vtkhdf");
        succeed(python("vtkhdf.py").arg(folder.path()).arg(libver).arg(&old));
    }
}
