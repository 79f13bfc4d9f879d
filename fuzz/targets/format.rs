//! The bytes of HDF5 files: no parser panics, reads past the end or goes on without one.
//!
//! An input is a file of at most some kilobytes; its first 16 bytes are the addresses to begin at.
#![no_main]

#[path = "../../src/error.rs"]
#[allow(dead_code)]
mod error;
#[path = "../../src/format/mod.rs"]
#[allow(dead_code)]
mod format;
#[path = "../../src/codec"]
#[allow(dead_code)]
mod codec {
    pub mod convert;
}
mod store {
    pub const MAX_RANK: usize = 32;
}

use format::contiguous::ContiguousDataset;
use format::edited_header::EditedHeader;
use format::local_heap::LocalHeap;
use format::superblock::Superblock;
use format::symbol_table::{find, is_walkable, places, Sizes, GroupTable};
use format::{btree2, chunk_index, fractal_heap, free_space, object_header, shared_messages, trusted, Widths};

libfuzzer_sys::fuzz_target!(|file: &[u8]| {
    let at = |byte: usize| u64::from(file.get(byte).copied().unwrap_or(0)) * 4;
    let sizes = Sizes {
        children: 4,
        links: 2,
    };
    let _ = Superblock::parse(file, 0);
    let small = Widths {
        address: 4,
        length: 4,
    };
    for widths in [Widths::USUAL, small] {
        let (mut tree, mut heap) = (at(1), at(2));
        if let Ok(Some(messages)) = object_header::all(file, at(0), widths) {
            let content: usize = messages.iter().map(|message| message.content.len()).sum();
            assert!(content <= file.len());
            (tree, heap) = places(&messages, widths.address).unwrap_or((tree, heap));
            let _ = chunk_index::is_listable(file, &messages, at(3), at(4), widths);
        }
        if let Some(start) = file.get(heap as usize..) {
            let _ = trusted::is_harmless(start, widths);
            let _ = free_space::is_held(start, widths, file.len() as u64);
            let _ = trusted::refers_to_shared_attributes(start, Some(at(4)));
            // A heap, its manager and the list of it one after the other, each at a place that the first bytes say.
            let rest = |number: usize| file.get(at(number) as usize..).unwrap_or_default();
            let table = fractal_heap::Header::parse(start, widths).and_then(|heap| heap.table());
            if let Some(manager) = free_space::manager(rest(1), widths) {
                let _ = free_space::is_sound(rest(2), &manager, table.as_ref(), widths);
            }
        }
        let _ = shared_messages::holds_attributes(file, at(0), widths);
        if let Some((address, root)) = file.get(tree as usize..).and_then(|header| {
            btree2::root(header, widths, file.len() as u64)
        }) {
            // As deep as it goes, and each node once: there are no more records than the file has bytes.
            let mut nodes = vec![(address, root)];
            let mut seen = 0;
            while let Some((address, node)) = nodes.pop() {
                let bytes = usize::try_from(address).ok().and_then(|start| file.get(start..));
                nodes.extend(bytes.and_then(|bytes| node.below(bytes)).unwrap_or_default());
                seen += 1;
                assert!(seen <= 64 * (file.len() + 2));
            }
        }
        let _ = is_walkable(file, tree, heap, sizes, widths);
        if let Ok(Some(names)) = LocalHeap::read(file, heap, 1 << 20) {
            assert!(names.used <= names.data.len() && names.data.len() <= file.len());
            let _ = find(file, tree, &names, "a");
            if let Ok(Some(table)) = GroupTable::read(file, tree, &names, sizes, 1000) {
                // What is not walkable is no table either.
                assert!(is_walkable(file, tree, heap, sizes, Widths::USUAL) == Ok(true));
                let links: usize = table.leaves.iter().map(|leaf| leaf.links.len()).sum();
                assert!(links * 40 <= file.len());
            }
        }
    }
    if let Some(header) = file.get(at(0) as usize..) {
        if let Some(length) = object_header::length(header) {
            let header = &header[..length.min(header.len())];
            if let Ok(Some(edited)) = EditedHeader::unchanged(header, 0, 1 << 16) {
                if let Some(found) = ContiguousDataset::of(&edited) {
                    assert!(found.shape.len() <= 32);
                }
            }
            let _ = object_header::filler(header);
        }
    }
});
