#!/bin/sh
# Makes .venv and installs into it exactly what uv.lock says. An installation that was interrupted
# begins anew: half a package looks installed to every tool. Compiled at once, since each `copilot`
# starts some thousand modules, and not every environment lets Python keep what it compiled.
set -eu
cd "$(dirname "$0")/.."
UV_VERSION=0.13.9

if [ -e .venv/.unfinished ] || ! .venv/bin/python -c '' 2>/dev/null; then
    rm -rf .venv
fi
mkdir -p .venv
: >.venv/.unfinished
rm -f .venv/.installed
echo "Installing Python packages (about a minute, once)"
unset VIRTUAL_ENV UV_PROJECT_ENVIRONMENT PYTHONHOME PYTHONPATH
"${PYTHON:-python3}" -m venv .venv
.venv/bin/python -m pip install --quiet --disable-pip-version-check "uv==$UV_VERSION"
UV_PYTHON_DOWNLOADS=never UV_LINK_MODE=${UV_LINK_MODE:-copy} .venv/bin/uv sync --frozen --quiet --compile-bytecode
pwd >.venv/.installed
rm -f .venv/.unfinished
