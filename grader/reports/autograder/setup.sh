#!/usr/bin/env bash
# Gradescope runs this once, while it builds the image: Python 3.11 or later, and the toolkit from this zip.
# With AUTOGRADER_PYTHON nothing is installed: that Python has everything already.
set -euo pipefail
root=${AUTOGRADER_ROOT:-/autograder}

if [ -z "${AUTOGRADER_PYTHON:-}" ]; then
    python=
    for name in python3.13 python3.12 python3.11 python3; do
        if command -v "$name" >/dev/null && "$name" -c 'import sys, venv, ensurepip; sys.exit(sys.version_info < (3, 11))' 2>/dev/null; then
            python=$name
            break
        fi
    done
    if [ -z "$python" ]; then
        apt-get update
        for python in python3.12 python3.11; do
            DEBIAN_FRONTEND=noninteractive apt-get install -y "$python" "$python-venv" && break
        done
    fi
    "$python" -m venv "$root/venv"
    "$root/venv/bin/python" -m pip install --no-cache-dir "$root/source"
fi
# Says in the build's log whether students' code can be run here; if not, it goes to a person.
"${AUTOGRADER_PYTHON:-$root/venv/bin/python}" -m grader doctor || true
