"""What a pull request shows where the provider refuses: an error with its reason, never a verdict on the model."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from tests.integration.action_fixture import ASKING, KEY, NUMBER, SUITE, Files, checkout, config, job
from tests.support.llm_server import Reply, llm_server


def refusal(status: int, message: str, code: str = "") -> Reply:
    return Reply(status, {"error": {"message": message, "code": code, "type": code}})


@pytest.mark.parametrize(
    ("reply", "code", "said"),
    [
        pytest.param(refusal(401, f"bad key {KEY}"), 2, "refused the key", id="f10"),
        pytest.param(refusal(404, "no such model", "model_not_found"), 4, "does not serve this model", id="f11"),
        pytest.param(refusal(429, "quota", "insufficient_quota"), 4, "quota at local is spent", id="f4"),
        pytest.param(refusal(400, "bad <img src=x> @everyone"), 2, "rejects the request", id="f9"),
        pytest.param(Reply(200, {}), 4, "No case was judged", id="f15"),
    ],
)
def test_f4_f9_f10_f11_f15_a_refusal_is_an_error_on_every_surface(
    tmp_path: Path, reply: Reply, code: int, said: str
) -> None:
    def answer(body: dict[str, Any]) -> Reply | str:
        return reply if body["model"] == "model-b" else " ".join(m["content"] for m in body["messages"])

    with llm_server(answer) as llm:
        base: Files = {
            "pinward.yml": config(f"{llm.url}/v1"),
            "prompts/extract.yml": ASKING,
            "evals/extract.yml": SUITE,
        }
        change: Files = {"pinward.yml": config(f"{llm.url}/v1", "local/model-b")}
        with job(tmp_path, checkout(tmp_path / "workspace", base, change)) as started:
            result = started.run()
            (check,), (comment,) = started.state.check_runs, started.state.comments_of(NUMBER)
    assert (result.code, result.outputs["verdict"], result.outputs["pass-rate"]) == (code, "error", "")
    assert check.fields["conclusion"] == "failure"
    assert said in check.fields["output"]["title"]
    surfaces = [result.log, result.summary, comment.body, json.dumps(check.fields)]
    assert not [surface for surface in surfaces if KEY in surface or "<img" in surface or "@everyone" in surface]
