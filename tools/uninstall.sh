#!/usr/bin/env bash
# Takes away what `make install` has put there, and the folders that are empty afterwards. Called by `make uninstall
# PREFIX=/usr/local DESTDIR=`; needs nothing that was built.
set -euo pipefail
prefix=${PREFIX:-/usr/local}
case $prefix in /*) ;; *) prefix=$(cd "$(dirname "$0")/.." && pwd)/$prefix ;; esac
to=${DESTDIR:-}$prefix
list=$to/share/h5sim/installed-files
[ -e "$list" ] || { echo "uninstall: there is no $list: nothing is installed in $to" >&2; exit 1; }
mapfile -t files <"$list"
for file in "${files[@]}"; do
    rm -f "$to/$file"
done
for file in "${files[@]}"; do
    folder=$(dirname "$file")
    while [ "$folder" != . ] && rmdir "$to/$folder" 2>/dev/null; do
        folder=$(dirname "$folder")
    done
done
echo "h5sim is gone from $to"
