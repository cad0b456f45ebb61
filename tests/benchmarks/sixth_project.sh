#!/usr/bin/env bash
# A project made with `new`, tested, trained and removed again: seconds and lines of each step.
# Works in a clone of the repository that it makes in a temporary folder.
set -euo pipefail
here="$(cd "$(dirname "$0")/../.." && pwd)"
place="$(mktemp -d)"
git clone -q "$here" "$place"
cd "$place"
step() { local began=$SECONDS; "$@" >"$place/log.txt" 2>&1 || { cat "$place/log.txt"; exit 1; }; echo "$((SECONDS - began)) s  $*"; }
step python -m projects new sixth --from cat_classifier
git add -A
echo "lines: $(git diff --cached --numstat -- projects/sixth | awk '{n += $1} END {print n}') copied as the room," \
     "$(git diff --cached --numstat -- tests/projects/sixth | awk '{n += $1} END {print n}') as its tests," \
     "$(git diff --cached --numstat -- MLproject | cut -f1) in MLproject," \
     "$(git diff --cached --name-only -- common | wc -l) files touched in common"
step python -m pytest tests/contract/test_rooms.py tests/contract/test_imports.py tests/projects/sixth
step python -m projects.sixth train demo
grep -h "dev error" "$place/log.txt"
step rm -r projects/sixth tests/projects/sixth
git reset -q && git checkout -q MLproject
git status --short | grep -v "log.txt" || echo "nothing is left of it but its run"
