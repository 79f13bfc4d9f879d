"""Looks at the site that tools/docs.sh has made:

    docs_check.py FOLDER                     every link and anchor of the site's own leads somewhere, every picture is there and has a
                                             text, every function of the header has an entry
    docs_check.py FOLDER --look              and each page is shown by a browser, as wide as a desktop and as a phone: nothing is wider
                                             than the page, no picture is missing
    docs_check.py FOLDER --look PICTURES     and what was seen is kept as PNG in a folder

Prints what is wrong, one a line, and exits with 1 then; with 3 if there is no browser to look with.
"""

import html.parser
import os
import sys
import urllib.parse

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
import browser  # noqa: E402
from header import Header  # noqa: E402

ROOT = os.path.dirname(os.path.dirname(os.path.abspath(__file__)))
WINDOWS = {"desktop": (1280, 900), "phone": (390, 844)}
#: Of long pages so much is kept.
TALLEST_PICTURE = 6000
#: How much wider the page is than its window, whose width a phone's browser makes larger then; what sticks out of it without being in
#: a box of its own that scrolls; and the pictures that are not there. What is off to the left is the menu that slides in.
FAULTS = """((width) => {
  const faults = [];
  const page = document.documentElement.scrollWidth;
  if (page > width) faults.push(`the page is ${page} wide`);
  const scrolls = (element) => {
    for (let box = element.parentElement; box && box !== document.body; box = box.parentElement)
      if (['auto', 'scroll', 'hidden', 'clip'].includes(getComputedStyle(box).overflowX)) return true;
    return false;
  };
  for (const element of document.querySelectorAll('article *')) {
    const { right, width: wide } = element.getBoundingClientRect();
    if (wide > 1 && right > width + 1 && !scrolls(element))
      faults.push(`<${element.tagName.toLowerCase()}> sticks out: ${element.textContent.trim().slice(0, 60)}`);
  }
  for (const image of document.images)
    if (image.complete && image.naturalWidth === 0) faults.push(`no picture: ${image.getAttribute('src')}`);
  return faults;
})"""


class Page(html.parser.HTMLParser):
    """What a page links to, its anchors and its pictures."""

    def __init__(self, path):
        super().__init__()
        self.links, self.anchors, self.pictures = [], set(), []
        with open(path, encoding="utf-8") as file:
            self.feed(file.read())

    def handle_starttag(self, tag, attributes):
        given = dict(attributes)
        self.anchors.update(filter(None, [given.get("id"), given.get("name")]))
        if tag == "img":
            self.pictures.append((given.get("src", ""), given.get("alt")))
        elif tag in ("a", "link") and given.get("href"):
            self.links.append(given["href"])
        elif tag == "script" and given.get("src"):
            self.links.append(given["src"])


def pages_of(folder):
    paths = [os.path.join(place, name) for place, _, names in os.walk(folder) for name in names if name.endswith(".html")]
    return {os.path.normpath(path): Page(path) for path in sorted(paths)}


def broken_links(pages):
    """What is wrong with the links and pictures of the pages, as sentences."""
    for path, page in pages.items():
        for link in page.links + [source for source, _ in page.pictures]:
            address = urllib.parse.urlsplit(link)
            if address.scheme or address.netloc:
                continue
            target = path
            if address.path:
                target = os.path.normpath(os.path.join(os.path.dirname(path), urllib.parse.unquote(address.path)))
            if not os.path.isfile(target):
                yield f"{path}: {link} is not there"
            elif address.fragment and target in pages and urllib.parse.unquote(address.fragment) not in pages[target].anchors:
                yield f"{path}: {link} has no such anchor"
        for source, text in page.pictures:
            if text is None:
                yield f"{path}: the picture {source} has no text"


def missing_functions(pages):
    anchors = set().union(*(page.anchors for page in pages.values()))
    for function in Header(os.path.join(ROOT, "include", "h5sim.h")).functions:
        if f"c.{function.name}" not in anchors:
            yield f"{function.name} has no entry"


def look(pages, folder, pictures, program):
    """Shows every page in both windows, and keeps pictures of it if it is told where; what is wrong, as sentences."""
    with browser.Browser(program) as shown:
        for path in pages:
            for window, (width, height) in WINDOWS.items():
                shown.show(path, width, height)
                for fault in shown.evaluate(f"{FAULTS}({width})"):
                    yield f"{path}, on a {window}: {fault}"
                if not pictures:
                    continue
                tall = min(int(shown.evaluate("document.documentElement.scrollHeight")), TALLEST_PICTURE)
                name = os.path.splitext(os.path.relpath(path, folder))[0].replace(os.sep, "-")
                with open(os.path.join(pictures, f"{name}-{window}.png"), "wb") as file:
                    file.write(shown.picture(width, tall))


def main():
    folder, *looking = sys.argv[1:]
    pages = pages_of(folder)
    faults = [*broken_links(pages), *missing_functions(pages)]
    said = f"{len(pages)} pages"
    if looking:
        program = browser.installed()
        if not program:
            print("docs_check: no browser: install the package 'chromium'", file=sys.stderr)
            sys.exit(3)
        pictures = looking[1] if len(looking) > 1 else None
        if pictures:
            os.makedirs(pictures, exist_ok=True)
        faults += look(pages, folder, pictures, program)
        said += f" in {len(WINDOWS)} widths"
    for fault in faults:
        print(fault)
    print(f"{said}: {len(faults)} faults")
    sys.exit(1 if faults or not pages else 0)


if __name__ == "__main__":
    main()
