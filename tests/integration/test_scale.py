"""A large pull request on a busy one: requests to GitHub are counted, because a token has 1,000 an hour a repository
(docs.github.com, "Rate limits for the REST API")."""

from __future__ import annotations

from pathlib import Path

from tests.integration.action_fixture import ASKING, NUMBER, Files, checkout, config, job
from tests.integration.github_server.state import Actor
from tests.support.llm_server import llm_server

CASES, FINDINGS, COMMENTS = 300, 5_000, 300  # GitHub is asked nothing for a case
HOURLY = 1_000
RUNS_AN_HOUR = 30  # what a busy repository may start within one hour's budget
CALL = 'client.chat.completions.create(model="gpt-4o", messages=[])\n'
SUITE = "cases:\n" + "".join(
    f"  - {{id: case-{n}, category: format, input: 'Invoice {n}', checks: [{{contains: 'Invoice {n}'}}]}}\n"
    for n in range(CASES)
)


def test_5000_findings_and_300_comments_stay_within_the_hourly_budget(tmp_path: Path) -> None:
    with llm_server(lambda body: str(body["messages"][-1]["content"])) as llm:
        base: Files = {
            "pinward.yml": config(f"{llm.url}/v1"),
            "prompts/extract.yml": ASKING,
            "evals/extract.yml": SUITE,
        }
        calls = {f"app/part{n}.py": "client = OpenAI()\n" + CALL * (FINDINGS // 50) for n in range(50)}
        change: Files = {"pinward.yml": config(f"{llm.url}/v1", "local/model-b"), **calls}
        with job(tmp_path, checkout(tmp_path / "workspace", base, change)) as started:
            for n in range(COMMENTS):
                started.state.add_comment(NUMBER, Actor("somebody"), f"comment {n}")
            result = started.run()
            assert result.code == 1
            assert len(started.state.journal) <= HOURLY / RUNS_AN_HOUR
            assert len(started.state.writes()) <= 20  # 80 a minute are allowed
            (check,) = started.state.check_runs
            assert len(check.annotations) == 500
            assert check.fields["output"]["text"].count("unpinned-alias") > 100
            assert len(check.fields["output"]["text"].encode()) <= 65_535
            (comment,) = [c for c in started.state.comments_of(NUMBER) if c.author.login != "somebody"]
            assert len(comment.body) <= 65_536
            assert f"{FINDINGS - 10} more" in comment.body
            assert len(result.summary.encode()) < 1_048_576
