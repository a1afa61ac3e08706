#!/usr/bin/env bash
# Lint the action, the workflows, the documented examples, the Dockerfile and the shell scripts. The tools are wheels:
# pip install --group workflows
set -euo pipefail
cd "$(dirname "$0")/.."
examples=(docs/how-to/workflows/*.yml docs/how-to/sarif.yml)
zizmor --offline --quiet --persona pedantic action.yml .github/workflows "${examples[@]}"
actionlint .github/workflows/*.yml "${examples[@]}"
check-jsonschema --builtin-schema vendor.github-actions action.yml
check-jsonschema --builtin-schema vendor.github-workflows .github/workflows/*.yml "${examples[@]}"
check-jsonschema --builtin-schema vendor.gitlab-ci docs/how-to/gitlab-ci.yml
hadolint Dockerfile
shellcheck scripts/*.sh tests/container/*.sh
