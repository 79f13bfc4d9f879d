"""Reads include/h5sim.h: its constants, types and functions, each with its comment.

The header is cbindgen's, and the comments keep to one form, so that this is short. The tests read it by a parser of their own.
The bindings, the manual and the site of documentation are made from it.
"""

import re
import textwrap


class Block:
    """A part of a comment: a paragraph ("text"), lines to be left as they are ("example"), or an item of a list ("item"), which has
    a name."""

    def __init__(self, kind, name=""):
        self.kind, self.name, self.lines = kind, name, []


def blocks(comment):
    """The blocks of a comment: paragraphs, examples, which are indented, and items, which begin with a name of a word or two and with
    two blanks, and whose further lines are indented."""
    found, block = [], None
    for line in comment.splitlines():
        item = re.match(r"(\S+(?: \S+)?)\s{2,}(\S.*)", line)
        inside = block.kind if block else None
        if not line.strip():
            block = None
            continue
        if item:
            kind, line = "item", item[2]
        elif inside == "item" and line.startswith(" "):
            kind = "item"
        else:
            kind = "example" if line.startswith("  ") else "text"
        if kind == "example" and not block and found and found[-1].kind == "example":
            # An empty line in it.
            block = found[-1]
            block.lines.append("")
        elif item or kind != inside:
            block = Block(kind, item[1] if item else "")
            found.append(block)
        block.lines.append(line if kind == "example" else line.strip())
    for block in found:
        if block.kind == "example":
            block.lines = textwrap.dedent("\n".join(block.lines)).splitlines()
    return found


class Constant:
    """A #define: name, value (an int), comment."""

    def __init__(self, name, value, comment):
        self.name, self.value, self.comment = name, value, comment


class Argument:
    """One argument of a function: name, C type without spaces around its stars, and what the comment says of it."""

    def __init__(self, name, c_type, comment):
        self.name, self.c_type, self.comment = name, c_type, comment


class Function:
    """A prototype: name, result (a C type), arguments, comment, and the declaration as it stands in the header."""

    def __init__(self, name, result, arguments, comment, declaration):
        self.name, self.result, self.arguments = name, result, arguments
        self.comment, self.declaration = comment, declaration

    @property
    def summary(self):
        """The first sentence of the comment."""
        return self.comment.split("\n\n")[0].replace("\n", " ")


class Header:
    """All that a header declares, in its order."""

    def __init__(self, path):
        text = open(path, encoding="utf-8").read()
        #: What stands before everything else.
        self.opening = bare_comment(re.search(r"/\*\n(.*?)\*/", text, re.S)[1])
        self.constants, self.types, self.functions = [], [], []
        documented = re.compile(r"/\*\*\n((?:(?!\*/).)*)\*/\n(#define [^\n]*|[^;]*;)", re.S)
        for comment, declaration in documented.findall(text):
            self.take(bare_comment(comment), declaration)

    def take(self, comment, declaration):
        constant = re.match(r"#define (\w+) (-?\d+)$", declaration)
        if constant:
            self.constants.append(Constant(constant[1], int(constant[2]), comment))
        elif declaration.startswith("typedef"):
            self.types.append((comment, declaration))
        else:
            self.functions.append(function(comment, declaration))


def bare_comment(comment):
    """A comment's lines without the stars before them."""
    return "\n".join(re.sub(r"^ ?\* ?", "", line) for line in comment.strip("\n").splitlines()).strip("\n ")


def function(comment, declaration):
    head, inside = re.match(r"(.*?)\((.*)\);", " ".join(declaration.split())).groups()
    result, name = re.match(r"(.*?)(\w+)$", head).groups()
    about = comments_of_arguments(comment)
    arguments = []
    for text in inside.split(","):
        if text.strip() not in ("", "void"):
            c_type, argument = re.match(r"(.*?)(\w+)$", text.strip()).groups()
            arguments.append(Argument(argument, bare_type(c_type), about.get(argument.rstrip("_"), "")))
    return Function(name, bare_type(result), arguments, comment, declaration)


def bare_type(c_type):
    return re.sub(r"\s*\*\s*", "*", c_type.strip())


def comments_of_arguments(comment):
    """The items of a comment: lines that begin with a name and two blanks, and the indented lines after each."""
    found, name = {}, None
    for line in comment.splitlines():
        item = re.match(r"(\w+)\s{2,}(\S.*)", line)
        if item:
            name = item[1]
            found[name] = item[2]
        elif name and line.startswith("  "):
            found[name] += " " + line.strip()
        else:
            name = None
    return found
