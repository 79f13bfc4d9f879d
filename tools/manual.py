"""Makes the manual page h5sim(3) of the header: manual.py include/h5sim.h VERSION > h5sim.3

The comments keep to one form, which this reads: paragraphs, and lists whose items begin with a name and two blanks.
"""

import re
import sys

header_path, version = sys.argv[1:]
header = open(header_path, encoding="utf-8").read()


def escaped(text):
    text = text.replace("\\", "\\e").replace("-", "\\-")
    text = "".join(c if ord(c) < 128 else f"\\[u{ord(c):04X}]" for c in text)
    return re.sub(r"^([.'])", r"\\&\1", text)


def formatted(comment):
    """The lines of a comment as roff."""
    out, inside = [], "text"
    for line in comment.strip("\n").splitlines():
        line = re.sub(r"^ ?\* ?", "", line)
        item = re.match(r"(\S+)\s{2,}(\S.*)", line)
        example = line.startswith("    ") and inside != "item"
        if inside == "example" and not example:
            out.append(".fi")
        if example:
            out += [] if inside == "example" else [".PP", ".nf"]
            out.append(escaped(line))
        elif not line.strip():
            out.append(".PP")
        elif item:
            out += [".TP", ".B " + escaped(item[1]), escaped(item[2])]
        else:
            out.append(escaped(line.strip()))
        # An item's further lines are indented.
        goes_on = inside == "item" and line.startswith(" ")
        inside = "item" if item or goes_on else "example" if example else "text"
    return out


page = [
    f'.TH H5SIM 3 "" "h5sim {version}" "h5sim"',
    ".SH NAME",
    "h5sim \\- simulation results as HDF5 files, from C, Fortran and Julia",
    ".SH SYNOPSIS",
    ".B #include <h5sim.h>",
    ".PP",
    "cc \\-o program program.c \\-lh5sim",
    ".SH DESCRIPTION",
]
opening = re.search(r"/\*\n(.*?)\*/", header, re.S)
page += formatted(opening[1])[1:]

documented = re.compile(r"/\*\*\n((?:(?!\*/).)*)\*/\n(#define [^\n]*|[^;]*;)", re.S)
constants, functions = [], []
for comment, declaration in documented.findall(header):
    (functions if "(" in declaration else constants).append((formatted(comment), declaration))

page.append(".SH CONSTANTS AND TYPES")
for lines, declaration in constants:
    page += [".TP", ".B " + escaped(declaration.replace("#define ", "").rstrip(";"))] + lines
page.append(".SH FUNCTIONS")
for lines, declaration in functions:
    name = re.search(r"(h5sim_\w+)\(", declaration)[1]
    page += [".SS " + name, ".nf"] + [escaped(line) for line in declaration.splitlines()] + [".fi", ".PP"] + lines
page += [".SH SEE ALSO", ".BR h5dump (1)"]
print("\n".join(page))
