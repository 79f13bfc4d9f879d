"""The reference of the Julia package, made of the docstrings in julia/H5Sim/src/H5Sim.jl:

    ```{julia-reference}
    ```

PyPI's only Julia domain (Sphinx-Julia 0.1, of 2015) imports what Sphinx no longer has, so that the entries are of no domain.
"""

import os
import re
import textwrap

from docutils import nodes
from docutils.statemachine import StringList
from sphinx.util.docutils import SphinxDirective

PATH = os.path.join(os.path.dirname(__file__), "..", "..", "julia", "H5Sim", "src", "H5Sim.jl")
#: A docstring of one line or of more, and the line that it documents.
DOCUMENTED = re.compile(r'^(?:"""\n((?:(?!""").*\n)*)"""|"([^\n]+)")\n(.*)$', re.M)


def unescaped(text):
    return re.sub(r"\\([\"$\\])", r"\1", text)


def signatures(docstring, line):
    """How it is called, and the rest of what is said of it: the indented lines at the beginning, or else the definition itself."""
    lines = docstring.splitlines()
    count = next((at for at, text in enumerate(lines) if not text.startswith("    ")), len(lines))
    if count:
        return [text.strip() for text in lines[:count]], "\n".join(lines[count:])
    if line.startswith(("struct", "mutable struct")):
        return [re.sub(r" <:.*", "", line.replace("mutable ", ""))], docstring
    # The head of a function, without the types of its arguments and the module that it belongs to.
    depth, head = 0, ""
    for letter in re.sub(r"^function |Base\.", "", line):
        depth += {"(": 1, ")": -1}.get(letter, 0)
        head += letter
        if letter == ")" and depth == 0:
            break
    return [re.sub(r"::[\w.]+(?:\{[^}]*\})?", "", head).replace("parent", "f")], docstring


class Reference(SphinxDirective):
    def run(self):
        self.env.note_dependency(PATH)
        with open(PATH, encoding="utf-8") as file:
            text = file.read()
        lines = []
        for block, line, documented in DOCUMENTED.findall(text):
            docstring = unescaped(textwrap.dedent(block or line) if line else block.strip("\n"))
            if documented == "module C":
                continue
            if documented.startswith("module"):
                lines += self.opening(docstring)
                continue
            calls, rest = signatures(docstring, documented)
            lines += [":::::{describe} " + calls[0], *calls[1:], "", *julia_blocks(rest), ":::::", ""]
        container = nodes.Element()
        self.state.nested_parse(StringList(lines, source=PATH), self.content_offset, container)
        return container.children

    def opening(self, docstring):
        return [*julia_blocks(re.sub(r"\[(`\w+`)\]\(@ref\)", r"\1", docstring)), ""]


def julia_blocks(text):
    """The lines of Markdown whose indented blocks, empty lines in them included, are said to be Julia."""
    block = re.compile(r"^(?:    .*\n|\n(?=    ))*    .*$", re.M)
    marked = block.sub(lambda found: f"```julia\n{textwrap.dedent(found[0])}\n```", text.strip("\n"))
    return [*marked.splitlines(), ""]


def setup(app):
    app.add_directive("julia-reference", Reference)
    return {"parallel_read_safe": True}
