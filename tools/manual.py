"""Makes the manual's pages of the header:

    manual.py VERSION FOLDER

man3/h5sim.3 has what holds for all, the constants and the list of functions; man3/h5sim_….3 one function each. The comments
keep to one form, which this reads: paragraphs, and lists whose items begin with a name and two blanks. The command's pages come
from itself: h5sim man FOLDER.
"""

import os
import re
import sys

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
from header import Header, blocks  # noqa: E402

ROOT = os.path.dirname(os.path.dirname(os.path.abspath(__file__)))


def escaped(text):
    text = text.replace("\\", "\\e").replace("-", "\\-")
    text = "".join(c if ord(c) < 128 else f"\\[u{ord(c):04X}]" for c in text)
    return re.sub(r"^([.'])", r"\\&\1", text)


def formatted(comment):
    """The blocks of a comment as roff."""
    out = []
    for block in blocks(comment):
        lines = [escaped(line) for line in block.lines]
        if block.kind == "item":
            out += [".TP", ".B " + escaped(block.name), *lines]
        elif block.kind == "example":
            out += [".PP", ".nf", *(escaped("    " + line) for line in block.lines), ".fi"]
        else:
            out += [".PP", *lines]
    return out


def beside(comment):
    """The same behind the tag of a list, with which its first paragraph begins."""
    return formatted(comment)[1:]


def title(name, section, version):
    return [f'.TH {name.upper()} {section} "" "h5sim {version}" "h5sim"']


def synopsis(declaration):
    return [".SH SYNOPSIS", ".B #include <h5sim.h>", ".PP", ".nf"] + [escaped(line) for line in declaration] + [".fi"]


def page_of_all(header, version):
    page = title("h5sim", 3, version)
    page += [".SH NAME", "h5sim \\- simulation results as HDF5 files, from C, C++, Fortran and Julia"]
    page += synopsis(["cc -o program program.c -lh5sim"])
    page += [".SH DESCRIPTION", *formatted("\n".join(header.opening.splitlines()[1:]).strip("\n"))]
    page.append(".SH CONSTANTS AND TYPES")
    for constant in header.constants:
        page += [".TP", ".B " + escaped(f"{constant.name} {constant.value}"), *beside(constant.comment)]
    for comment, declaration in header.types:
        page += [".TP", ".B " + escaped(" ".join(declaration.rstrip(";").split())), *beside(comment)]
    page.append(".SH FUNCTIONS")
    page.append("Each has a page of its own.")
    for function in header.functions:
        page += [".TP", f".BR {escaped(function.name)} (3)", escaped(function.summary)]
    return page + [".SH SEE ALSO", ".BR h5sim (1)"]


def page_of_function(function, version):
    page = title(function.name, 3, version)
    page += [".SH NAME", f"{escaped(function.name)} \\- {escaped(function.summary[0].lower() + function.summary[1:].rstrip('.'))}"]
    page += synopsis(function.declaration.splitlines())
    return page + [".SH DESCRIPTION", *formatted(function.comment), ".SH SEE ALSO", ".BR h5sim (3)"]


def main():
    version, folder = sys.argv[1:]
    header = Header(os.path.join(ROOT, "include", "h5sim.h"))
    pages = {("man3", "h5sim.3"): page_of_all(header, version)}
    for function in header.functions:
        pages["man3", function.name + ".3"] = page_of_function(function, version)
    for (section, name), page in pages.items():
        os.makedirs(os.path.join(folder, section), exist_ok=True)
        with open(os.path.join(folder, section, name), "w", encoding="ascii") as file:
            file.write("\n".join(page) + "\n")


main()
