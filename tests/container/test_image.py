"""The real image, run as the Actions runner runs a docker action: as root, in somebody else's workspace, as PID 1."""

from __future__ import annotations

import json
import os
import re
import subprocess
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.integration.action_fixture import (
    ASKING,
    FORGETFUL,
    NUMBER,
    SUITE,
    Files,
    Job,
    checkout,
    config,
    job,
    pull_request_payload,
)
from tests.support.llm_server import Recorded, llm_server
from tests.unit.gh.runner import commands, read_outputs

IMAGE = os.environ["PINWARD_IMAGE"]
Done = subprocess.CompletedProcess[str]
LAYOUT = Path(os.environ["PINWARD_IMAGE_LAYOUT"])
ROOT = Path(__file__).parents[2]
RUNNER_UID = 1001
LOCKED = r"^([A-Za-z0-9._-]+==[^ ;\\]+)"
OWN_LAYERS_MB = 65  # the official python:3.13-slim has 45 MB; the budget for both is 110 MB


def echo(body: dict[str, Any]) -> str:
    return " ".join(message["content"] for message in body["messages"])


@pytest.fixture
def llm() -> Iterator[Recorded]:
    with llm_server(echo) as server:
        yield server


def start(job: Job, event: str, payload: dict[str, Any], *options: str) -> list[str]:
    """Return the command with which the runner starts a docker action."""
    inside = {str(job.workspace.root): "/github/workspace", str(job.folder): "/github/file_commands"}
    environ = job.environ(event, payload) | {"HOME": "/github/home"}
    for outer, inner in inside.items():
        environ = {name: value.replace(outer, inner) for name, value in environ.items()}
    (job.folder / "home").mkdir(exist_ok=True)
    mounts = inside | {str(job.folder / "home"): "/github/home"}
    return [
        *("podman", "run", "--rm", "--network", "host", "--workdir", "/github/workspace", *options),
        *(part for name, value in environ.items() for part in ("--env", f"{name}={value}")),
        *(part for outer, inner in mounts.items() for part in ("--volume", f"{outer}:{inner}")),
        IMAGE,
    ]


def give_away(folder: Path) -> None:
    """Let another user own the workspace, as on a runner."""
    for path in [folder, *folder.rglob("*")]:
        os.chown(path, RUNNER_UID, RUNNER_UID, follow_symlinks=False)


def run(
    job: Job, event: str = "pull_request", payload: dict[str, Any] | None = None
) -> subprocess.CompletedProcess[str]:
    give_away(job.workspace.root)
    content = pull_request_payload(job.workspace, job.state) if payload is None else payload
    return subprocess.run(start(job, event, content), capture_output=True, text=True, timeout=120, check=False)


def files(url: str) -> Files:
    return {"pinward.yml": config(f"{url}/v1"), "prompts/extract.yml": ASKING, "evals/extract.yml": SUITE}


def breaking(url: str) -> Files:
    return {"pinward.yml": config(f"{url}/v1", "local/model-b"), "prompts/extract.yml": FORGETFUL}


@pytest.fixture
def blocked(tmp_path: Path, llm: Recorded) -> Iterator[Job]:
    with job(tmp_path, checkout(tmp_path / "workspace", files(llm.url), breaking(llm.url))) as started:
        yield started


def test_a_pull_request_event_is_gated_published_and_blocked(blocked: Job, llm: Recorded) -> None:
    done = run(blocked)
    assert done.returncode == 1, done.stdout + done.stderr
    (comment,) = blocked.state.comments_of(NUMBER)
    assert "**Pinward: blocked." in comment.body
    (check,) = blocked.state.check_runs
    assert (check.head_sha, check.fields["conclusion"]) == (blocked.workspace.head, "failure")
    outputs = read_outputs((blocked.folder / "output").read_text(encoding="utf-8"))
    assert (outputs["verdict"], outputs["regressions"], outputs["report"]) == ("fail", "12", "pinward-report")
    assert "blocked" in (blocked.folder / "summary").read_text(encoding="utf-8")
    assert (blocked.workspace.root / "pinward-report" / "report.json").is_file()
    assert set(llm.models()) == {"model-a", "model-b"}


def test_nothing_is_left_in_the_runners_home_and_nothing_of_the_clone_is_changed(blocked: Job) -> None:
    before = blocked.workspace.repository.git("-c", "safe.directory=*", "status", "--porcelain", "--ignored")
    run(blocked)
    assert list((blocked.folder / "home").iterdir()) == []
    after = blocked.workspace.repository.git("-c", "safe.directory=*", "status", "--porcelain", "--ignored")
    assert (before, after) == ("", "!! pinward-report/")


def test_t4_python_files_of_the_pull_request_are_never_imported(tmp_path: Path, llm: Recorded) -> None:
    names = ("json.py", "signal.py", "pinward/__init__.py", "pinward/action.py", "sitecustomize.py", "usercustomize.py")
    trap = "open('/github/file_commands/trapped', 'w').write(__file__)\nraise SystemExit(0)\n"
    change = breaking(llm.url) | dict.fromkeys(names, trap)
    with job(tmp_path, checkout(tmp_path / "workspace", files(llm.url), change)) as started:
        assert run(started).returncode == 1
    assert not (tmp_path / "trapped").exists()


def test_a_schedule_event_watches(blocked: Job) -> None:
    done = run(blocked, "schedule", {"schedule": "17 4 * * *"})
    assert done.returncode == 0, done.stdout + done.stderr
    assert "## pinward watch" in (blocked.folder / "summary").read_text(encoding="utf-8")
    assert [command.name for command in commands(done.stdout)] == []


@pytest.mark.parametrize(("signal", "code"), [("TERM", 143), ("INT", 130)])
def test_f25_a_signal_ends_the_first_process_in_time_with_a_partial_report(
    tmp_path: Path, signal: str, code: int
) -> None:
    def slow(body: dict[str, Any]) -> str:
        time.sleep(4)
        return echo(body)

    name = f"pinward-test-{os.getpid()}-{signal.lower()}"
    with (
        llm_server(slow) as llm,
        job(tmp_path, checkout(tmp_path / "workspace", files(llm.url), breaking(llm.url))) as started,
    ):
        give_away(started.workspace.root)
        payload = pull_request_payload(started.workspace, started.state)
        process = subprocess.Popen(start(started, "pull_request", payload, "--name", name), stdout=subprocess.PIPE)
        deadline = time.monotonic() + 60
        while not llm.requests and time.monotonic() < deadline:
            time.sleep(0.1)
        sent = time.monotonic()
        subprocess.run(["podman", "kill", "--signal", signal, name], check=True, capture_output=True)
        process.communicate(timeout=30)
        assert time.monotonic() - sent < 7
        assert process.returncode == code
        report = json.loads((started.workspace.root / "pinward-report" / "report.json").read_text(encoding="utf-8"))
        assert (report["verdict"], report["exit_code"]) == ("cancelled", code)
        assert [run.fields["conclusion"] for run in started.state.check_runs] == ["cancelled"]


def test_t30_the_image_holds_what_the_lock_names_and_nothing_else() -> None:
    listing = "import importlib.metadata as m; print(*(f'{d.name}=={d.version}' for d in m.distributions()), sep='\\n')"
    command = ["podman", "run", "--rm", "--entrypoint", "/opt/pinward/bin/python", IMAGE, "-I", "-c", listing]
    found = subprocess.run(command, capture_output=True, text=True, check=True).stdout
    lock = (ROOT / "requirements.lock").read_text(encoding="utf-8")
    locked = re.findall(LOCKED, lock, re.MULTILINE)
    assert sorted(map(normal, found.split())) == sorted(map(normal, locked))


def test_t30_the_list_of_what_the_image_holds_names_every_package_once() -> None:
    command = ["podman", "run", "--rm", "--interactive", "--entrypoint", "/opt/pinward/bin/python", IMAGE]
    script = (ROOT / "scripts" / "write_sbom.py").read_bytes()
    done = subprocess.run([*command, "-", "pinward", "1.2.3"], input=script, capture_output=True, check=True)
    purls = [component["purl"] for component in json.loads(done.stdout)["components"]]
    lock = (ROOT / "requirements.lock").read_text(encoding="utf-8")
    locked = {f"pkg:pypi/{normal(found).replace('==', '@')}" for found in re.findall(LOCKED, lock, re.MULTILINE)}
    assert locked == {purl for purl in purls if purl.startswith("pkg:pypi/")}
    assert len([purl for purl in purls if purl.startswith("pkg:deb/debian/git@")]) == 1
    assert len(purls) == len(set(purls))


def normal(requirement: str) -> str:
    return re.sub(r"[-_.]+", "-", requirement.partition("==")[0]).lower() + "==" + requirement.partition("==")[2]


def test_the_image_stays_small() -> None:
    index = json.loads((LAYOUT / "index.json").read_text(encoding="utf-8"))
    digest = index["manifests"][-1]["digest"].removeprefix("sha256:")
    layers = json.loads((LAYOUT / "blobs" / "sha256" / digest).read_text(encoding="utf-8"))["layers"]
    own = sum(layer["size"] for layer in layers[-2:]) / 1e6
    assert own <= OWN_LAYERS_MB
