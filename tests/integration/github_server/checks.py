"""Check runs and their annotations."""

from __future__ import annotations

from typing import Any

from tests.integration.github_server.routing import MAX_OUTPUT, Answer, Call, Page, Refusal, need, route
from tests.integration.github_server.shapes import shaped
from tests.integration.github_server.state import CheckRun, State


def check_run_body(state: State, call: Call, run: CheckRun) -> dict[str, Any]:
    url = f"{call.base_url}/repos/{state.repository}/check-runs/{run.id}"
    output = run.fields.get("output", {})
    return shaped(
        "check-run",
        id=run.id,
        url=url,
        html_url=f"https://github.test/{state.repository}/runs/{run.id}",
        head_sha=run.head_sha,
        name=run.fields["name"],
        status=run.fields.get("status", "queued"),
        conclusion=run.fields.get("conclusion"),
        external_id=run.fields.get("external_id", ""),
        details_url=run.fields.get("details_url"),
        check_suite={"id": 5},
        app={"slug": run.app, "id": sum(run.app.encode())},
        output={
            "title": output.get("title"),
            "summary": output.get("summary"),
            "text": output.get("text"),
            "annotations_count": len(run.annotations),
            "annotations_url": f"{url}/annotations",
        },
    )


def apply(run: CheckRun, body: dict[str, Any]) -> None:
    """Take a create's or an update's fields: annotations append, the rest replaces."""
    output = dict(body.get("output", {}))
    if len(output.get("summary", "").encode()) > MAX_OUTPUT:
        raise Refusal(422, "Invalid request. summary exceeds a maximum bytesize of 65535.")
    if body.get("conclusion") == "stale":
        raise Refusal(422, "Validation Failed: only GitHub sets the conclusion stale")
    status = body.get("status", "completed" if "conclusion" in body else run.fields.get("status"))
    if status == "completed" and not body.get("conclusion", run.fields.get("conclusion")):
        raise Refusal(422, "Validation Failed: a completed check run needs a conclusion")
    run.annotations.extend(output.pop("annotations", []))
    if "text" in output:
        output["text"] = output["text"].encode()[:MAX_OUTPUT].decode(errors="ignore")
    run.fields.update({k: v for k, v in body.items() if k not in {"output", "head_sha"}}, status=status)
    if output:
        run.fields["output"] = output


@route("checks/create", "checks:write")
def create_check_run(state: State, call: Call) -> Answer:
    if call.actor.app is None:
        raise Refusal(403, "You must authenticate via a GitHub App.")
    run = CheckRun(next(state.ids), call.actor.app, call.body["head_sha"], {"status": "queued"})
    apply(run, call.body)
    state.check_runs.append(run)
    return 201, check_run_body(state, call, run)


def find_check_run(state: State, call: Call) -> CheckRun:
    return need(next((r for r in state.check_runs if r.id == int(call.values["check_run_id"])), None))


@route("checks/get", "checks:read")
def get_check_run(state: State, call: Call) -> Answer:
    return 200, check_run_body(state, call, find_check_run(state, call))


@route("checks/update", "checks:write")
def update_check_run(state: State, call: Call) -> Answer:
    run = find_check_run(state, call)
    if run.app != call.actor.app:
        raise Refusal(403, "Invalid app_id: check run can only be modified by the GitHub App that created it.")
    apply(run, call.body)
    return 200, check_run_body(state, call, run)


@route("checks/list-annotations", "checks:read")
def list_annotations(state: State, call: Call) -> Answer:
    run = find_check_run(state, call)
    return 200, Page([shaped("check-annotation", **annotation) for annotation in run.annotations])


@route("checks/list-for-ref", "checks:read")
def list_check_runs(state: State, call: Call) -> Answer:
    runs = [run for run in state.check_runs if run.head_sha == call.values["ref"]]
    if "check_name" in call.query:
        runs = [run for run in runs if run.fields["name"] == call.query["check_name"]]
    if call.query.get("filter", "latest") == "latest":
        runs = list({(run.app, run.fields["name"]): run for run in runs}.values())
    return 200, Page([check_run_body(state, call, run) for run in runs], wrap="check_runs")
