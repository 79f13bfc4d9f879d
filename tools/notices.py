"""Makes packaging/THIRD-PARTY-NOTICES: who made what is inside the library, and under which licence.

    notices.py > packaging/THIRD-PARTY-NOTICES

Asks cargo for the crates that are linked in, and copies the licences that come with them and with the C libraries which some
of them carry. tests/packaging.rs compares the crates with Cargo.lock's, so that none comes in without its notice.
"""

import glob
import json
import os
import subprocess
import sys

ROOT = os.path.dirname(os.path.dirname(os.path.abspath(__file__)))
LICENCES = ["LICENSE*", "LICENCE*", "COPYING*", "COPYRIGHT*", "license*"]
#: C sources that a crate carries: crate -> (name, where its licence is).
CARRIED = {
    "hdf5-metno-src": ("HDF5", ["ext/hdf5/LICENSE", "ext/hdf5/COPYING"]),
    "libz-sys": ("zlib", ["src/zlib/LICENSE", "src/zlib/README"]),
    "libdeflate-sys": ("libdeflate", ["libdeflate/COPYING"]),
    "zstd-sys": ("Zstandard", ["zstd/LICENSE"]),
}


def cargo(*arguments):
    return subprocess.run(["cargo", *arguments], cwd=ROOT, check=True, stdout=subprocess.PIPE, text=True).stdout


def linked_crates():
    """Names and versions of what the library and the command are made of, build scripts aside but for those that carry C."""
    tree = cargo("tree", "--workspace", "--locked", "--edges", "normal,build", "--prefix", "none", "--format", "{p}")
    normal = cargo("tree", "--workspace", "--locked", "--edges", "normal", "--prefix", "none", "--format", "{p}")
    pairs = {tuple(line.split()[:2]) for line in normal.splitlines() if line}
    pairs |= {pair for pair in (tuple(line.split()[:2]) for line in tree.splitlines() if line) if pair[0] in CARRIED}
    return sorted((name, version.lstrip("v")) for name, version in pairs if name not in ("h5sim", "h5sim-cli"))


def texts(folder, patterns):
    found = []
    for pattern in patterns:
        for path in sorted(glob.glob(os.path.join(folder, pattern))):
            if os.path.isfile(path):
                with open(path, encoding="utf-8", errors="replace") as file:
                    found.append((os.path.relpath(path, folder), file.read().strip()))
    return found


def main():
    packages = {
        (package["name"], package["version"]): package
        for package in json.loads(cargo("metadata", "--locked", "--format-version", "1"))["packages"]
    }
    out = [
        "What is inside libh5sim and the command h5sim, besides h5sim itself.",
        "Made by tools/notices.py. Rust's standard library, MIT or Apache-2.0, is inside too: https://www.rust-lang.org/policies/licenses",
    ]
    seen = {}
    for name, version in linked_crates():
        package = packages[name, version]
        folder = os.path.dirname(package["manifest_path"])
        out.append(f"\n{'=' * 80}\n{name} {version}  ({package['license']})")
        if package.get("repository"):
            out.append(package["repository"])
        found = texts(folder, LICENCES)
        # Of several licences to choose from, MIT's text is enough.
        mit = [item for item in found if "MIT" in item[0].upper()]
        for path, text in mit or found:
            if text in seen:
                out.append(f"\n{path}: as that of {seen[text]}")
            else:
                seen[text] = f"{name} {version}"
                out.append(f"\n{path}:\n\n{text}")
        if name in CARRIED:
            title, places = CARRIED[name]
            carried = texts(folder, places)[:1]
            if not carried:
                sys.exit(f"notices: no licence of {title} in {folder}")
            out.append(f"\n{'-' * 80}\n{title}, which {name} carries\n\n{carried[0][1]}")
    with open(os.path.join(ROOT, "cli", "fonts", "LICENSE"), encoding="utf-8") as licence:
        out.append(f"\n{'=' * 80}\nDejaVu Sans, of which the command h5sim has a part inside to draw with\n\n{licence.read().strip()}")
    print("\n".join(line.rstrip() for line in "\n".join(out).splitlines()))


main()
