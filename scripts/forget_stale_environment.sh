#!/bin/sh
# An environment that was moved with its folder, or whose Python is gone, has to be made anew.
cd "$(dirname "$0")/.." || exit 1
[ -e .venv/.installed ] || exit 0
if [ "$(cat .venv/.installed)" != "$PWD" ] || ! .venv/bin/python -c '' 2>/dev/null; then
    : >.venv/.unfinished
    rm -f .venv/.installed
fi
