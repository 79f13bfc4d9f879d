"""The reference of the C++ header, made of include/h5sim.hpp:

    .. cpp-opening::              what the header says of itself
    .. cpp-class:: File           the functions of a class, but for the twins try_…, which do not throw; what is said of these
                                  is said of those that do
"""

import os
import re

from sphinx.util.docutils import SphinxDirective

from c_reference import FUNCTIONS, body, marked_up

PATH = os.path.join(os.path.dirname(__file__), "..", "..", "include", "h5sim.hpp")
#: A function's declaration, up to its initialisers or its body.
DECLARATION = re.compile(r"(.*?\)(?: const)?(?: noexcept)?)\s*(?:: .*?)?\{")


def comment_of(lines):
    return "\n".join(re.sub(r"^ *//[/]? ?", "", line) for line in lines.splitlines())


def members(text):
    """Name, comment and declaration of the functions in a piece of a class."""
    comment, begun = [], ""
    for line in text.splitlines():
        if line.startswith("    ///"):
            comment.append(line)
        elif begun or re.match(r"    [^\s/#{}]", line):
            begun = " ".join([begun, line.strip()]).strip()
            found = DECLARATION.match(begun)
            if found:
                declaration = found[1].replace("detail::Name", "Name")
                yield re.search(r"(~?\w+|operator\S+)\(", declaration)[1], comment_of("\n".join(comment)), declaration
            if found or line.endswith((";", ":")):
                comment, begun = [], ""


class Opening(SphinxDirective):
    def run(self):
        self.env.note_dependency(PATH)
        with open(PATH, encoding="utf-8") as file:
            text = file.read()
        opening = comment_of(text[: text.index("\n\n#ifndef")])
        lines = [line.replace("code-block:: c", "code-block:: cpp") for line in body(opening)]
        return self.parse_text_to_nodes("\n".join(lines))


class Class(SphinxDirective):
    required_arguments = 1

    def run(self):
        self.env.note_dependency(PATH)
        name = self.arguments[0]
        with open(PATH, encoding="utf-8") as file:
            text = file.read()
        begin = text.index(f"\nclass {name} {{\n")
        text = text[: text.index("\n};\n", begin)]
        comment = comment_of("\n".join(re.findall(r"^///.*", text[text.rindex("\n\n", 0, begin) : begin], re.M)))
        quiet, _, loud = text[begin:].partition("#ifndef H5SIM_NO_EXCEPTIONS")
        prefix = "h5sim_json_" if name == "Document" else "h5sim_"
        quiet, loud = list(members(quiet)), list(members(loud.partition("\nprivate:")[0]))
        of_twins = {own: said for own, said, _ in quiet if said}
        # Of those that fail in no way there is one only.
        loud += [member for member in quiet if re.match(r"(?!try_)[a-z]\w*$", member[0]) and member[1]]
        lines = [f".. cpp:class:: h5sim::{name}", "", *("   " + line for line in body(comment)), ""]
        for own, said, declaration in loud:
            lines += [f"   .. cpp:function:: {declaration}", ""]
            lines += ["      " + line for line in body(said or of_twins.get(f"try_{own}", ""))] + [""]
            if prefix + own in FUNCTIONS:
                lines += [f"      In C: {marked_up(prefix + own)}", ""]
        return self.parse_text_to_nodes("\n".join(lines))


def setup(app):
    app.add_directive("cpp-opening", Opening)
    app.add_directive("cpp-class", Class)
    return {"parallel_read_safe": True}
