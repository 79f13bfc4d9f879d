"""How Sphinx makes the site of documentation of this folder: `make docs`."""

import os
import re
import sys

HERE = os.path.dirname(os.path.abspath(__file__))
ROOT = os.path.dirname(HERE)
sys.path[:0] = [os.path.join(HERE, "extensions"), os.path.join(ROOT, "tools")]

with open(os.path.join(ROOT, "Cargo.toml"), encoding="utf-8") as cargo:
    version = re.search(r'^version = "(.*)"', cargo.read(), re.M)[1]
project = "h5sim"
release = version
copyright = "the authors of h5sim"

extensions = ["myst_parser", "sphinx_design", "c_reference", "cpp_reference", "fortran_reference", "julia_reference", "examples", "tests_of_promises"]
exclude_patterns = ["extensions"]
# Blocks of docs/*.md that name no language are layouts, commands and tables.
highlight_language = "none"
myst_enable_extensions = ["colon_fence", "deflist"]
myst_heading_anchors = 3
# An entry's arguments stand below each other where they are longer than a phone is wide.
maximum_signature_line_length = 60
smartquotes = False
nitpicky = True
# Types of C itself.
nitpick_ignore = [("c:identifier", "int32_t"), ("c:identifier", "int64_t")]
# What is C++'s own, or the header's detail.
nitpick_ignore_regex = [("cpp:identifier", ".*")]

html_theme = "furo"
html_title = f"h5sim {version}"
html_static_path = ["static"]
html_css_files = ["site.css"]
html_copy_source = False
html_show_sphinx = False
html_theme_options = {"navigation_with_keys": True}
