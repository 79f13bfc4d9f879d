//! What ranks say to each other: one operation, in which each gives as many bytes and gets those of all.

#![forbid(unsafe_code)]

use crate::error::{Error, Result, Status};
use crate::journal::checksum;
use std::cell::{Cell, RefCell};

/// The operation by which the ranks of a file talk: all that [`File::open_ranks`](crate::File::open_ranks) needs of MPI, or of
/// another means. A closure with these arguments is one.
///
/// All ranks call it in the same order with as many bytes each; `all` has room for those of all. It is called from within calls on the file, on
/// the thread that makes the call. It must
/// not make a call on the same file.
///
/// ```
/// use h5sim::Allgather;
/// /// The only rank of its file.
/// struct Alone;
///
/// impl Allgather for Alone {
///     fn allgather(&self, mine: &[u8], all: &mut [u8]) -> h5sim::Result<()> {
///         all.copy_from_slice(mine);
///         Ok(())
///     }
/// }
/// ```
pub trait Allgather: Send {
    /// Gives `mine` to all ranks, and fills `all` with what each has given, in the order of the ranks.
    ///
    /// # Errors
    /// Where it cannot be done: nothing is said any more then, and the file can only be closed, at its latest commit.
    fn allgather(&self, mine: &[u8], all: &mut [u8]) -> Result<()>;
}

impl<F: Fn(&[u8], &mut [u8]) -> Result<()> + Send> Allgather for F {
    fn allgather(&self, mine: &[u8], all: &mut [u8]) -> Result<()> {
        self(mine, all)
    }
}

/// What a rank says of a call: always as many bytes, so that ranks that call different things understand each other.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Word {
    digest: u64,
    rank: i32,
    ranks: i32,
    status: i32,
    payload: Payload,
}

/// What goes with a word.
pub type Payload = [u8; PAYLOAD];
/// The bytes that go with a word.
pub const PAYLOAD: usize = 136;
const WORD: usize = 24 + PAYLOAD;
/// What tells a word from nothing.
const MARK: [u8; 4] = *b"rank";
/// The bytes of a sentence that one rank tells the others.
const SENTENCE: usize = 768;
/// Of the first word of an opening, when ranks may not agree on how many they are, so many are listened to.
const MOST_RANKS: usize = 1 << 16;

impl Word {
    fn encode(&self) -> Vec<u8> {
        let mut bytes = Vec::with_capacity(WORD);
        bytes.extend(self.digest.to_le_bytes());
        bytes.extend(self.rank.to_le_bytes());
        bytes.extend(self.ranks.to_le_bytes());
        bytes.extend(self.status.to_le_bytes());
        bytes.extend(MARK);
        bytes.extend(self.payload);
        bytes
    }

    fn decode(bytes: &[u8]) -> Option<Self> {
        let number = |at: usize| Some(i32::from_le_bytes(bytes.get(at..at + 4)?.try_into().ok()?));
        if bytes.get(20..24)? != MARK {
            return None;
        }
        Some(Self {
            digest: u64::from_le_bytes(bytes.get(..8)?.try_into().ok()?),
            rank: number(8)?,
            ranks: number(12)?,
            status: number(16)?,
            payload: bytes.get(24..WORD)?.try_into().ok()?,
        })
    }
}

/// A call that all ranks make, in words and as a sum by which they compare it.
#[derive(Clone, Debug)]
pub struct Call {
    /// Function, path and arguments, with a NUL between each.
    text: String,
    digest: u64,
}

impl Call {
    /// A call of this function on an object, with these other arguments.
    pub fn new(function: &str, path: &str, arguments: &dyn std::fmt::Debug) -> Self {
        let text = format!("{function}\0{path}\0{arguments:?}");
        let digest = checksum(text.as_bytes());
        Self { text, digest }
    }

    /// It as people would say it.
    fn words(&self) -> String {
        let mut parts = self.text.splitn(3, '\0');
        let (function, path) = (
            parts.next().unwrap_or_default(),
            parts.next().unwrap_or_default(),
        );
        let path = match path {
            "" => String::new(),
            path => format!(" '{path}'"),
        };
        match parts.next().unwrap_or_default() {
            "()" | "" => format!("{function}{path}"),
            arguments => format!("{function}{path} {arguments}"),
        }
    }
}

thread_local! {
    /// Whether this thread is in the means by which ranks talk, from where it cannot make a call.
    static IS_TALKING: Cell<bool> = const { Cell::new(false) };
}

/// Fails in the means by which ranks talk.
pub fn check_not_talking() -> Result<()> {
    match IS_TALKING.get() {
        false => Ok(()),
        true => Err(Error::argument(
            "a call on a file of many ranks was made from within their allgather",
        )),
    }
}

/// The ranks of a file, of which this is one.
pub struct Communicator {
    /// The number of this one.
    pub rank: usize,
    /// How many there are.
    pub ranks: usize,
    means: Box<dyn Allgather>,
    /// Why nothing can be said any more.
    lost: RefCell<Option<Error>>,
    /// Whether calls are compared before they are made.
    pub compares: bool,
    /// How often something was said, for those who want to know whether a call has said anything.
    said: Cell<u64>,
}

impl std::fmt::Debug for Communicator {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(formatter, "rank {} of {}", self.rank, self.ranks)
    }
}

impl Communicator {
    /// The ranks that these means reach.
    pub fn new(rank: usize, ranks: usize, means: Box<dyn Allgather>) -> Self {
        Self {
            rank,
            ranks,
            means,
            lost: RefCell::new(None),
            compares: true,
            said: Cell::new(0),
        }
    }

    /// How often something was said.
    pub fn said(&self) -> u64 {
        self.said.get()
    }

    /// Fails if nothing can be said any more.
    pub fn check(&self) -> Result<()> {
        match &*self.lost.borrow() {
            Some(error) => Err(error.clone()),
            None => Ok(()),
        }
    }

    fn talk(&self, mine: &[u8], all: &mut [u8]) -> Result<()> {
        self.check()?;
        self.said.set(self.said.get() + 1);
        IS_TALKING.set(true);
        let told = self.means.allgather(mine, all);
        IS_TALKING.set(false);
        told.map_err(|error| {
            let error = Error::io(format!(
                "rank {} cannot reach the other ranks ({}): nothing more is written or committed from here, close the file",
                self.rank, error.message
            ));
            *self.lost.borrow_mut() = Some(error.clone());
            error
        })
    }

    /// Gives as many bytes as the others, and gets those of all ranks, one after the other.
    pub fn gather(&self, mine: &[u8]) -> Result<Vec<u8>> {
        let mut all = Vec::new();
        all.try_reserve_exact(mine.len() * self.ranks)
            .map_err(|_| Error::io("no memory for what the ranks say"))?;
        all.resize(mine.len() * self.ranks, 0);
        self.talk(mine, &mut all)?;
        Ok(all)
    }

    /// The first agreement of an opening, at which a rank may have the wrong number, or count others than its fellows do.
    pub fn begin(&self, call: &Call, local: Result<()>) -> Result<()> {
        let word = self.word(call.digest, &local, [0; PAYLOAD]);
        // A rank that counts too few gets the words of all the same.
        let mut all = vec![0; WORD * self.ranks.max(MOST_RANKS)];
        self.talk(&word.encode(), &mut all)?;
        let places = all.chunks_exact(WORD).enumerate();
        let is_odd = places.take(self.ranks).any(|(place, bytes)| {
            Word::decode(bytes).is_none_or(|other| {
                other.rank != place as i32 || other.ranks != self.ranks as i32 || other.status != 0
            })
        });
        let words: Vec<Word> = all.chunks_exact(WORD).map_while(Word::decode).collect();
        let count = words.len();
        let counts_differ = words.iter().any(|word| word.ranks != count as i32);
        if !is_odd && !counts_differ {
            return self.compare(&words, call, local).map(|_| ());
        }
        if counts_differ {
            // Nobody knows who would be listening.
            let odd = words.iter().find(|word| word.ranks != count as i32);
            return Err(local.err().unwrap_or_else(|| {
                Error::argument(format!(
                    "ranks is {} on rank {}, where {count} ranks take part",
                    odd.map_or(0, |word| word.ranks),
                    odd.map_or(0, |word| word.rank),
                ))
            }));
        }
        if let Some((place, word)) = (0..).zip(&words).find(|(place, word)| word.rank != *place) {
            if words.iter().all(|word| word.status == 0) {
                return Err(Error::argument(format!(
                    "the rank that is number {place} among those that take part calls itself {}",
                    word.rank
                )));
            }
        }
        self.compare(&words, call, local).map(|_| ())
    }

    fn word(&self, digest: u64, local: &Result<()>, payload: Payload) -> Word {
        Word {
            digest,
            rank: self.rank as i32,
            ranks: self.ranks as i32,
            status: match local {
                Ok(()) => 0,
                Err(error) => error.status.code(),
            },
            payload,
        }
    }

    /// Agrees on a call before it is made: fails on all ranks if they call different things, or if one of them has something
    /// wrong. Gives what each rank has put beside it.
    pub fn agree(&self, call: &Call, local: Result<()>, payload: Payload) -> Result<Vec<Payload>> {
        let digest = if self.compares { call.digest } else { 0 };
        let word = self.word(digest, &local, payload);
        let all = self.gather(&word.encode())?;
        let words: Vec<Word> = all.chunks_exact(WORD).filter_map(Word::decode).collect();
        self.compare(&words, call, local)
    }

    /// Agrees on the last call, which is made even where a rank has something wrong, but not where ranks call different things: gives
    /// whether all make it, and beside it the failure. Where nothing can be said any more each makes it for itself.
    pub fn agree_to_end(&self, call: &Call, local: Result<()>) -> (bool, Result<()>) {
        let digest = if self.compares { call.digest } else { 0 };
        let word = self.word(digest, &local, [0; PAYLOAD]);
        let all = match self.gather(&word.encode()) {
            Ok(all) => all,
            Err(error) => return (true, Err(error)),
        };
        let words: Vec<Word> = all.chunks_exact(WORD).filter_map(Word::decode).collect();
        let is_everybodys = words.iter().all(|word| word.digest == digest);
        let agreed = self.compare(&words, call, local).map(drop);
        (is_everybodys || self.check().is_err(), agreed)
    }

    /// Tells each other how a call went: fails on all ranks if it failed on one.
    pub fn conclude(&self, local: Result<()>, payload: Payload) -> Result<Vec<Payload>> {
        let word = self.word(0, &local, payload);
        let all = self.gather(&word.encode())?;
        let words: Vec<Word> = all.chunks_exact(WORD).filter_map(Word::decode).collect();
        let call = Call {
            text: String::new(),
            digest: 0,
        };
        self.compare(&words, &call, local)
    }

    fn compare(&self, words: &[Word], call: &Call, local: Result<()>) -> Result<Vec<Payload>> {
        let failed = words.iter().position(|word| word.status != 0);
        let digest = words.first().map_or(0, |word| word.digest);
        let odd = words.iter().position(|word| word.digest != digest);
        if failed.is_none() && odd.is_none() {
            return Ok(words.iter().map(|word| word.payload).collect());
        }
        let sentence = match (&local, failed) {
            (Err(error), _) => error.message.clone(),
            // What they call is what is wanted.
            (Ok(()), None) => call.words(),
            (Ok(()), Some(_)) => String::new(),
        };
        let mut mine = sentence.into_bytes();
        if mine.len() > SENTENCE {
            mine.truncate(SENTENCE - 3);
            mine.extend(b"...");
        }
        mine.resize(SENTENCE, 0);
        let all = self.gather(&mine)?;
        let sentence_of = |rank: usize| {
            let bytes = all.chunks_exact(SENTENCE).nth(rank).unwrap_or_default();
            let text = String::from_utf8_lossy(bytes);
            text.trim_end_matches('\0').to_owned()
        };
        if let Some(rank) = failed {
            let status = words[rank].status;
            let status = Status::ALL.into_iter().find(|known| known.code() == status);
            let message = sentence_of(rank);
            return Err(Error {
                status: status.unwrap_or(Status::Internal),
                message: match self.ranks {
                    1 => message,
                    ranks => format!("rank {rank} of {ranks}: {message}"),
                },
            });
        }
        let odd = odd.unwrap_or(0);
        Err(Error::argument(format!(
            "the ranks do not make the same call: rank 0 makes {}, rank {odd} makes {}",
            sentence_of(0),
            sentence_of(odd)
        )))
    }

    /// Gets from one rank the bytes that it has; the others' are not asked for.
    pub fn broadcast(&self, from: usize, mine: &[u8]) -> Result<Vec<u8>> {
        let length = match self.rank == from {
            true => mine.len() as u64,
            false => 0,
        };
        let lengths = self.gather(&length.to_le_bytes())?;
        let at = from * 8;
        let length: [u8; 8] = lengths[at..at + 8]
            .try_into()
            .map_err(|_| Error::internal("a length has 8 bytes"))?;
        let length = u64::from_le_bytes(length) as usize;
        let mut received = Vec::new();
        received
            .try_reserve_exact(length)
            .map_err(|_| Error::io(format!("no memory for {length} bytes")))?;
        let piece = self.piece();
        while received.len() < length {
            let now = piece.min(length - received.len());
            let mut bytes = vec![0; now];
            if self.rank == from {
                bytes.copy_from_slice(&mine[received.len()..received.len() + now]);
            }
            let all = self.gather(&bytes)?;
            received.extend_from_slice(&all[from * now..(from + 1) * now]);
        }
        Ok(received)
    }

    /// How many bytes each rank gives at once where there are many.
    pub fn piece(&self) -> usize {
        ((8 << 20) / self.ranks.max(1)).max(4 << 10)
    }
}
