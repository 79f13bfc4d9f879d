"""The reference of the Fortran module, made of include/h5sim.f90:

    .. fortran-opening::                    what the module says of itself
    .. fortran-type:: h5sim_file f          the procedures that are bound to a type, of a variable of that name
    .. fortran-procedures:: NAME...         procedures of the module

A generic is shown by its first specific procedure. The entries are of PyPI's Fortran domain.
"""

import os
import re

from sphinx.util.docutils import SphinxDirective

from c_reference import FUNCTIONS, body, marked_up

PATH = os.path.join(os.path.dirname(__file__), "..", "..", "include", "h5sim.f90")


def source():
    """The module h5sim, its statements on a line each."""
    with open(PATH, encoding="utf-8") as file:
        text = file.read()
    # Its own comment begins behind the end of the module before it.
    text = text[text.index("end module h5sim_c\n") + len("end module h5sim_c\n") :]
    return re.sub(r"\s*&\n\s*&\s*", " ", text)


TEXT = source()


#: What is told once of all procedures.
OF_ALL = {"self", "stat", "errmsg"}


def comment_before(place):
    """The lines of a comment that ends at a place."""
    lines = []
    for line in reversed(TEXT[:place].splitlines()):
        if not line.strip().startswith("!>"):
            break
        lines.insert(0, line)
    return "\n".join(lines)


def comment_of(lines):
    """A comment's lines without what marks them."""
    return "\n".join(re.sub(r"^ *!> ?", "", line) for line in lines.splitlines()).strip("\n")


class Procedure:
    """A procedure as it is written: comment, kind, dummy arguments, those that may be left out, declarations, result."""

    def __init__(self, name):
        found = re.search(rf"^  (?:pure |elemental |recursive )*(subroutine|function) {name}\((.*?)\)(.*)$", TEXT, re.M)
        self.kind, arguments, behind = found.groups()
        self.comment = comment_of(comment_before(found.start()))
        lines = TEXT[found.end() : TEXT.index(f"end {self.kind} {name}", found.end())]
        self.arguments = [argument for argument in arguments.split(", ") if argument and argument not in OF_ALL]
        result = re.search(r"result\((\w+)\)", behind)
        self.result = result[1] if result else name if self.kind == "function" else None
        declared = [line.strip() for line in lines.splitlines() if "::" in line]
        self.declarations = [line for line in declared if "intent(" in line and not OF_ALL.intersection(names_in(line))]
        self.optional = {word for line in self.declarations if ", optional" in line for word in names_in(line)}
        if self.result:
            self.declarations += [line for line in declared if names_in(line) == [self.result]]

    def signature(self, name):
        """How it is called, what may be left out in brackets."""
        needed = [argument for argument in self.arguments if argument not in self.optional]
        others = [argument for argument in self.arguments if argument in self.optional]
        inside = ", ".join(needed)
        if others:
            inside += f"{' ' if needed else ''}[{', ' if needed else ''}{', '.join(others)}]"
        call = f"{name}({inside})"
        return f"call {call}" if self.kind == "subroutine" else f"{self.result} = {call}"


def names_in(declaration):
    """What a statement declares."""
    return re.findall(r"(\w+)(?:\([^)]*\))?(?: = [^,]*)?(?:, |$)", declaration.split(" :: ", 1)[1])


def entry(name, procedure, comment, function):
    """The lines of an entry; `function` is the one of C that it stands for, if there is one of that name."""
    said = comment or procedure.comment
    lines = [f".. f:{procedure.kind}:: {procedure.signature(name)}", ""]
    lines += ["   " + line for line in body(said)]
    if function in FUNCTIONS:
        lines += [f"   In C: {marked_up(function)}", ""]
    if procedure.declarations:
        lines += ["   .. code-block:: fortran", "", *("      " + line for line in procedure.declarations), ""]
    return lines


class Opening(SphinxDirective):
    def run(self):
        self.env.note_dependency(PATH)
        lines = []
        for line in body(comment_of(comment_before(TEXT.index("module h5sim\n")))):
            lines.append(line.replace("code-block:: c", "code-block:: fortran"))
        return self.parse_text_to_nodes("\n".join(lines))


class Type(SphinxDirective):
    required_arguments = 2

    def run(self):
        self.env.note_dependency(PATH)
        name, variable = self.arguments
        begin = TEXT.index(f"  type :: {name}\n")
        inside = TEXT[begin : TEXT.index(f"  end type {name}", begin)]
        lines = [f".. f:type:: {name}", "", *("   " + line for line in body(comment_of(comment_before(begin)))), ""]
        prefix = "h5sim_json_" if name == "h5sim_json" else "h5sim_"
        for match in re.finditer(r"^    (?:procedure|generic) :: (\w+) => (\w+)", inside, re.M):
            own, specific = match.groups()
            comment = comment_of(comment_before(begin + match.start()))
            lines += entry(f"{variable}%{own}", Procedure(specific), comment, prefix + own)
        return self.parse_text_to_nodes("\n".join(lines))


class Procedures(SphinxDirective):
    required_arguments = 1
    final_argument_whitespace = True

    def run(self):
        self.env.note_dependency(PATH)
        lines = []
        for name in self.arguments[0].split():
            found = re.search(rf"^  interface {name}\n    module procedure (\w+)", TEXT, re.M)
            comment = comment_of(comment_before(found.start())) if found else ""
            lines += entry(name, Procedure(found[1] if found else name), comment, name)
        return self.parse_text_to_nodes("\n".join(lines))


def setup(app):
    app.setup_extension("sphinx_fortran_domain")
    app.add_directive("fortran-opening", Opening)
    app.add_directive("fortran-type", Type)
    app.add_directive("fortran-procedures", Procedures)
    return {"parallel_read_safe": True}
