//! What one rank has found out, as bytes for the others.

#![forbid(unsafe_code)]

use super::layout::{Block, Layout, Piece};
use crate::error::{Error, Result};
use crate::store::h5::Order;
use crate::store::{Dtype, Kind};

/// What a call gives, and can be told.
pub trait Answer: Sized {
    /// Its bytes, behind others.
    fn pack(&self, bytes: &mut Vec<u8>);
    /// The same from its bytes.
    fn unpack(reader: &mut Reader<'_>) -> Option<Self>;
}

/// Bytes that are taken one after the other.
pub struct Reader<'a>(&'a [u8]);

impl Reader<'_> {
    fn take(&mut self, count: usize) -> Option<&[u8]> {
        let (first, rest) = self.0.split_at_checked(count)?;
        self.0 = rest;
        Some(first)
    }
}

/// The bytes of an answer.
pub fn packed(answer: &impl Answer) -> Vec<u8> {
    let mut bytes = Vec::new();
    answer.pack(&mut bytes);
    bytes
}

/// The answer that bytes are.
pub fn unpacked<T: Answer>(bytes: &[u8]) -> Result<T> {
    let mut reader = Reader(bytes);
    let answer = T::unpack(&mut reader);
    answer
        .filter(|_| reader.0.is_empty())
        .ok_or_else(|| Error::internal("what a rank has told cannot be understood"))
}

impl Answer for () {
    fn pack(&self, _: &mut Vec<u8>) {}

    fn unpack(_: &mut Reader<'_>) -> Option<Self> {
        Some(())
    }
}

impl Answer for u64 {
    fn pack(&self, bytes: &mut Vec<u8>) {
        bytes.extend(self.to_le_bytes());
    }

    fn unpack(reader: &mut Reader<'_>) -> Option<Self> {
        Some(u64::from_le_bytes(reader.take(8)?.try_into().ok()?))
    }
}

impl Answer for bool {
    fn pack(&self, bytes: &mut Vec<u8>) {
        bytes.push(u8::from(*self));
    }

    fn unpack(reader: &mut Reader<'_>) -> Option<Self> {
        Some(reader.take(1)?[0] != 0)
    }
}

impl Answer for u8 {
    fn pack(&self, bytes: &mut Vec<u8>) {
        bytes.push(*self);
    }

    fn unpack(reader: &mut Reader<'_>) -> Option<Self> {
        Some(reader.take(1)?[0])
    }
}

impl Answer for String {
    fn pack(&self, bytes: &mut Vec<u8>) {
        (self.len() as u64).pack(bytes);
        bytes.extend(self.as_bytes());
    }

    fn unpack(reader: &mut Reader<'_>) -> Option<Self> {
        let length = u64::unpack(reader)? as usize;
        String::from_utf8(reader.take(length)?.to_vec()).ok()
    }
}

impl<T: Answer> Answer for Vec<T> {
    fn pack(&self, bytes: &mut Vec<u8>) {
        (self.len() as u64).pack(bytes);
        self.iter().for_each(|item| item.pack(bytes));
    }

    fn unpack(reader: &mut Reader<'_>) -> Option<Self> {
        let count = u64::unpack(reader)?;
        (0..count).map(|_| T::unpack(reader)).collect()
    }
}

impl<T: Answer> Answer for Option<T> {
    fn pack(&self, bytes: &mut Vec<u8>) {
        self.is_some().pack(bytes);
        if let Some(item) = self {
            item.pack(bytes);
        }
    }

    fn unpack(reader: &mut Reader<'_>) -> Option<Self> {
        match bool::unpack(reader)? {
            true => T::unpack(reader).map(Some),
            false => Some(None),
        }
    }
}

impl<A: Answer, B: Answer> Answer for (A, B) {
    fn pack(&self, bytes: &mut Vec<u8>) {
        self.0.pack(bytes);
        self.1.pack(bytes);
    }

    fn unpack(reader: &mut Reader<'_>) -> Option<Self> {
        Some((A::unpack(reader)?, B::unpack(reader)?))
    }
}

impl Answer for Dtype {
    fn pack(&self, bytes: &mut Vec<u8>) {
        bytes.push(*self as u8);
    }

    fn unpack(reader: &mut Reader<'_>) -> Option<Self> {
        Dtype::from_code(i32::from(u8::unpack(reader)?))
    }
}

const KINDS: [Kind; 4] = [Kind::None, Kind::Group, Kind::Dataset, Kind::Datatype];

impl Answer for Kind {
    fn pack(&self, bytes: &mut Vec<u8>) {
        bytes.push(*self as u8);
    }

    fn unpack(reader: &mut Reader<'_>) -> Option<Self> {
        let code = u8::unpack(reader)?;
        KINDS.into_iter().find(|kind| *kind as u8 == code)
    }
}

impl Answer for Block {
    fn pack(&self, bytes: &mut Vec<u8>) {
        self.start.pack(bytes);
        self.shape.pack(bytes);
    }

    fn unpack(reader: &mut Reader<'_>) -> Option<Self> {
        Some(Self {
            start: Answer::unpack(reader)?,
            shape: Answer::unpack(reader)?,
        })
    }
}

impl Answer for Piece {
    fn pack(&self, bytes: &mut Vec<u8>) {
        (self.part as u64).pack(bytes);
        self.dataset.pack(bytes);
        self.block.pack(bytes);
        self.first.pack(bytes);
        self.count.pack(bytes);
    }

    fn unpack(reader: &mut Reader<'_>) -> Option<Self> {
        Some(Self {
            part: u64::unpack(reader)? as usize,
            dataset: Answer::unpack(reader)?,
            block: Answer::unpack(reader)?,
            first: Answer::unpack(reader)?,
            count: Answer::unpack(reader)?,
        })
    }
}

impl Answer for Layout {
    fn pack(&self, bytes: &mut Vec<u8>) {
        self.dtype.pack(bytes);
        self.order.map(|order| order == Order::Big).pack(bytes);
        self.fill.pack(bytes);
        self.global.pack(bytes);
        self.is_series.pack(bytes);
        self.records.pack(bytes);
        self.pieces.pack(bytes);
    }

    fn unpack(reader: &mut Reader<'_>) -> Option<Self> {
        Some(Self {
            dtype: Answer::unpack(reader)?,
            order: Option::<bool>::unpack(reader)?.map(|is_big| match is_big {
                true => Order::Big,
                false => Order::Little,
            }),
            fill: Answer::unpack(reader)?,
            global: Answer::unpack(reader)?,
            is_series: Answer::unpack(reader)?,
            records: Answer::unpack(reader)?,
            pieces: Answer::unpack(reader)?,
        })
    }
}
