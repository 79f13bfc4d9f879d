use super::*;
use crate::error::Status;

/// The indices that an axis takes, in order.
fn elements(axis: &Axis) -> Vec<i64> {
    (0..axis.count)
        .map(|n| axis.start + n * axis.step)
        .collect()
}

/// What a text selects along the only axis of a dataset.
fn along(text: &str, extent: u64) -> Vec<i64> {
    elements(&parse(text, &[extent]).unwrap().axes[0])
}

fn shape_of(text: &str, shape: &[u64]) -> Vec<u64> {
    parse(text, shape).unwrap().shape().into_vec()
}

fn failure(text: &str, shape: &[u64]) -> (Status, String) {
    let error = parse(text, shape).unwrap_err();
    (error.status, error.message)
}

#[test]
fn the_slice_of_the_tutorial() {
    let selection = parse("[:2,...,:2]", &[5, 4, 3]).unwrap();
    assert_eq!(selection.shape()[..], [2, 4, 2]);
    assert_eq!(selection.len(), Ok(16));
    assert!(!selection.is_everything(&[5, 4, 3]));
    assert_eq!(parse(" :2 , ... , :2 ", &[5, 4, 3]).unwrap(), selection);
}

#[test]
fn nothing_named_is_everything() {
    for text in [
        "", "  ", "()", "[()]", "...", "[...]", ":", ":,", "::", "(...)", "0:None:1",
    ] {
        let selection = parse(text, &[3, 1]).unwrap();
        assert_eq!(selection, Selection::everything(&[3, 1]), "{text:?}");
        assert!(selection.is_everything(&[3, 1]), "{text:?}");
    }
    for text in ["", "()", "...", "[(...,)]"] {
        let scalar = parse(text, &[]).unwrap();
        assert!(scalar.is_everything(&[]), "{text:?}");
        assert_eq!((&scalar.shape()[..], scalar.len()), (&[][..], Ok(1)));
    }
}

#[test]
fn integers_drop_their_axis() {
    assert_eq!(shape_of("1", &[3, 4]), [4]);
    assert_eq!(shape_of("-1,2:", &[3, 4]), [2]);
    assert_eq!(shape_of("(1, -4)", &[3, 4]), [] as [u64; 0]);
    assert_eq!(shape_of("..., 3", &[3, 4]), [3]);
    assert_eq!(parse("-1", &[3]).unwrap().axes[0].start, 2);
    assert_eq!(along("- +-1", 3), [1]);
    assert_eq!(along("1_0", 11), [10]);
    assert_eq!(along("1,", 3), [1]);
}

#[test]
fn slices_clamp_as_in_python() {
    assert_eq!(along("-2:", 5), [3, 4]);
    assert_eq!(along("1:100:2", 5), [1, 3]);
    assert_eq!(along("::-1", 3), [2, 1, 0]);
    assert_eq!(along("3:0:-2", 5), [3, 1]);
    assert_eq!(along("-100:100", 2), [0, 1]);
    assert_eq!(along("3:1", 5), [] as [i64; 0]);
    assert_eq!(along(":", 0), [] as [i64; 0]);
    assert_eq!(along("::-1", 0), [] as [i64; 0]);
    let huge = "9".repeat(100);
    assert_eq!(along(&format!("-{huge}:{huge}:{huge}"), 5), [0]);
    assert_eq!(along(&format!("{huge}:-{huge}:-{huge}"), 5), [4]);
    assert_eq!(along("-9223372036854775808:9223372036854775807", 2), [0, 1]);
}

#[test]
fn what_has_one_element_or_none_steps_by_one() {
    let axis = parse("1::-9223372036854775808", &[5]).unwrap().axes[0];
    assert_eq!((axis.start, axis.step, axis.count), (1, 1, 1));
    let axis = parse("4:4:-3", &[5]).unwrap().axes[0];
    assert_eq!((axis.start, axis.step, axis.count), (0, 1, 0));
}

#[test]
fn ascending_keeps_the_elements() {
    let axis = parse("7:0:-3", &[9]).unwrap().axes[0];
    assert_eq!(elements(&axis), [7, 4, 1]);
    assert!(axis.is_reversed());
    assert_eq!(elements(&axis.ascending()), [1, 4, 7]);
    assert_eq!(axis.ascending().ascending(), axis.ascending());
}

#[test]
fn errors_name_the_index_the_axis_and_its_extent() {
    assert_eq!(
        failure("[:, 5]", &[9, 3]),
        (
            Status::Shape,
            "slice '[:, 5]': index 5 is out of range for axis 1 with extent 3: expected -3 to 2"
                .into()
        )
    );
    assert_eq!(
        failure("-99999999999999999999", &[3]),
        (
            Status::Shape,
            "slice '-99999999999999999999': index -99999999999999999999 is out of range for \
             axis 0 with extent 3: expected -3 to 2"
                .into()
        )
    );
    assert_eq!(
        failure("0", &[0]).1,
        "slice '0': index 0 is out of range for axis 0 with extent 0: there is nothing to index"
    );
    assert_eq!(
        failure("1,2,:", &[3, 4]),
        (
            Status::Shape,
            "slice '1,2,:': 3 indices for a dataset of rank 2 (shape (3, 4))".into()
        )
    );
    assert_eq!(
        failure("0", &[]),
        (
            Status::Shape,
            "slice '0': 1 index for a dataset of rank 0 (shape ())".into()
        )
    );
    assert_eq!(
        failure("1, 2:3:0", &[3, 4]),
        (
            Status::Argument,
            "slice '1, 2:3:0': the step on axis 1 with extent 4 is zero, \
             expected any other integer"
                .into()
        )
    );
    assert_eq!(
        failure("...,...", &[3]),
        (
            Status::Argument,
            "slice '...,...': expected at most one '...', found 2".into()
        )
    );
}

#[test]
fn what_is_not_basic_indexing_is_refused_as_such() {
    for text in [
        "None",
        "[None]",
        "newaxis",
        "np.newaxis",
        "True",
        "0, [1, 2]",
        "[[1, 2]]",
        "(1, 2), 3",
        "x",
        "slice(1)",
        "0, (1)",
        "1:(2)",
        "é",
    ] {
        let (status, message) = failure(text, &[3, 3]);
        assert_eq!(status, Status::Argument, "{text:?}");
        let sentence = "only basic indexing is supported: expected integers, slices and '...'";
        assert!(message.contains(sentence), "{text:?}: {message}");
    }
}

#[test]
fn malformed_texts_are_refused() {
    for text in [
        "[", "]", "[]", "[ ]", "[1", "1]", ",", "1,,2", ",1", "1 2", "1:2:3:4", "....", "..",
        ". . .", "1...", "...1", "...:1", "1.5", "1e3", "01", "1_", "1__0", "0x1F", "-", "--",
        "+,1", "1-1", "-None", "(,)", "(1:2)", "(1", "1)", "[1)", "[1][2]", "1;2", "\u{a0}1",
        "1\0", "\x0b1", "-:1", "- ", "1 _0", "٣",
    ] {
        let (status, message) = failure(text, &[30, 30]);
        assert_eq!(status, Status::Argument, "{text:?}: {message}");
    }
    assert_eq!(
        failure("1:2:3:4", &[9]).1,
        "slice '1:2:3:4': expected ',' or ':', found ':'"
    );
    assert_eq!(
        failure("-", &[9]).1,
        "slice '-': expected an integer after the sign, found the end of the text"
    );
}

#[test]
fn space_is_where_python_has_it() {
    assert_eq!(
        shape_of("\t[ 1 :\n2 , \r\n- 1\x0c, ... ]\n", &[3, 3, 3]),
        [1, 3]
    );
}

#[test]
fn counts_beyond_64_bits_are_an_error() {
    let selection = Selection::everything(&[1 << 40, 1 << 40]);
    let error = selection.len().unwrap_err();
    assert_eq!(error.status, Status::Shape);
    assert_eq!(
        error.message,
        "a selection of shape (1099511627776, 1099511627776) has more elements than 64 bits \
         can count"
    );
    assert_eq!(Selection::everything(&[1 << 40, 1 << 40, 0]).len(), Ok(0));
    let (status, message) = failure("", &[2, u64::MAX]);
    assert_eq!(status, Status::Shape);
    assert_eq!(
        message,
        "axis 1 has extent 18446744073709551615, expected at most 9223372036854775807"
    );
}
