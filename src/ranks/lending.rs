//! Ranks that share a part and run on the computer of the one that writes it: what is new and large they write into it themselves.
//!
//! The rank that writes the part makes the dataset and says where its bytes lie; nothing refers to them before the next commit. Where that
//! is not possible they go to that rank (`exchange`).

#![forbid(unsafe_code)]

use super::communicator::{Payload, PAYLOAD};
use super::layout::part_name;
use super::opening::{locking_of, Asked};
use super::reading::Item;
use super::State;
use crate::error::{Error, Result};
use crate::file::{OpenFile, Places};
use crate::journal::{this_computer, Borrowed, Identity};
use crate::store::strided::Strided;
use crate::store::Dtype;

/// Blocks of fewer bytes go to the rank that writes the part: one round of the allgather takes less time than to agree on a place.
pub const LENT_FROM: usize = 64 << 10;

/// Rows of an array with strides are packed, and written, so many bytes at a time.
const AT_ONCE: usize = 4 << 20;

/// A place that is none.
const NOWHERE: u64 = u64::MAX;

/// Where a rank runs, and which file it writes there.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
struct Place {
    computer: u64,
    device: u64,
    inode: u64,
}

impl Place {
    fn encode(self) -> [u8; PAYLOAD] {
        let mut payload = [0; PAYLOAD];
        let values = [self.computer, self.device, self.inode];
        for (place, value) in payload.chunks_exact_mut(8).zip(values) {
            place.copy_from_slice(&value.to_le_bytes());
        }
        payload
    }

    fn decode(payload: &[u8; PAYLOAD]) -> Self {
        let value = |at: usize| {
            let bytes = payload[8 * at..8 * at + 8].try_into();
            u64::from_le_bytes(bytes.unwrap_or_default())
        };
        Self {
            computer: value(0),
            device: value(1),
            inode: value(2),
        }
    }
}

impl State {
    /// Finds out which ranks can write into the part of their group themselves. That none can is no error.
    pub(super) fn borrow_parts(&mut self, asked: &Asked) -> Result<()> {
        let (rank, ranks, groups) = (self.rank(), self.ranks(), self.groups);
        self.borrowers = vec![false; ranks];
        if groups.parts() == ranks {
            return Ok(());
        }
        let mut place = Place {
            computer: this_computer().unwrap_or(0),
            ..Place::default()
        };
        let identity = self.part.as_ref().map(OpenFile::identity).transpose();
        if let Ok(Some(identity)) = &identity {
            (place.device, place.inode) = (identity.device, identity.inode);
        }
        let told = self
            .communicator
            .conclude(identity.map(drop), place.encode())?;
        let part = groups.part_of(rank);
        let writer = groups.writer_of(part).map(|writer| told[writer]);
        let theirs = writer.map_or_else(Place::default, |told| Place::decode(&told));
        if !groups.leads(rank) && theirs.computer == place.computer && place.computer != 0 {
            let path = self.folder.join(part_name(part));
            let identity = Identity {
                device: theirs.device,
                inode: theirs.inode,
            };
            self.borrowed = Borrowed::open(&path, identity, locking_of(&asked.options));
        }
        let mut payload = [0; PAYLOAD];
        payload[0] = u8::from(self.borrowed.is_some());
        let told = self.communicator.conclude(Ok(()), payload)?;
        self.borrowers = told.iter().map(|told| told[0] == 1).collect();
        self.lent_from = asked.lent_from;
        Ok(())
    }

    /// Lets ranks write their blocks, of arrays or records that are new, into the part of their group themselves: makes them by `make`, and says of each
    /// rank where its bytes go. None of a rank whose block goes another way. `is_plain` says whether a block is stored as it is in memory, in pieces.
    pub(super) fn lend(
        &mut self,
        items: &[Option<Item>],
        dtype: Dtype,
        is_plain: impl Fn(&Item) -> bool,
        make: impl Fn(&OpenFile, &Item) -> Result<Option<Places>>,
    ) -> Result<Vec<Option<Places>>> {
        let (rank, groups) = (self.rank(), self.groups);
        let is_asked = |(borrower, item): (usize, &Option<Item>)| -> bool {
            let item = item.as_ref().filter(|_| self.borrowers[borrower]);
            item.is_some_and(|item| item.bytes(dtype) >= self.lent_from && is_plain(item))
        };
        let asked: Vec<bool> = items.iter().enumerate().map(is_asked).collect();
        let mut lent = vec![None; items.len()];
        let asking = || (0..items.len()).filter(|&borrower| asked[borrower]);
        // As many of each group as of the largest.
        let mut counts = vec![0; groups.parts()];
        asking().for_each(|borrower| counts[groups.part_of(borrower)] += 1);
        let most = counts.iter().max().copied().unwrap_or(0);
        if most == 0 {
            return Ok(lent);
        }
        let mut mine: Vec<Vec<u64>> = Vec::new();
        let mut made = Ok(());
        for borrower in asking().filter(|&borrower| self.is_own(groups.part_of(borrower))) {
            let places = items[borrower]
                .iter()
                .try_fold(None, |_, item| make(self.own_part()?, item));
            match places {
                Ok(places) => mine.push(places.as_ref().map_or_else(Vec::new, numbers_of)),
                Err(error) => {
                    made = Err(error);
                    break;
                }
            }
        }
        let longest = mine.iter().map(Vec::len).max().unwrap_or(0) as u64;
        let mut payload = [0; PAYLOAD];
        payload[..8].copy_from_slice(&longest.to_le_bytes());
        let told = self.communicator.conclude(made, payload)?;
        let length = |told: &Payload| u64::from_le_bytes(told[..8].try_into().unwrap_or_default());
        let length = told.iter().map(length).max().unwrap_or(0) as usize;
        if length == 0 {
            return Ok(lent);
        }
        mine.resize(most, Vec::new());
        mine.iter_mut()
            .for_each(|numbers| numbers.resize(length, NOWHERE));
        let bytes: Vec<u8> = mine
            .concat()
            .iter()
            .flat_map(|number| number.to_le_bytes())
            .collect();
        let all = self.communicator.gather(&bytes)?;
        let mut taken = vec![0; groups.parts()];
        for borrower in asking() {
            let part = groups.part_of(borrower);
            let writer = groups.writer_of(part).unwrap_or(rank);
            let at = 8 * length * (writer * most + taken[part]);
            taken[part] += 1;
            lent[borrower] = places_of(&all[at..at + 8 * length]);
        }
        Ok(lent)
    }

    /// Writes this rank's block to where the rank that writes the part has said.
    pub(super) fn write_lent(
        &self,
        places: &Places,
        dtype: Dtype,
        array: &Strided<'_>,
    ) -> Result<()> {
        let borrowed = self.borrowed.as_ref().ok_or_else(|| {
            Error::internal("a part is written by a rank that does not have it open")
        })?;
        let write = |offset: u64, packed: &[u8]| {
            let mut parts = places.of(offset, packed)?.into_iter();
            parts.try_for_each(|(address, bytes)| borrowed.write(address, bytes))
        };
        if let Some(packed) = array.as_packed() {
            return write(0, packed);
        }
        let shape = array.shape();
        let rows = shape.first().map_or(1, |&rows| rows as usize);
        let row: u64 = shape.iter().skip(1).product::<u64>() * dtype.size() as u64;
        let at_once = (AT_ONCE / (row as usize).max(1)).max(1);
        let (mut first, mut offset) = (0, 0);
        while first < rows {
            let last = rows.min(first + at_once);
            let packed = array.gather(first, last)?;
            write(offset, &packed)?;
            offset += packed.len() as u64;
            first = last;
        }
        Ok(())
    }
}

/// Places as they are told.
fn numbers_of(places: &Places) -> Vec<u64> {
    [&[places.run, places.piece], &*places.addresses].concat()
}

/// Places that were told; none where there are none.
fn places_of(bytes: &[u8]) -> Option<Places> {
    let number = |bytes: &[u8]| u64::from_le_bytes(bytes.try_into().unwrap_or_default());
    let told = bytes.chunks_exact(8).map(number);
    let numbers: Vec<u64> = told.take_while(|&number| number != NOWHERE).collect();
    let (&run, rest) = numbers.split_first()?;
    let (&piece, addresses) = rest.split_first()?;
    Some(Places {
        run,
        piece,
        addresses: addresses.to_vec(),
    })
}
