//! What one rank has found out, as bytes for the others.

#![forbid(unsafe_code)]

use super::layout::{Block, Layout, Piece};
use crate::error::{Error, Result};
use crate::store::h5::Order;
use crate::store::{AttributeEntry, Dtype, Elements, Entry, Item, Kind, StoredAs};

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

impl Answer for Elements {
    fn pack(&self, bytes: &mut Vec<u8>) {
        match self {
            Self::Texts(texts) => {
                0u8.pack(bytes);
                texts.pack(bytes);
            }
            Self::Numbers(dtype, elements) => {
                1u8.pack(bytes);
                (*dtype, elements.clone()).pack(bytes);
            }
        }
    }

    fn unpack(reader: &mut Reader<'_>) -> Option<Self> {
        match u8::unpack(reader)? {
            0 => Answer::unpack(reader).map(Self::Texts),
            _ => <(Dtype, Vec<u8>)>::unpack(reader)
                .map(|(dtype, elements)| Self::Numbers(dtype, elements)),
        }
    }
}

impl Answer for AttributeEntry {
    fn pack(&self, bytes: &mut Vec<u8>) {
        match self {
            Self::Quoted { shape, elements } => {
                0u8.pack(bytes);
                shape.pack(bytes);
                elements.pack(bytes);
            }
            Self::Unquoted { dtype, shape } => {
                1u8.pack(bytes);
                dtype.pack(bytes);
                shape.pack(bytes);
            }
            Self::Damaged { error } => {
                2u8.pack(bytes);
                error.pack(bytes);
            }
        }
    }

    fn unpack(reader: &mut Reader<'_>) -> Option<Self> {
        Some(match u8::unpack(reader)? {
            0 => Self::Quoted {
                shape: Answer::unpack(reader)?,
                elements: Answer::unpack(reader)?,
            },
            1 => Self::Unquoted {
                dtype: Answer::unpack(reader)?,
                shape: Answer::unpack(reader)?,
            },
            _ => Self::Damaged {
                error: Answer::unpack(reader)?,
            },
        })
    }
}

impl Answer for Item {
    fn pack(&self, bytes: &mut Vec<u8>) {
        match self {
            Self::Group { attributes } => {
                0u8.pack(bytes);
                attributes.pack(bytes);
            }
            Self::Dataset {
                dtype,
                shape,
                attributes,
            } => {
                1u8.pack(bytes);
                dtype.pack(bytes);
                shape.pack(bytes);
                attributes.pack(bytes);
            }
            Self::Datatype { attributes } => {
                2u8.pack(bytes);
                attributes.pack(bytes);
            }
            Self::Link { target } => {
                3u8.pack(bytes);
                target.pack(bytes);
            }
            Self::Damaged { error } => {
                4u8.pack(bytes);
                error.pack(bytes);
            }
        }
    }

    fn unpack(reader: &mut Reader<'_>) -> Option<Self> {
        Some(match u8::unpack(reader)? {
            0 => Self::Group {
                attributes: Answer::unpack(reader)?,
            },
            1 => Self::Dataset {
                dtype: Answer::unpack(reader)?,
                shape: Answer::unpack(reader)?,
                attributes: Answer::unpack(reader)?,
            },
            2 => Self::Datatype {
                attributes: Answer::unpack(reader)?,
            },
            3 => Self::Link {
                target: Answer::unpack(reader)?,
            },
            _ => Self::Damaged {
                error: Answer::unpack(reader)?,
            },
        })
    }
}

impl Answer for Entry {
    fn pack(&self, bytes: &mut Vec<u8>) {
        self.path.pack(bytes);
        self.item.pack(bytes);
    }

    fn unpack(reader: &mut Reader<'_>) -> Option<Self> {
        Some(Self {
            path: Answer::unpack(reader)?,
            item: Answer::unpack(reader)?,
        })
    }
}

/// The words for how a dataset is laid out.
const LAYOUTS: [&str; 5] = ["contiguous", "chunked", "compact", "virtual", "external"];

impl Answer for StoredAs {
    fn pack(&self, bytes: &mut Vec<u8>) {
        let layout = LAYOUTS.iter().position(|layout| *layout == self.layout);
        (layout.unwrap_or(0) as u8).pack(bytes);
        self.dtype.pack(bytes);
        self.shape.pack(bytes);
        self.maxshape.pack(bytes);
        self.fillvalue.pack(bytes);
        self.chunks.pack(bytes);
        self.filters.pack(bytes);
        self.stored.pack(bytes);
        self.bytes.pack(bytes);
    }

    fn unpack(reader: &mut Reader<'_>) -> Option<Self> {
        Some(Self {
            layout: LAYOUTS.get(usize::from(u8::unpack(reader)?))?,
            dtype: Answer::unpack(reader)?,
            shape: Answer::unpack(reader)?,
            maxshape: Answer::unpack(reader)?,
            fillvalue: Answer::unpack(reader)?,
            chunks: Answer::unpack(reader)?,
            filters: Answer::unpack(reader)?,
            stored: Answer::unpack(reader)?,
            bytes: Answer::unpack(reader)?,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_told_is_what_was_found() {
        let quoted = AttributeEntry::Quoted {
            shape: vec![2],
            elements: Elements::Numbers(Dtype::U8, vec![7, 8]),
        };
        let unquoted = AttributeEntry::Unquoted {
            dtype: "f8".to_owned(),
            shape: vec![9, 9],
        };
        let damaged = AttributeEntry::Damaged {
            error: "it is".to_owned(),
        };
        let text = AttributeEntry::Quoted {
            shape: Vec::new(),
            elements: Elements::Texts(vec!["K".to_owned()]),
        };
        let attributes = vec![
            ("a".to_owned(), quoted),
            ("b".to_owned(), unquoted),
            ("c".to_owned(), damaged),
            ("d".to_owned(), text),
        ];
        let items = [
            Item::Group {
                attributes: attributes.clone(),
            },
            Item::Dataset {
                dtype: "i4".to_owned(),
                shape: vec![3],
                attributes: Vec::new(),
            },
            Item::Datatype { attributes },
            Item::Link {
                target: "x".to_owned(),
            },
            Item::Damaged {
                error: "y".to_owned(),
            },
        ];
        let entries: Vec<Entry> = items
            .into_iter()
            .map(|item| Entry {
                path: "g/x".to_owned(),
                item,
            })
            .collect();
        assert_eq!(unpacked::<Vec<Entry>>(&packed(&entries)).unwrap(), entries);
        for layout in LAYOUTS {
            let stored = StoredAs {
                layout,
                dtype: "f4".to_owned(),
                shape: vec![2, 3],
                maxshape: vec![None, Some(3)],
                fillvalue: Some(Elements::Numbers(Dtype::F32, vec![0; 4])),
                chunks: Some(vec![1, 3]),
                filters: vec!["gzip 4".to_owned()],
                stored: 5,
                bytes: 24,
            };
            assert_eq!(unpacked::<StoredAs>(&packed(&stored)).unwrap(), stored);
        }
        assert!(unpacked::<Vec<Entry>>(&packed(&entries)[1..]).is_err());
    }
}
