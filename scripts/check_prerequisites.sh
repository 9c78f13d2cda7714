#!/bin/sh
# Says in one sentence which program is missing, and what to do about it; exits 1 if one is.
set -u
cd "$(dirname "$0")/.." || exit 1
PYTHON=${PYTHON:-python3}

missing() {
    echo "error: $1" >&2
    exit 1
}

command -v "$PYTHON" >/dev/null 2>&1 ||
    missing "$PYTHON is not on the PATH: install Python 3.11, 3.12 or 3.13 (https://www.python.org)."
version=$("$PYTHON" -c 'import sys; print("%d.%d" % sys.version_info[:2])' 2>/dev/null) ||
    missing "$PYTHON does not start: install Python 3.11, 3.12 or 3.13 (https://www.python.org)."
case $version in
    3.11 | 3.12 | 3.13) ;;
    *) missing "$PYTHON is Python $version: install Python 3.11, 3.12 or 3.13 and name it, as in 'make setup PYTHON=python3.12'." ;;
esac
"$PYTHON" -c 'import venv, ensurepip' 2>/dev/null ||
    missing "$PYTHON has no venv module: install it (on Debian and Ubuntu: apt-get install python3-venv)."

command -v node >/dev/null 2>&1 ||
    missing "node is not on the PATH: install Node.js 20 or newer (https://nodejs.org)."
node_version=$(node --version 2>/dev/null) ||
    missing "node does not start: install Node.js 20 or newer (https://nodejs.org)."
node_major=${node_version#v}
node_major=${node_major%%.*}
[ "$node_major" -ge 20 ] 2>/dev/null ||
    missing "node is $node_version: install Node.js 20 or newer (https://nodejs.org)."
command -v npm >/dev/null 2>&1 ||
    missing "npm is not on the PATH: install it (it comes with Node.js, https://nodejs.org)."
