"""Links to the tests: {test}`killed.rs::the_killed_example_goes_on_after_its_last_commit` leads to that function in a page that
shows tests/killed.rs. A test that is not there is a warning.
"""

import html
import os
import re

from docutils import nodes
from pygments import highlight
from pygments.formatters import HtmlFormatter
from pygments.lexers import get_lexer_for_filename
from sphinx.util import logging
from sphinx.util.docutils import SphinxRole

TESTS = os.path.join(os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__)))), "tests")
LOGGER = logging.getLogger(__name__)


def source_of(path):
    with open(os.path.join(TESTS, path), encoding="utf-8") as file:
        return file.read()


def line_of(source, name):
    """The line at which a function of Rust's or Python's begins, from 1; None if there is none."""
    found = re.search(rf"^\s*(?:pub(?:\(\w+\))? )?(?:fn|def) {re.escape(name)}\(", source, re.M)
    return found and source.count("\n", 0, found.end()) + 1


class Test(SphinxRole):
    def run(self):
        path, _, name = self.text.partition("::")
        if not os.path.exists(os.path.join(TESTS, path)) or not line_of(source_of(path), name):
            LOGGER.warning("there is no test %s", self.text, location=self.get_location())
            return [nodes.literal(text=self.text)], []
        # The builder makes the address: it depends on the page.
        words = name.replace("_", " ")
        # Short names say too little without their file's.
        text = words if words.count(" ") > 2 else f"{path}, {words}"
        reference = nodes.reference("", text, internal=True, classes=["test"], reftitle=f"tests/{path}")
        reference["test"] = (path, name)
        return [reference], []


def page_of(path):
    return "tests/" + os.path.splitext(path)[0]


def resolve(app, doctree, docname):
    used = app.env.__dict__.setdefault("tests_used", {})
    for reference in doctree.findall(nodes.reference):
        if "test" in reference:
            path, name = reference["test"]
            used.setdefault(path, set()).add(name)
            reference["refuri"] = f"{app.builder.get_relative_uri(docname, page_of(path))}#{name}"


def pages(app):
    """The pages of the tests that are linked to."""
    for path, names in sorted(app.env.__dict__.get("tests_used", {}).items()):
        source = source_of(path)
        anchors = {line_of(source, name): name for name in names}
        code = highlight(source, get_lexer_for_filename(path), HtmlFormatter(nowrap=True))
        lines = [f'<span id="{anchors[number]}"></span>{line}' if number in anchors else line
                 for number, line in enumerate(code.splitlines(), 1)]
        title = f"tests/{path}"
        body = f'<h1>{html.escape(title)}</h1><div class="highlight"><pre>' + "\n".join(lines) + "</pre></div>"
        yield page_of(path), {"title": title, "body": body}, "page.html"


def setup(app):
    app.add_role("test", Test())
    app.connect("doctree-resolved", resolve)
    app.connect("html-collect-pages", pages)
    return {"parallel_read_safe": True}
