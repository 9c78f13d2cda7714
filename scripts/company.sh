#!/bin/sh
# usage: company.sh check|run|serve
# Runs the copilot for the company of examples/ that COMPANY names, or for copilot.yml if it is empty.
set -eu
cd "$(dirname "$0")/.."

if [ -n "${COMPANY:-}" ]; then
    known=
    for settings in examples/*/copilot.yml; do
        [ -f "$settings" ] || continue
        name=$(basename "$(dirname "$settings")")
        known="$known $name"
        [ "$name" != "$COMPANY" ] || COPILOT_SETTINGS=$PWD/$settings
    done
    if [ "${COPILOT_SETTINGS:-}" != "$PWD/examples/$COMPANY/copilot.yml" ]; then
        echo "error: There is no company '$COMPANY' in examples/; there is:${known:- none}." >&2
        exit 2
    fi
    COPILOT_HOME=${COPILOT_HOME:-$PWD/.copilot}/$COMPANY
    export COPILOT_SETTINGS COPILOT_HOME
fi

case $1 in
    check) ;;
    run)
        if [ -n "${COMPANY:-}" ]; then
            contract=$COPILOT_HOME/contract
            rm -rf "$contract"
            .venv/bin/python "examples/$COMPANY/to_contract.py" "$contract"
            .venv/bin/copilot load "$contract"
        fi
        exec .venv/bin/copilot run
        ;;
    serve) exec .venv/bin/copilot serve ;;
    *)
        echo "error: usage: company.sh check|run|serve" >&2
        exit 2
        ;;
esac
