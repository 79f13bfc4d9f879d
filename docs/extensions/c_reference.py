"""The reference of the C interface, made of include/h5sim.h:

    .. header-functions:: FIRST LAST      the functions from one to another, in the header's order
    .. header-constants::                 the constants and types
    .. header-opening::                   what holds for all functions

Every function belongs on exactly one page: one that is on none is a warning, and Sphinx itself warns of one that is on two.
"""

import os
import re

from sphinx.util import logging
from sphinx.util.docutils import SphinxDirective

from header import Header, blocks

PATH = os.path.join(os.path.dirname(__file__), "..", "..", "include", "h5sim.h")
HEADER = Header(PATH)
FUNCTIONS = {function.name for function in HEADER.functions}
CONSTANTS = {constant.name for constant in HEADER.constants}
#: What is code in the comments' plain text: functions, constants, and texts in quotes.
CODE = re.compile(r'\b(h5sim_\w+)(?:\(\))?|\b(H5SIM_\w+(?:\*|…)?)|("[^"\\\s]*(?:\\"[^"\\]*)+"|"[^"\s]*")|`([^`]+)`')
#: Between the options or modes of a list.
OPTION = r'(?:(?<=[;.]) (?=(?:And: )?"\w+[+-]?"(?:, "\w+")*(?:: | to | or "))|(?<=[a-z]:) (?="\w+[+-]?"(?:, "\w+")*(?:: | to )))'
#: A status with its reason, and what separates it from the next.
STATUS = re.compile(r"(H5SIM_ERR_\w+(?: \((?:[^()]|\([^()]*\))*\))?)(?:[;.,](?: |$)|$)")
LAST_LINES = re.compile(r"(?:^|(?<=\. ))(Status|Threads|Ranks|Since):", re.M)


def marked_up(text, own=""):
    """A comment's text as reStructuredText, in which names are links."""
    out, end = [], 0
    for match in CODE.finditer(text):
        function, constant, quoted, code_itself = match.groups()
        out.append(escaped(text[end : match.start()]))
        if function in FUNCTIONS and function != own:
            code = f":c:func:`{function}`"
        elif constant in CONSTANTS:
            code = f":c:macro:`{constant}`"
        else:
            code = f"``{code_itself or match[0]}``"
        # A blank that is not shown separates it from what is beside it.
        out.append(f"\\ {code}\\ ")
        end = match.end()
    return "".join(out) + escaped(text[end:])


def escaped(text):
    return re.sub(r"([\\*_`|<>])", r"\\\1", text)


def body(comment, own=""):
    """A comment as lines of reStructuredText."""
    lines = []
    for block in blocks(comment):
        if block.kind == "example":
            lines += [".. code-block:: c", "", *("   " + line for line in block.lines), ""]
        elif block.kind == "item":
            lines += [f"``{block.name}``", *("   " + line for line in item(block.lines, own)), ""]
        else:
            lines += paragraph(block.lines, own)
    return lines


def item(lines, own):
    """What an item says; where it lists options or modes, one below the other."""
    first, *listed = re.split(OPTION, " ".join(lines))
    out = [marked_up(first, own), ""]
    for option in listed:
        # A sentence on all that came before, at the end of a list that goes on.
        between = re.match(r"(.*[.;]) ([A-Z][^.]*\. And:)$", option)
        out.append("* " + marked_up(between[1] if between else option, own))
        out += ["", marked_up(between[2], own), ""] if between else []
    return out + [""]


def paragraph(lines, own):
    """A paragraph; that at the end, of statuses, threads and ranks, is shown as lists of these."""
    text = " ".join(lines)
    places = list(LAST_LINES.finditer(text))
    out = [marked_up(text[: places[0].start()] if places else text, own), ""]
    facts = []
    for place, following in zip(places, places[1:] + [None]):
        said = text[place.end() : following.start() if following else None].strip()
        if place[1] == "Status":
            out += statuses(said, own)
        else:
            facts.append(f"**{place[1]}** {marked_up(said.rstrip('.'), own)}")
    if facts:
        out += [".. rst-class:: facts", "", " · ".join(facts)]
    return out + [""]


def statuses(text, own):
    """The statuses, each with its reason, and what is said behind them."""
    listed = []
    while found := STATUS.match(text):
        listed.append(found[1])
        text = text[found.end() :]
    out = ["**Status**", ""]
    out += ["* " + marked_up(status, own) for status in listed]
    return out + ["", marked_up(text, own), ""]


class FromHeader(SphinxDirective):
    """What all three have in common: they are parsed as reStructuredText, and are made again when the header changes."""

    def parsed(self, lines):
        self.env.note_dependency(PATH)
        self.env.note_dependency(__file__)
        return self.parse_text_to_nodes("\n".join(lines), allow_section_headings=True)


class Functions(FromHeader):
    required_arguments = 2

    def run(self):
        first, last = self.arguments
        names = [function.name for function in HEADER.functions]
        lines = []
        for function in HEADER.functions[names.index(first) : names.index(last) + 1]:
            described = getattr(self.env, "functions_described", None) or set()
            self.env.functions_described = described | {function.name}
            declaration = " ".join(function.declaration.rstrip(";").split())
            lines += [f".. c:function:: {declaration}", ""]
            lines += ["   " + line for line in body(function.comment, function.name)] + [""]
        return self.parsed(lines)


class Constants(FromHeader):
    def run(self):
        lines = []
        for constant in HEADER.constants:
            lines += [f".. c:macro:: {constant.name}", "", f"   ``{constant.value}``"]
            lines += ["   " + line for line in body(constant.comment)]
        for comment, declaration in HEADER.types:
            words = " ".join(declaration.rstrip(";").split())[len("typedef ") :]
            lines += [f".. c:type:: {words}", "", *("   " + line for line in body(comment))]
        return self.parsed(lines)


class Opening(FromHeader):
    def run(self):
        # Its first line names the header.
        return self.parsed(body("\n".join(HEADER.opening.splitlines()[1:])))


def all_are_described(app, env):
    missing = [function.name for function in HEADER.functions if function.name not in getattr(env, "functions_described", set())]
    for name in missing:
        logging.getLogger(__name__).warning("%s has no entry: add it to a page of docs/reference/c", name)


def setup(app):
    app.add_directive("header-functions", Functions)
    app.add_directive("header-constants", Constants)
    app.add_directive("header-opening", Opening)
    app.connect("env-check-consistency", all_are_described)
    return {"parallel_read_safe": False}
