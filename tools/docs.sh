#!/usr/bin/env bash
# Makes the site of documentation and tries its links: docs.sh FOLDER. `make docs` calls it with target/docs.
# What is given behind the folder goes to docs_check.py: --look, and a folder for pictures.
set -euo pipefail
folder=$(realpath -m "$1")
shift
cd "$(dirname "$0")/.."
export PYTHONDONTWRITEBYTECODE=1
python=target/venv/bin/python
# A page that is no more must not stay.
rm -rf "$folder"
$python -m sphinx --quiet --nitpicky --fail-on-warning --keep-going --doctree-dir "$folder/.doctrees" docs "$folder"
$python tools/docs_check.py "$folder" "$@"
echo "$folder/index.html"
