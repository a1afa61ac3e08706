#!/usr/bin/env bash
# Branch coverage of the whole suite, the processes that the tests start included. Usage: coverage.sh [PYTEST ARGUMENT...]
# Tests start the program with an environment of their own, so that a .pth file of the virtual environment, for as long
# as this runs, is what tells those processes to measure (coverage.readthedocs.io, "Measuring subprocesses").
set -euo pipefail
cd "$(dirname "$0")/.."
python=.venv/bin/python
folder=$PWD/build/coverage
site=$("$python" -c 'import site; print(site.getsitepackages()[0])')
rm -rf "$folder" && mkdir -p "$folder"
cat > "$folder/settings" <<SETTINGS
[run]
branch = true
source_pkgs = pinward
data_file = $folder/data
parallel = true
# Halves of a scan are copies of the process, and end without cleaning up (scan/workers.py).
patch = _exit, fork
disable_warnings = no-data-collected, module-not-imported, module-not-measured
[report]
exclude_also =
    if TYPE_CHECKING:
    \.\.\.\$
    pragma: no cover - .+
show_missing = true
skip_covered = true
precision = 2
[paths]
source =
    src/pinward
    */pinward
SETTINGS
trap 'rm -f "$site/coverage-of-processes.pth" "$site/coverage_of_processes.py"' EXIT
cat > "$site/coverage_of_processes.py" <<MODULE
"""PYTEST_DONT_REWRITE"""  # it is loaded long before pytest is
import os
os.environ["COVERAGE_PROCESS_START"] = "$folder/settings"
try:
    import coverage
    coverage.process_startup()
except Exception:  # a confined program may not read or write here, and is not measured
    pass
finally:
    del os.environ["COVERAGE_PROCESS_START"]


def pytest_sessionfinish():
    """Save what a worker measured: one that takes ten seconds to end is killed (xdist's EXIT_TIMEOUT)."""
    if measured := coverage.Coverage.current():
        measured.save()
MODULE
echo "import coverage_of_processes" > "$site/coverage-of-processes.pth"
"$python" -m pytest -q -p coverage_of_processes --numprocesses "${PYTEST_PROCESSES:-8}" --dist worksteal "${@:-tests}" || failed=1
"$python" -m coverage combine --quiet --rcfile "$folder/settings"
"$python" -m coverage html --quiet --rcfile "$folder/settings" --directory "$folder/html"
"$python" -m coverage report --rcfile "$folder/settings" --fail-under 95 | tee "$folder/report.txt"
exit "${failed:-0}"
