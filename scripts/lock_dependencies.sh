#!/usr/bin/env bash
# Lock what the image installs: exact versions, with the hashes of every file (docs/threats.md T30).
# Needs `uv` on the PATH.
set -euo pipefail
cd "$(dirname "$0")/.."
uv pip compile pyproject.toml --quiet --upgrade --generate-hashes --no-annotate \
  --no-emit-index-url --no-emit-find-links --python-version 3.13 --python-platform linux \
  --custom-compile-command scripts/lock_dependencies.sh --output-file requirements.lock
