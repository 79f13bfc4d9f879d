"""Says what NumPy makes of slice texts.

Reads cases from standard input, one a line: the shape (`5x4x3`, `-` for rank 0), a tab, the
text in hexadecimal. Writes one line for each:

    ok SHAPE VALUES   the shape of the result, and its elements of an array that counts from 0
    index             NumPy raised IndexError
    wide              it raised either for an integer of more than 64 bits, before or after
                      looking for other errors
    ellipses          the same, for a second `...`
    value             NumPy raised ValueError (a step of zero)
    syntax            it is no Python
    other             it is Python, but not what the library takes for basic indexing
"""

import ast
import re
import sys
import warnings

import numpy

SPACE = " \t\n\r\f"


def index_expression(text):
    """The text between the brackets of an index."""
    text = text.strip(SPACE)
    if text.startswith("["):
        if not text.endswith("]"):
            raise SyntaxError
        return text[1:-1]
    return text or "..."


def is_integer(node):
    while isinstance(node, ast.UnaryOp) and isinstance(node.op, (ast.USub, ast.UAdd)):
        node = node.operand
    return isinstance(node, ast.Constant) and type(node.value) is int


def is_wide(node):
    return is_integer(node) and not -(2**63) <= eval(ast.unparse(node)) < 2**63


def is_bound(node):
    return node is None or is_integer(node) or (isinstance(node, ast.Constant) and node.value is None)


def is_basic(node):
    if isinstance(node, ast.Slice):
        return is_bound(node.lower) and is_bound(node.upper) and is_bound(node.step)
    return is_integer(node) or (isinstance(node, ast.Constant) and node.value is Ellipsis)


def is_plain(index):
    """Whether there are no parentheses but those of a tuple, and no integers but decimal ones."""
    index = index.strip(SPACE)
    if index.startswith("(") and index.endswith(")"):
        index = index[1:-1]
    return not re.search(r"[()#\\]|0[xob]", index, re.IGNORECASE)


def answer(shape, text):
    index = index_expression(text)
    expression = "a[" + index + "]"
    tree = ast.parse(expression, mode="eval").body
    whole = isinstance(tree, ast.Subscript) and isinstance(tree.value, ast.Name)
    if not whole or not is_plain(index):
        return "other"
    items = tree.slice.elts if isinstance(tree.slice, ast.Tuple) else [tree.slice]
    if not all(map(is_basic, items)):
        return "other"
    array = numpy.arange(numpy.prod(shape, dtype=int)).reshape(shape)
    try:
        result = numpy.asarray(eval(expression, {"a": array}))
    except (IndexError, OverflowError):
        if any(map(is_wide, items)):
            return "wide"
        raise
    return " ".join(
        ["ok", "x".join(map(str, result.shape)) or "-", ",".join(map(str, result.ravel().tolist())) or "-"]
    )


def classify(shape, text):
    try:
        return answer(shape, text)
    except IndexError as error:
        return "ellipses" if "single ellipsis" in str(error) else "index"
    except SyntaxError:
        return "syntax"
    except ValueError as error:
        # A NUL in the source is a ValueError in some versions.
        return "syntax" if "null bytes" in str(error) else "value"


warnings.simplefilter("ignore")
for line in sys.stdin:
    shape, text = line.rstrip("\n").split("\t")
    shape = [] if shape == "-" else [int(extent) for extent in shape.split("x")]
    print(classify(shape, bytes.fromhex(text).decode()))
