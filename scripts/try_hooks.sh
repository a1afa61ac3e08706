#!/usr/bin/env bash
# Runs both hooks of .pre-commit-hooks.yaml as pre-commit does, from this repository's HEAD, in a repository of its own.
# Needs `pre-commit` on the PATH and a package index, for pre-commit builds an environment of its own.
set -euo pipefail
root=$(git -C "$(dirname "$0")" rev-parse --show-toplevel)
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
export PRE_COMMIT_HOME=$work/home
# pre-commit is no place for the settings of the environment that calls this script.
unset GIT_DIR GIT_INDEX_FILE GIT_WORK_TREE

mkdir "$work/app"
cd "$work/app"
git init -q
printf 'ask(model="gpt-5.5")\n' >main.py
cat >.pre-commit-config.yaml <<EOF
repos:
  - repo: $root
    rev: $(git -C "$root" rev-parse HEAD)
    hooks:
      - id: pinward-scan
      - id: pinward-fix
EOF
git add .

fails() { # HOOK TEXT: the hook must fail and say so
  if said=$(pre-commit run "$1" --all-files 2>&1); then
    printf '%s\n%s passed, and should not have\n' "$said" "$1"
    exit 1
  fi
  grep -qF "$2" <<<"$said" || { printf '%s\n%s did not say: %s\n' "$said" "$1" "$2"; exit 1; }
}

fails pinward-scan '[unpinned-alias]'
fails pinward-fix 'files were modified by this hook'
grep -qxF 'ask(model="gpt-5.5-2026-04-23")' main.py
git add .
pre-commit run --all-files # both pass now
echo "both hooks work"
