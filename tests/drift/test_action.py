"""action.yml, the code that reads it, and the page that documents it say the same."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import pytest
import yaml

from pinward.action import INPUTS
from pinward.core.report import GateReport
from pinward.gh.event import MODES
from pinward.gh.step_files import outputs
from pinward.providers.endpoints import KNOWN

ROOT = Path(__file__).parents[2]
ACTION: dict[str, Any] = yaml.safe_load((ROOT / "action.yml").read_text(encoding="utf-8"))
PAGE, FORKS = ((ROOT / f"docs/how-to/{name}.md").read_text(encoding="utf-8") for name in ("github-actions", "forks"))
REUSABLE = sorted((ROOT / ".github/workflows").glob("call-*.yml"))
EXAMPLES = sorted((ROOT / "docs/how-to/workflows").glob("*.yml"))


def documented(section: str) -> dict[str, str]:
    body = PAGE.split(f"## {section}\n")[1].split("\n## ")[0]
    return dict(re.findall(r"^\| `([a-z-]+)` \| (.*?) \|", body, re.MULTILINE))


def test_the_inputs_of_action_yml_are_those_that_the_code_reads() -> None:
    assert set(ACTION["inputs"]) == set(INPUTS)
    defaults = {name: value["default"] for name, value in ACTION["inputs"].items() if name != "token"}
    assert defaults == {name: default for name, default in INPUTS.items() if name != "token"}


def test_the_inputs_are_documented_with_their_defaults() -> None:
    assert {name: default.strip("`") for name, default in documented("Inputs").items() if name != "token"} == {
        name: default for name, default in INPUTS.items() if name != "token"
    }
    assert "token" in documented("Inputs")


def test_the_outputs_of_action_yml_are_those_that_the_code_writes_and_the_page_explains() -> None:
    report = GateReport(
        verdict="pass", exit_code=0, base="b", head="a", policy_source="defaults", started="now", seconds=0
    )
    assert set(ACTION["outputs"]) == set(outputs(report, "r")) == set(documented("Outputs"))


def test_every_mode_is_named() -> None:
    assert all(mode in ACTION["inputs"]["mode"]["description"] for mode in MODES)


def test_no_input_can_loosen_the_policy() -> None:
    words = ("margin", "threshold", "budget", "max", "alpha", "url", "judge", "fail")
    assert not [name for name in INPUTS if any(word in name for word in words)]


@pytest.mark.parametrize("path", EXAMPLES, ids=lambda path: path.stem)
def test_every_example_is_linked_and_uses_only_inputs_that_exist(path: Path) -> None:
    assert f"workflows/{path.name}" in PAGE + FORKS
    own = [job for job in jobs_of(path).values() if job.get("uses", "").startswith("pinward/pinward/")]
    steps = [step for step in all_steps(path) if step.get("uses", "").startswith("pinward/")]
    assert steps or own
    assert all(set(step.get("with", {})) <= set(INPUTS) for step in steps)
    assert all(called_by(job) for job in own)


@pytest.mark.parametrize("path", [*EXAMPLES, *REUSABLE], ids=lambda path: path.stem)
def test_a_job_that_reads_pull_requests_has_the_history_that_a_rollout_is_looked_up_in(path: Path) -> None:
    for job in jobs_of(path).values():
        checkouts = [step for step in job.get("steps", []) if step.get("uses", "").startswith("actions/checkout@")]
        if checkouts and "pull-requests" in job.get("permissions", {}):
            assert checkouts[0]["with"]["fetch-depth"] == 0


def all_steps(path: Path) -> list[dict[str, Any]]:
    return [step for job in jobs_of(path).values() for step in job.get("steps", [])]


def called_by(job: dict[str, Any]) -> bool:
    """Tell whether a job gives the reusable workflow that it calls only inputs and secrets that this one has."""
    name = job["uses"].removeprefix("pinward/pinward/").partition("@")[0]
    # YAML 1.1 reads the key `on` as true.
    offered = yaml.safe_load((ROOT / name).read_text(encoding="utf-8"))[True]["workflow_call"]
    given = (set(job.get("with", {})), set(job.get("secrets", {})))
    return given[0] <= set(offered.get("inputs", {})) and given[1] <= set(offered.get("secrets", {}))


@pytest.mark.parametrize("path", REUSABLE, ids=lambda path: path.stem)
def test_every_reusable_workflow_is_documented_and_uses_only_inputs_that_exist(path: Path) -> None:
    assert f"/{path.name})" in PAGE
    steps = [step for step in all_steps(path) if step.get("uses", "").startswith("pinward/")]
    assert steps
    assert all(set(step.get("with", {})) <= set(INPUTS) for step in steps)


def test_the_reusable_gate_takes_the_key_of_every_known_provider() -> None:
    path = ROOT / ".github/workflows/call-gate.yml"
    offered = yaml.safe_load(path.read_text(encoding="utf-8"))[True]["workflow_call"]["secrets"]
    wanted = {provider.key_env for provider in KNOWN.values() if provider.key_env}
    (used,) = [step["env"] for step in all_steps(path) if "env" in step]
    assert set(offered) == set(used) == wanted


def jobs_of(path: Path) -> dict[str, dict[str, Any]]:
    jobs: dict[str, dict[str, Any]] = yaml.safe_load(path.read_text(encoding="utf-8"))["jobs"]
    return jobs


SPLIT = [path for path in (*EXAMPLES, *REUSABLE) if {"evaluate", "report"} <= set(jobs_of(path))]


@pytest.mark.parametrize("path", SPLIT, ids=lambda path: path.stem)
def test_trust_6_where_there_are_two_jobs_the_one_with_keys_cannot_write_and_the_other_checks_nothing_out(
    path: Path,
) -> None:
    evaluate, report = jobs_of(path)["evaluate"], jobs_of(path)["report"]
    assert "write" not in evaluate["permissions"].values()
    assert "secrets." not in str(report)
    assert "actions/checkout" not in str(report)
    assert (report["if"], report["needs"]) == ("always()", "evaluate")


@pytest.mark.parametrize("path", [*EXAMPLES, *sorted((ROOT / ".github/workflows").glob("*.yml"))], ids=lambda p: p.name)
def test_t31_no_expression_stands_in_a_script(path: Path) -> None:
    scripts = [step["run"] for step in all_steps(path) if "run" in step]
    assert not [script for script in scripts if "${{" in script]


def test_t31_no_workflow_runs_on_pull_request_target() -> None:
    for path in [*EXAMPLES, *(ROOT / ".github/workflows").glob("*.yml")]:
        assert "pull_request_target" not in path.read_text(encoding="utf-8")


def test_the_lock_satisfies_every_dependency() -> None:
    import tomllib

    from packaging.requirements import Requirement
    from packaging.utils import canonicalize_name

    lock = (ROOT / "requirements.lock").read_text(encoding="utf-8")
    locked = {canonicalize_name(n): v for n, v in re.findall(r"^([A-Za-z0-9._-]+)==([^ ;\\]+)", lock, re.MULTILINE)}
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    for requirement in map(Requirement, project["dependencies"]):
        assert requirement.specifier.contains(locked[canonicalize_name(requirement.name)])
