#!/usr/bin/env bash
# Everything that a release needs, from a clean clone: wheel, sdist and image; the wheel in an empty environment, with the
# demo played from it; licences, the list of what is in it, changelog and version, links, schemas, examples.
# Usage: release_check.sh [--without-image]   (the image needs buildah and podman, as tests/container/run.sh)
set -euo pipefail
cd "$(dirname "$0")/.."
python=$PWD/.venv/bin/python
work=$PWD/build/release
rm -rf "$work" && mkdir -p "$work"
say() { printf '\n== %s\n' "$*"; }

say "A clean clone"
git clone --quiet --no-hardlinks . "$work/clone"
cd "$work/clone"
git log -1 --format='%h %s'

say "Version, changelog"
"$python" -m scripts.check_release

say "Schemas and generated pages"
PYTHONPATH=src "$python" -m scripts.generate_schema --check

say "Links"
"$python" -m mkdocs build --quiet --strict --site-dir "$work/site"

say "Wheel and sdist"
"$python" -m build --outdir "$work/dist" > "$work/build.log"
wc -c "$work"/dist/*

say "The wheel in an empty environment, with what the lock names"
"$python" -m venv "$work/empty"
empty=$work/empty/bin/python
"$empty" -m pip install --quiet --no-deps --require-hashes --requirement requirements.lock
"$empty" -m pip install --quiet --no-deps "$work"/dist/*.whl
"$empty" -m pip check

say "Licences"
"$empty" scripts/check_licences.py

say "What is in it"
version=$("$empty" -c 'from pinward.version import __version__; print(__version__)')
"$empty" - pinward "$version" < scripts/write_sbom.py > "$work/sbom.cdx.json"
"$empty" - "$work/sbom.cdx.json" requirements.lock <<'PYTHON'
import json, re, sys
held = {(part["name"], part["version"]) for part in json.load(open(sys.argv[1]))["components"] if "pypi" in part["purl"]}
named = set(re.findall(r"(?m)^([a-z0-9.-]+)==([^ \\]+)", open(sys.argv[2]).read()))
missing, more = named - held, {name for name, _ in held - named} - {"pip", "setuptools", "pinward"}
print(f"{len(named)} packages, each in the list")
sys.exit(f"missing: {missing}, not in the lock: {more}" if missing or more else 0)
PYTHON

say "The demo and the examples, from the wheel alone"
mkdir "$work/elsewhere" && cd "$work/elsewhere"
"$work/empty/bin/pinward" --version
"$work/empty/bin/pinward" demo > demo.log || { cat demo.log; exit 1; }
tail -n 1 demo.log
cp -r "$work/clone/examples/support-tickets" desk && git -C desk init --quiet && git -C desk add --all
"$work/empty/bin/pinward" suite lint --path desk
code=0; "$work/empty/bin/pinward" scan desk > scan.log || code=$?
[ "$code" = 1 ] # the example has one floating name

if [ "${1:-}" != --without-image ]; then
  say "Image"
  cd "$work/clone"
  PYTHON=$python PINWARD_CONTAINER_DIR=${PINWARD_CONTAINER_DIR:-$work/container} \
    tests/container/run.sh -q tests/container/test_image.py -k "small or lock_names or holds"
fi
say "Fit to be released"
