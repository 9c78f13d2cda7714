#!/bin/sh
# Runs a command of the image. A secret may come as a file: NAME_FILE names the one that holds NAME.
set -eu
for name in COPILOT_DATABASE_URL SALESFORCE_CLIENT_SECRET SALESFORCE_PASSWORD; do
    eval "file=\${${name}_FILE:-}"
    if [ -n "$file" ]; then
        value=$(cat "$file")
        export "$name=$value"
        unset "${name}_FILE"
    fi
done
exec "$@"
