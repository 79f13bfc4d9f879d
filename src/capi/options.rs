//! Options: JSON objects of the caller's, whose every key is known, become the core's plain data.
//!
//! They are read as Python's JSON: a fill value can be `NaN`. Null is as good as not given.

#![forbid(unsafe_code)]

use super::describing::description;
use crate::catalog::{Find, Produce};
use crate::codec::{deflate, filters};
use crate::error::{Error, Result};
use crate::journal::AtLimit;
use crate::json::{self, from_value, Misfit, Object, Value, ValueKind, Why};
use crate::store::{
    Append, Chunks, Compression, CopyOptions, Dtype, Fill, Libver, Link, LockingOption, Open,
    Order, Parallel, TextOptions, Write,
};
use crate::store::{Counts, VtkKind, Vtkhdf, DURABILITIES, MOST_PARTS, ONE_RECORD};
use serde::de::IgnoredAny;
use serde::Deserialize;
use std::cell::Cell;
use std::collections::BTreeMap;
use std::sync::{Arc, OnceLock};
use std::time::Duration;

/// What the value of each key has to be, where a sentence says it better than a type.
const EXPECTED: [(&str, &str); 49] = [
    ("agree", "true or false"),
    (
        "alignment",
        "a number of bytes, or a text such as \"1 MiB\"",
    ),
    ("at_waiting_limit", "\"apply\" or \"error\""),
    ("autocommit", "a number of seconds, 0 or more"),
    ("cache", "true or false"),
    ("cell_data", "an array of paths of datasets"),
    ("chunks", "true, false or an array of extents"),
    ("compression", "\"gzip\", a level from 0 to 9, or \"zstd\""),
    ("compression_opts", "a level"),
    (
        "dtype",
        "a type such as \"f4\", \"i8\", \"u2\", \"bool\", \"c16\"",
    ),
    ("connectivity", "the path of a dataset"),
    ("counts", "a number of points, or the path of a dataset"),
    ("durability", "\"none\" or \"kill\" or \"power\""),
    ("expand_soft", "true or false"),
    ("file", "the name of a file"),
    ("fillvalue", "a number, true, false or [real, imaginary]"),
    ("fixed", "true or false"),
    ("fletcher32", "true or false"),
    (
        "hints",
        "an object of texts such as {\"striping_factor\": \"16\"}",
    ),
    ("libver", "\"earliest\" or \"latest\""),
    ("limit", "an integer from 0 on"),
    ("locking", "true, false or \"best-effort\""),
    ("maxshape", "an array of extents, null for unlimited"),
    ("memory", "a number of bytes, or a text such as \"256 MiB\""),
    ("meta", "the path of a dataset"),
    ("offsets", "the path of a dataset"),
    ("origin", "an array of two or three numbers"),
    ("others", "true or false"),
    ("overwrite", "true or false"),
    ("parts", "an integer from 1 to 64"),
    ("point_data", "an array of paths of datasets"),
    ("points", "the path of a dataset"),
    ("project", "a key such as \"model.k0\", or an array of keys"),
    ("quantize", "an integer from 1 on"),
    ("records", "an integer from 0 on"),
    ("recursive", "true or false"),
    ("shallow", "true or false"),
    ("shuffle", "true or false"),
    ("sort", "a key such as \"model.k0\", or an array of keys"),
    ("spacing", "an array of two or three numbers"),
    ("threads", "an integer from 0 to 1024"),
    ("time", "the path of a dataset"),
    ("track_order", "true or false"),
    ("wait", "a number of seconds, 0 or more"),
    (
        "waiting_limit",
        "a number of bytes, or a text such as \"256 MiB\"",
    ),
    (
        "type",
        "\"ImageData\" or \"RectilinearGrid\" or \"PolyData\" or \"UnstructuredGrid\"",
    ),
    ("types", "the path of a dataset"),
    ("without_attrs", "true or false"),
    ("x", "the path of a dataset"),
];

/// Reads an options text.
fn read<T: for<'de> Deserialize<'de> + Default>(text: &str) -> Result<T> {
    match document(text)? {
        Some(value) => of_document(&value, ""),
        None => Ok(T::default()),
    }
}

/// The document that an options text is; None of an empty one.
fn document(text: &str) -> Result<Option<Value>> {
    if text.trim().is_empty() {
        return Ok(None);
    }
    json::parse(text)
        .map(Some)
        .map_err(|error| Error::argument(format!("options: {}", error.message)))
}

/// The members of the document that options are.
fn members(value: &Value) -> Result<&Object> {
    match value {
        Value::Object(members) => Ok(members),
        other => Err(Error::argument(format!(
            "options is {}, expected a JSON object such as {{\"key\": …}}",
            other.kind()
        ))),
    }
}

/// Reads options; those of their keys that are `foreign` are another call's, of the same type.
fn of_document<T: for<'de> Deserialize<'de>>(value: &Value, foreign: &str) -> Result<T> {
    let members = members(value)?;
    if members.contains_key(foreign) {
        return Err(unknown(foreign, known_to::<T>(), foreign));
    }
    from_value(value).map_err(|misfit| refused(members, &misfit, foreign))
}

/// The keys that options of a type can have: it says them when it is given another.
fn known_to<T: for<'de> Deserialize<'de>>() -> &'static [&'static str] {
    let other = Value::Object(Object::from([("".into(), Value::Null)]));
    match from_value::<T>(&other) {
        Err(Misfit {
            why: Why::Unknown { known, .. },
            ..
        }) => known,
        _ => &[],
    }
}

/// The sentence for options that do not fit.
fn refused(members: &Object, misfit: &Misfit, foreign: &str) -> Error {
    if let Why::Unknown { name, known } = &misfit.why {
        return unknown(name, known, foreign);
    }
    let Some((key, value)) = misfit.member().and_then(|key| members.get_key_value(key)) else {
        return Error::argument(format!("options: {misfit}"));
    };
    let expected = match (
        EXPECTED.iter().find(|expected| *key == *expected.0),
        &misfit.why,
    ) {
        (Some(expected), _) => expected.1,
        (None, Why::Expected(words) | Why::Other(words)) => words,
        (None, _) => "something else",
    };
    wrong(key, value, expected)
}

fn unknown(name: &str, known: &[&str], foreign: &str) -> Error {
    let known: Vec<&str> = known
        .iter()
        .copied()
        .filter(|&key| key != foreign)
        .collect();
    Error::argument(format!(
        "'{name}' is no option here; the options are {}",
        known.join(", ")
    ))
}

pub(super) fn wrong(key: &str, value: &Value, expected: &str) -> Error {
    let found = match value.kind() {
        ValueKind::Array | ValueKind::Object => value.kind().to_string(),
        _ => json::dumps(value),
    };
    Error::argument(format!("option '{key}' is {found}, expected {expected}"))
}

/// The error for a text that means nothing to a key.
fn wrong_text(key: &str, text: &str) -> Error {
    let expected = EXPECTED.iter().find(|expected| expected.0 == key);
    let value = Value::Text(text.to_owned());
    wrong(key, &value, expected.map_or("", |expected| expected.1))
}

/// What a text stands for, among several.
fn chosen<T: Copy>(key: &str, text: &str, choices: &[(&str, T)]) -> Result<T> {
    let found = choices.iter().find(|choice| choice.0 == text);
    found
        .map(|choice| choice.1)
        .ok_or_else(|| wrong_text(key, text))
}

/// Seconds as a time; infinitely many are the longest there is.
fn seconds(key: &str, seconds: f64) -> Result<Duration> {
    if seconds == f64::INFINITY {
        return Ok(Duration::MAX);
    }
    Duration::try_from_secs_f64(seconds).map_err(|_| {
        Error::argument(format!(
            "option '{key}' is {}, expected a number of seconds, 0 or more",
            json::float_repr(seconds)
        ))
    })
}

/// The options of `h5sim_open`.
#[derive(Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
struct OpenTexts {
    libver: Option<String>,
    durability: Option<String>,
    autocommit: Option<f64>,
    locking: Option<LockingText>,
    threads: Option<usize>,
    memory: Option<Size>,
    wait: Option<f64>,
    waiting_limit: Option<Size>,
    at_waiting_limit: Option<String>,
    track_order: Option<bool>,
}

#[derive(Deserialize)]
#[serde(untagged)]
enum LockingText {
    Switch(bool),
    Name(String),
}

/// A size: bytes, or a text with a unit.
#[derive(Deserialize)]
#[serde(untagged)]
enum Size {
    Bytes(usize),
    Text(String),
}

impl Size {
    fn bytes(self, key: &str) -> Result<usize> {
        let text = match self {
            Size::Bytes(bytes) => return Ok(bytes),
            Size::Text(text) => text,
        };
        let trimmed = text.trim();
        let is_digit = |c: char| c.is_ascii_digit();
        let (digits, unit) =
            trimmed.split_at(trimmed.find(|c| !is_digit(c)).unwrap_or(trimmed.len()));
        let unit: usize = match unit.trim() {
            "" | "B" => 1,
            "KiB" | "K" => 1 << 10,
            "MiB" | "M" => 1 << 20,
            "GiB" | "G" => 1 << 30,
            "kB" | "KB" => 1000,
            "MB" => 1_000_000,
            "GB" => 1_000_000_000,
            _ => return Err(wrong_text(key, &text)),
        };
        let count: Option<usize> = digits.parse().ok();
        let bytes = count.and_then(|count| count.checked_mul(unit));
        bytes.ok_or_else(|| wrong_text(key, &text))
    }
}

/// Reads the options of `h5sim_open_ranks`, and whether an automatic commit is asked for.
pub(super) fn open_ranks(text: &str) -> Result<(Open, bool)> {
    let mut members = match document(text)? {
        Some(value) => members(&value)?.clone(),
        None => Object::default(),
    };
    let agrees = match members.shift_remove("agree") {
        None | Some(Value::Null) => true,
        Some(Value::Bool(agrees)) => agrees,
        Some(other) => return Err(wrong("agree", &other, "true or false")),
    };
    let parts = match members.shift_remove("parts") {
        None | Some(Value::Null) => MOST_PARTS,
        Some(other) => from_value(&other)
            .ok()
            .filter(|parts| (1..=MOST_PARTS).contains(parts))
            .ok_or_else(|| wrong("parts", &other, "an integer from 1 to 64"))?,
    };
    let given: OpenTexts = of_document(&Value::Object(members), "")?;
    let autocommits = given.autocommit.is_some_and(|every| every != 0.0);
    Ok((open_texts(given)?.agree(agrees).parts(parts), autocommits))
}

/// The options of `h5sim_open_mpi`.
#[derive(Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
struct ParallelTexts {
    libver: Option<String>,
    track_order: Option<bool>,
    agree: Option<bool>,
    alignment: Option<Size>,
    hints: Option<BTreeMap<String, Hint>>,
}

/// What MPI is told of a file: always a text, but people write numbers.
#[derive(Deserialize)]
#[serde(untagged)]
enum Hint {
    Text(String),
    Number(i64),
}

/// Reads the options of `h5sim_open_mpi`.
pub(super) fn open_mpi(text: &str) -> Result<(Open, Parallel)> {
    let given: ParallelTexts = read(text)?;
    let mut options = Open::new();
    if let Some(name) = &given.libver {
        let choices = [("earliest", Libver::Earliest), ("latest", Libver::Latest)];
        options = options.libver(chosen("libver", name, &choices)?);
    }
    if given.track_order == Some(true) {
        options = options.track_order();
    }
    let text_of = |hint| match hint {
        Hint::Text(text) => text,
        Hint::Number(number) => number.to_string(),
    };
    let hints = given.hints.unwrap_or_default().into_iter();
    let alignment = given.alignment.map(|size| size.bytes("alignment"));
    let parallel = Parallel {
        hints: hints.map(|(key, hint)| (key, text_of(hint))).collect(),
        alignment: alignment.transpose()?.map(|bytes| bytes as u64),
    };
    Ok((options.agree(given.agree.unwrap_or(true)), parallel))
}

/// Reads the options of `h5sim_open`.
pub(super) fn open(text: &str) -> Result<Open> {
    open_texts(read(text)?)
}

fn open_texts(given: OpenTexts) -> Result<Open> {
    let mut options = Open::new().threads(given.threads.unwrap_or(0));
    if let Some(name) = &given.libver {
        let choices = [("earliest", Libver::Earliest), ("latest", Libver::Latest)];
        options = options.libver(chosen("libver", name, &choices)?);
    }
    if let Some(name) = &given.durability {
        options = options.durability(chosen("durability", name, &DURABILITIES)?);
    }
    if let Some(every) = given.autocommit {
        options = options.autocommit(seconds("autocommit", every)?);
    }
    if let Some(size) = given.memory {
        options = options.memory(size.bytes("memory")?);
    }
    if let Some(most) = given.wait {
        options = options.wait(seconds("wait", most)?);
    }
    let limit = match given.waiting_limit {
        Some(size) => size.bytes("waiting_limit")? as u64,
        None => options.waiting_limit,
    };
    let then = match &given.at_waiting_limit {
        Some(name) => {
            let choices = [("apply", AtLimit::Apply), ("error", AtLimit::Refuse)];
            chosen("at_waiting_limit", name, &choices)?
        }
        None => AtLimit::Apply,
    };
    options = options.waiting_limit(limit, then);
    if given.track_order == Some(true) {
        options = options.track_order();
    }
    Ok(options.locking(match given.locking {
        Some(LockingText::Switch(true)) => LockingOption::On,
        Some(LockingText::Switch(false)) => LockingOption::Off,
        Some(LockingText::Name(name)) => chosen(
            "locking",
            &name,
            &[("best-effort", LockingOption::BestEffort)],
        )?,
        None => LockingOption::BestEffort,
    }))
}

/// The options of `h5sim_write`, `h5sim_create` and `h5sim_append`.
#[derive(Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
struct DatasetTexts {
    overwrite: Option<bool>,
    records: Option<u64>,
    dtype: Option<String>,
    chunks: Option<ChunksText>,
    maxshape: Option<Vec<Option<u64>>>,
    compression: Option<CompressionText>,
    compression_opts: Option<i64>,
    shuffle: Option<bool>,
    fletcher32: Option<bool>,
    fillvalue: Option<FillText>,
    quantize: Option<u64>,
    threads: Option<usize>,
    /// These two are read otherwise.
    dims: Option<IgnoredAny>,
    attrs: Option<IgnoredAny>,
}

#[derive(Deserialize)]
#[serde(untagged)]
enum ChunksText {
    Switch(bool),
    Extents(Vec<u64>),
}

#[derive(Deserialize)]
#[serde(untagged)]
enum CompressionText {
    Level(i64),
    Name(String),
}

#[derive(Deserialize)]
#[serde(untagged)]
enum FillText {
    Bool(bool),
    Small(i64),
    Large(u64),
    Float(f64),
    Complex(f64, f64),
}

impl DatasetTexts {
    /// How the dataset is to be stored.
    fn dataset(self) -> Result<Write> {
        let mut options = Write {
            overwrite: self.overwrite.unwrap_or(false),
            maxshape: self.maxshape,
            shuffle: self.shuffle,
            fletcher32: self.fletcher32,
            quantize: self.quantize,
            threads: self.threads,
            ..Write::new()
        };
        if options.quantize == Some(0) {
            return Err(wrong(
                "quantize",
                &json::parse("0")?,
                "an integer from 1 on",
            ));
        }
        if let Some(text) = &self.dtype {
            let (order, name) = match (text.strip_prefix('<'), text.strip_prefix('>')) {
                (Some(name), _) => (Some(Order::Little), name),
                (_, Some(name)) => (Some(Order::Big), name),
                _ => (None, text.strip_prefix('=').unwrap_or(text)),
            };
            let dtype = Dtype::from_name(name).ok_or_else(|| wrong_text("dtype", text))?;
            (options.dtype, options.order) = (Some(dtype), order);
        }
        options.chunks = self.chunks.map(|chunks| match chunks {
            ChunksText::Switch(true) => Chunks::Chosen,
            ChunksText::Switch(false) => Chunks::Never,
            ChunksText::Extents(extents) => Chunks::Of(extents),
        });
        options.compression = compression(self.compression, self.compression_opts)?;
        options.fillvalue = self.fillvalue.map(|fill| match fill {
            FillText::Bool(value) => Fill::Bool(value),
            FillText::Small(integer) => integer.into(),
            FillText::Large(integer) => integer.into(),
            FillText::Float(float) => Fill::Float(float),
            FillText::Complex(real, imaginary) => Fill::Complex(real, imaginary),
        });
        Ok(options)
    }
}

/// `"compression"` and `"compression_opts"`.
fn compression(given: Option<CompressionText>, level: Option<i64>) -> Result<Option<Compression>> {
    match given {
        None if level.is_some() => Err(Error::argument(
            "option 'compression_opts' is given without 'compression'",
        )),
        None => Ok(None),
        Some(CompressionText::Name(name)) => match &*name {
            "lzf" | "szip" => Err(Error::unsupported(format!(
                "option 'compression' is \"{name}\", which many readers lack: use \"gzip\""
            ))),
            name => match filters::compressor(name) {
                Some(by) => Ok(Some(Compression { by, level })),
                None => Err(wrong_text("compression", name)),
            },
        },
        Some(CompressionText::Level(short @ 0..=9)) if level.is_none() => {
            let by = &deflate::KIND;
            Ok(Some(Compression {
                by,
                level: Some(short),
            }))
        }
        Some(CompressionText::Level(short)) => Err(wrong(
            "compression",
            &json::parse(&short.to_string())?,
            "\"gzip\", a level from 0 to 9, or \"zstd\"",
        )),
    }
}

/// Reads how a dataset is to be stored, and what it says of itself.
fn dataset(text: &str, foreign: &str) -> Result<(Option<u64>, Write)> {
    let Some(value) = document(text)? else {
        return Ok((None, Write::new()));
    };
    let given: DatasetTexts = of_document(&value, foreign)?;
    let (records, is_described) = (given.records, given.dims.is_some() || given.attrs.is_some());
    let mut options = given.dataset()?;
    if is_described {
        options.description = description(members(&value)?)?.map(Arc::new);
    }
    Ok((records, options))
}

fn write_anew(text: &str) -> Result<Write> {
    Ok(dataset(text, "records")?.1)
}

/// Reads the options of an append.
fn append(text: &str) -> Result<Append> {
    let (records, dataset) = dataset(text, "overwrite")?;
    Ok(Append::new().records(records.unwrap_or(1)).stored(dataset))
}

thread_local! {
    /// The options text of this thread's latest append, and what it says: a time loop repeats it.
    static LATEST: Cell<Option<Box<(String, Append)>>> = const { Cell::new(None) };

    /// The same of its latest write: many datasets are described alike.
    static LATEST_WRITE: Cell<Option<(String, Arc<Write>)>> = const { Cell::new(None) };
}

/// Reads the options of `h5sim_write` and `h5sim_create`.
pub(super) fn write(text: &str) -> Result<Arc<Write>> {
    static NOTHING: OnceLock<Arc<Write>> = OnceLock::new();
    if text.is_empty() {
        return Ok(NOTHING.get_or_init(Arc::default).clone());
    }
    let latest = LATEST_WRITE.try_with(Cell::take).ok().flatten();
    let latest = match latest.filter(|latest| latest.0 == text) {
        Some(latest) => latest,
        None => (text.to_owned(), Arc::new(write_anew(text)?)),
    };
    let options = latest.1.clone();
    let _ = LATEST_WRITE.try_with(|place| place.set(Some(latest)));
    Ok(options)
}

/// Runs `body` with what the options of an append say.
pub(super) fn with_append<T>(text: &str, body: impl FnOnce(&Append) -> Result<T>) -> Result<T> {
    // Not by the comparison below: comparing nothing with nothing is slow on some processors.
    if text.is_empty() {
        return body(&ONE_RECORD);
    }
    // A thread that is ending remembers nothing.
    let latest = LATEST.try_with(Cell::take).ok().flatten();
    let latest = match latest.filter(|latest| latest.0 == text) {
        Some(latest) => latest,
        None => Box::new((text.to_owned(), append(text)?)),
    };
    let done = body(&latest.1);
    let _ = LATEST.try_with(|place| place.set(Some(latest)));
    done
}

/// One key, or several.
#[derive(Deserialize)]
#[serde(untagged)]
enum Keys {
    One(String),
    Several(Vec<String>),
}

impl Keys {
    fn all(given: Option<Self>) -> Vec<String> {
        match given {
            None => Vec::new(),
            Some(Keys::One(key)) => vec![key],
            Some(Keys::Several(keys)) => keys,
        }
    }
}

/// The options of `h5sim_vtkhdf`.
#[derive(Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
struct VtkhdfTexts {
    #[serde(rename = "type")]
    kind: Option<String>,
    point_data: Option<Vec<String>>,
    cell_data: Option<Vec<String>>,
    time: Option<String>,
    origin: Option<Vec<f64>>,
    spacing: Option<Vec<f64>>,
    x: Option<String>,
    y: Option<String>,
    z: Option<String>,
    points: Option<String>,
    counts: Option<CountsText>,
    connectivity: Option<String>,
    offsets: Option<String>,
    types: Option<String>,
    overwrite: Option<bool>,
}

#[derive(Deserialize)]
#[serde(untagged)]
enum CountsText {
    Each(u64),
    Listed(String),
}

/// Reads the options of `h5sim_vtkhdf`.
pub(super) fn vtkhdf(text: &str) -> Result<Vtkhdf> {
    let given: VtkhdfTexts = read(text)?;
    let kinds = VtkKind::ALL.map(|kind| (kind.name(), kind));
    let kind = given
        .kind
        .as_deref()
        .map(|name| chosen("type", name, &kinds));
    Ok(Vtkhdf {
        kind: kind.transpose()?.unwrap_or_default(),
        origin: given.origin,
        spacing: given.spacing,
        coordinates: [given.x, given.y, given.z],
        points: given.points,
        connectivity: given.connectivity,
        offsets: given.offsets,
        types: given.types,
        counts: given.counts.map(|counts| match counts {
            CountsText::Each(count) => Counts::Each(count),
            CountsText::Listed(path) => Counts::Listed(path),
        }),
        point_data: given.point_data.unwrap_or_default(),
        cell_data: given.cell_data.unwrap_or_default(),
        time: given.time,
        overwrite: given.overwrite.unwrap_or(false),
    })
}

/// The options of `h5sim_find`.
#[derive(Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
struct FindTexts {
    sort: Option<Keys>,
    limit: Option<usize>,
    project: Option<Keys>,
    others: Option<bool>,
    recursive: Option<bool>,
    cache: Option<bool>,
    threads: Option<usize>,
    meta: Option<String>,
}

/// Reads the options of `h5sim_find`.
pub(super) fn find(text: &str) -> Result<Find> {
    let given: FindTexts = read(text)?;
    let mut options = Find::new()
        .limit(given.limit.unwrap_or(usize::MAX))
        .others(given.others.unwrap_or(false))
        .recursive(given.recursive.unwrap_or(true))
        .cache(given.cache.unwrap_or(true))
        .threads(given.threads.unwrap_or(0));
    if let Some(meta) = &given.meta {
        options = options.meta(meta);
    }
    for key in Keys::all(given.sort) {
        options = options.sort(&key);
    }
    for key in Keys::all(given.project) {
        options = options.project(&key);
    }
    Ok(options)
}

/// The options of `h5sim_produce`.
#[derive(Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
struct ProduceTexts {
    meta: Option<String>,
    wait: Option<f64>,
}

/// The options of `h5sim_copy`.
#[derive(Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
struct CopyTexts {
    shallow: Option<bool>,
    expand_soft: Option<bool>,
    without_attrs: Option<bool>,
}

/// Reads the options of `h5sim_copy`.
pub(super) fn copy(text: &str) -> Result<CopyOptions> {
    let given: CopyTexts = read(text)?;
    Ok(CopyOptions {
        shallow: given.shallow.unwrap_or(false),
        expand_soft: given.expand_soft.unwrap_or(false),
        without_attrs: given.without_attrs.unwrap_or(false),
    })
}

/// The options of texts.
#[derive(Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
struct TextTexts {
    overwrite: Option<bool>,
    fixed: Option<bool>,
}

/// Reads the options of `h5sim_write_text_with` and its like.
pub(super) fn texts(text: &str) -> Result<TextOptions> {
    let given: TextTexts = read(text)?;
    Ok(TextOptions {
        overwrite: given.overwrite.unwrap_or(false),
        is_fixed: given.fixed,
    })
}

/// Reads the options of `h5sim_set_attr_texts`: whether they have a fixed length.
pub(super) fn attribute_texts(text: &str) -> Result<bool> {
    let given: Option<TextTexts> = match document(text)? {
        Some(value) => Some(of_document(&value, "overwrite")?),
        None => None,
    };
    Ok(given.and_then(|given| given.fixed).unwrap_or(false))
}

/// The options of `h5sim_link`.
#[derive(Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
struct LinkTexts {
    r#type: Option<String>,
    file: Option<String>,
}

/// Reads the options of `h5sim_link`.
pub(super) fn link(text: &str) -> Result<Link> {
    let LinkTexts { r#type, file } = read(text)?;
    let file_is_missing =
        || Error::argument("option 'file' is missing: an external link leads to another file");
    match (r#type.as_deref(), file) {
        (_, Some(file)) if file.is_empty() => Err(wrong_text("file", "")),
        (None | Some("external"), Some(file)) => Ok(Link::External(file)),
        (Some("external"), None) => Err(file_is_missing()),
        (None | Some("soft"), None) => Ok(Link::Soft),
        (Some("hard"), None) => Ok(Link::Hard),
        (Some(name @ ("soft" | "hard")), Some(_)) => Err(Error::argument(format!(
            "option 'file' does not go with \"type\": \"{name}\", which leads to this file"
        ))),
        (Some(name), _) => Err(Error::argument(format!(
            "option 'type' is \"{name}\", expected \"soft\" or \"hard\" or \"external\""
        ))),
    }
}

/// Reads the options of `h5sim_produce`.
pub(super) fn produce(text: &str) -> Result<Produce> {
    let given: ProduceTexts = read(text)?;
    let options = Produce::new().wait(seconds("wait", given.wait.unwrap_or(0.0))?);
    Ok(match &given.meta {
        Some(meta) => options.meta(meta),
        None => options,
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::error::Status;

    fn message<T>(read: Result<T>) -> String {
        let error = read.err().unwrap();
        assert_eq!(error.status, Status::Argument);
        error.message
    }

    #[test]
    fn unknown_keys_are_told_with_those_that_are_known() {
        assert_eq!(
            message(write_anew("{\"chunk\": true}")),
            "'chunk' is no option here; the options are overwrite, dtype, chunks, maxshape, compression, compression_opts, \
             shuffle, fletcher32, fillvalue, quantize, threads, dims, attrs"
        );
        assert_eq!(
            message(append("{\"overwrite\": null}")),
            "'overwrite' is no option here; the options are records, dtype, chunks, maxshape, compression, compression_opts, \
             shuffle, fletcher32, fillvalue, quantize, threads, dims, attrs"
        );
        assert_eq!(
            message(write_anew("{\"records\": 1}")),
            message(write_anew("{\"chunk\": 1}")).replace("chunk'", "records'")
        );
        assert_eq!(
            message(open("{\"mode\": 1}")),
            "'mode' is no option here; the options are libver, durability, autocommit, locking, threads, memory, wait, \
             waiting_limit, at_waiting_limit, track_order"
        );
        assert_eq!(
            message(find("{\"a\": 1}")),
            "'a' is no option here; the options are sort, limit, project, others, recursive, cache, threads, meta"
        );
        assert_eq!(
            message(produce("{\"a\": 1}")),
            "'a' is no option here; the options are meta, wait"
        );
    }

    #[test]
    fn every_key_says_what_it_expects() {
        let cases = [
            ("overwrite", "1", "1, expected true or false"),
            (
                "dtype",
                "\"f3\"",
                "\"f3\", expected a type such as \"f4\", \"i8\", \"u2\", \"bool\", \"c16\"",
            ),
            (
                "dtype",
                "4",
                "4, expected a type such as \"f4\", \"i8\", \"u2\", \"bool\", \"c16\"",
            ),
            (
                "chunks",
                "[2, -1]",
                "an array, expected true, false or an array of extents",
            ),
            (
                "chunks",
                "2",
                "2, expected true, false or an array of extents",
            ),
            (
                "maxshape",
                "[1.5]",
                "an array, expected an array of extents, null for unlimited",
            ),
            (
                "compression",
                "\"bzip\"",
                "\"bzip\", expected \"gzip\", a level from 0 to 9, or \"zstd\"",
            ),
            (
                "compression",
                "10",
                "10, expected \"gzip\", a level from 0 to 9, or \"zstd\"",
            ),
            ("compression_opts", "4.0", "4.0, expected a level"),
            ("shuffle", "\"yes\"", "\"yes\", expected true or false"),
            (
                "fillvalue",
                "[1, 2, 3]",
                "an array, expected a number, true, false or [real, imaginary]",
            ),
            ("quantize", "0", "0, expected an integer from 1 on"),
            ("quantize", "-1", "-1, expected an integer from 1 on"),
            ("threads", "-1", "-1, expected an integer from 0 to 1024"),
        ];
        for (key, value, expected) in cases {
            let text = format!("{{\"{key}\": {value}}}");
            assert_eq!(
                message(write_anew(&text)),
                format!("option '{key}' is {expected}")
            );
        }
        let cases = [
            (
                "libver",
                "\"v18\"",
                "\"v18\", expected \"earliest\" or \"latest\"",
            ),
            (
                "durability",
                "\"all\"",
                "\"all\", expected \"none\" or \"kill\" or \"power\"",
            ),
            (
                "autocommit",
                "-1",
                "-1.0, expected a number of seconds, 0 or more",
            ),
            (
                "autocommit",
                "NaN",
                "NaN, expected a number of seconds, 0 or more",
            ),
            (
                "locking",
                "\"on\"",
                "\"on\", expected true, false or \"best-effort\"",
            ),
            (
                "wait",
                "-1",
                "-1.0, expected a number of seconds, 0 or more",
            ),
            (
                "waiting_limit",
                "\"5 TB\"",
                "\"5 TB\", expected a number of bytes, or a text such as \"256 MiB\"",
            ),
            (
                "at_waiting_limit",
                "\"stop\"",
                "\"stop\", expected \"apply\" or \"error\"",
            ),
            (
                "memory",
                "\"5 TB\"",
                "\"5 TB\", expected a number of bytes, or a text such as \"256 MiB\"",
            ),
            (
                "memory",
                "-5",
                "-5, expected a number of bytes, or a text such as \"256 MiB\"",
            ),
        ];
        for (key, value, expected) in cases {
            let text = format!("{{\"{key}\": {value}}}");
            assert_eq!(
                message(open(&text)),
                format!("option '{key}' is {expected}")
            );
        }
        assert_eq!(
            message(append("{\"records\": 1.5}")),
            "option 'records' is 1.5, expected an integer from 0 on"
        );
        assert_eq!(
            message(find("{\"sort\": [\"a\", 1]}")),
            "option 'sort' is an array, expected a key such as \"model.k0\", or an array of keys"
        );
        assert_eq!(
            message(produce("{\"wait\": null, \"meta\": {}}")),
            "option 'meta' is an object, expected the path of a dataset"
        );
    }

    #[test]
    fn what_is_no_object_is_refused() {
        assert_eq!(
            message(open("[1]")),
            "options is an array, expected a JSON object such as {\"key\": …}"
        );
        assert!(message(open("{\"a\"")).starts_with("options: "));
        assert_eq!(open(" ").unwrap(), Open::new());
    }

    #[test]
    fn texts_become_what_the_builders_make() {
        let text = r#"{"overwrite": true, "dtype": ">f4", "chunks": [2, 3], "maxshape": [null, 9], "compression": "zstd",
            "compression_opts": 5, "shuffle": true, "fletcher32": true, "fillvalue": -1, "quantize": 3, "threads": 2}"#;
        let expected = Write::new()
            .overwrite()
            .dtype(Dtype::F32)
            .order(Order::Big)
            .chunks([2, 3])
            .maxshape([None, Some(9)])
            .zstd(5)
            .shuffle()
            .fletcher32()
            .fillvalue(-1)
            .quantize(3)
            .threads(2);
        assert_eq!(write_anew(text).unwrap(), expected);
        assert_eq!(
            write_anew("{\"compression\": 7}").unwrap(),
            Write::new().gzip(7)
        );
        assert_eq!(write_anew("{\"shuffle\": null}").unwrap(), Write::new());
        let fill = |text: &str| {
            write_anew(&format!("{{\"fillvalue\": {text}}}"))
                .unwrap()
                .fillvalue
        };
        assert_eq!(fill("18446744073709551615"), Some(u64::MAX.into()));
        assert_eq!(fill("[1, -0.5]"), Some(Fill::Complex(1.0, -0.5)));
        assert_eq!(fill("true"), Some(Fill::Bool(true)));
        assert!(matches!(fill("NaN"), Some(Fill::Float(float)) if float.is_nan()));
        let text = r#"{"libver": "latest", "durability": "power", "autocommit": 1.5, "locking": false, "threads": 3, "memory": "2 MiB"}"#;
        let expected = Open::new()
            .libver(Libver::Latest)
            .durability(crate::journal::Durability::Power)
            .autocommit(Duration::from_millis(1500))
            .locking(LockingOption::Off)
            .threads(3)
            .memory(2 << 20);
        assert_eq!(open(text).unwrap(), expected);
        let expected = Append::new().records(3).stored(Write::new().chunked());
        for _ in 0..2 {
            let read = with_append(r#"{"records": 3, "chunks": true}"#, |read| Ok(read.clone()));
            assert_eq!(read.unwrap(), expected);
        }
        assert_eq!(with_append("", |read| Ok(read.records)).unwrap(), 1);
    }
}
