"""Draws what a terminal shows as SVG: tmux capture-pane -e -p | terminal.py > picture.svg"""

import html
import re
import sys

COLOURS = {"31": "#cf222e", "32": "#1a7f37", "34": "#0969da"}
WIDTH, HEIGHT, MARGIN = 8.43, 19, 14

lines = sys.stdin.read().rstrip().split("\n")
columns = max(len(re.sub(r"\x1b\[[\d;]*m", "", line)) for line in lines)
width, height = round(columns * WIDTH + 2 * MARGIN), len(lines) * HEIGHT + 2 * MARGIN
print(f'<svg xmlns="http://www.w3.org/2000/svg" width="{width}" height="{height}" viewBox="0 0 {width} {height}">')
print(f'<rect width="{width}" height="{height}" rx="8" fill="#f6f8fa" stroke="#d0d7de"/>')
print('<g font-family="ui-monospace, Menlo, DejaVu Sans Mono, monospace" font-size="14" fill="#1f2328" xml:space="preserve">')
style = {}
for number, line in enumerate(lines):
    spans, column = [], 0
    for escape, text in re.findall(r"(?:\x1b\[([\d;]*)m)|([^\x1b]+)", line):
        if not text:
            for code in escape.split(";"):
                if code in ("", "0"):
                    style = {}
                elif code == "1":
                    style["font-weight"] = "bold"
                elif code == "2":
                    style["fill"] = "#6e7781"
                elif code == "39":
                    style.pop("fill", None)
                elif code in COLOURS:
                    style["fill"] = COLOURS[code]
            continue
        attributes = "".join(f' {name}="{value}"' for name, value in style.items())
        place = f'x="{MARGIN + column * WIDTH:.1f}" y="{MARGIN + (number + 0.75) * HEIGHT:.1f}"'
        length = f'textLength="{len(text) * WIDTH:.1f}"'
        spans.append(f"<text {place} {length}{attributes}>{html.escape(text)}</text>")
        column += len(text)
    print("".join(spans))
print("</g>\n</svg>")
