"""The tested examples, in all languages side by side:

    ```{example} 07_heat
    :part: record
    ```

shows what stands between the lines `[record]` and `[end of record]` of 07_heat in each language that has them; without a part the
whole programs. The reader's choice of a language holds for all of them.
"""

import os

from docutils.parsers.rst import directives
from docutils.statemachine import StringList
from sphinx.errors import ExtensionError
from sphinx.util.docutils import SphinxDirective
from docutils import nodes

ROOT = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
#: Name of the tab, how Pygments calls the language, folder and ending of the examples.
LANGUAGES = [
    ("C", "c", "examples_c", ".c"),
    ("Fortran", "fortran", "examples_fortran", ".f90"),
    ("Julia", "julia", "examples_julia", ".jl"),
    ("C++", "cpp", "examples_cpp", ".cpp"),
    ("Rust", "rust", "examples", ".rs"),
    ("h5py", "python", "examples_c/python", ".py"),
]


class Example(SphinxDirective):
    required_arguments = 1
    option_spec = {"part": directives.unchanged}

    def run(self):
        lines = ["::::::{tab-set}", ":sync-group: language"]
        for title, language, folder, ending in LANGUAGES:
            path = self.source(folder, ending)
            if path:
                lines += [f":::::{{tab-item}} {title}", f":sync: {language}"]
                lines += [f"```{{literalinclude}} /../{path}", f":language: {language}", *self.what(), "```", ":::::"]
        if len(lines) == 2:
            raise self.error(f"no example is called {self.arguments[0]} and has the part {self.options.get('part')}")
        container = nodes.Element()
        self.state.nested_parse(StringList(lines + ["::::::"], source=self.env.docname), self.content_offset, container)
        return container.children

    def source(self, folder, ending):
        """The path of the example in a language, within the project; None if it is not there or lacks the part."""
        name = self.arguments[0]
        # Cargo's examples have no numbers.
        path = f"{folder}/{name.split('_', 1)[1] if folder == 'examples' else name}{ending}"
        if not os.path.exists(os.path.join(ROOT, path)):
            return None
        with open(os.path.join(ROOT, path), encoding="utf-8") as file:
            return path if "part" not in self.options or f"[{self.options['part']}]" in file.read() else None

    def what(self):
        part = self.options.get("part")
        return [f":start-after: '[{part}]'", f":end-before: '[end of {part}]'", ":dedent:"] if part else []


def setup(app):
    app.add_directive("example", Example)
    return {"parallel_read_safe": True}
