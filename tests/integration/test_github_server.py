"""The test server itself: it must refuse what GitHub refuses, or the tests that use it prove nothing."""

from __future__ import annotations

import json
import urllib.error
import urllib.request
from collections.abc import Iterator
from typing import Any

import pytest

from tests.integration.github_server.routing import ROUTES
from tests.integration.github_server.schema import document, operation
from tests.integration.github_server.server import Server, running
from tests.integration.github_server.state import ALL, Actor, Pull, State

REPO = "/repos/acme/invoices"
CHECK = {"name": "pinward", "head_sha": "a" * 40}
OUTPUT = {"title": "t", "summary": "s"}
PLACE = {"path": "a.py", "start_line": 1, "end_line": 1, "annotation_level": "notice", "message": "m"}


@pytest.fixture
def server() -> Iterator[Server]:
    state = State()
    state.pulls[4] = Pull(4, "a" * 40, "b" * 40)
    with running(state) as started:
        yield started


def ask(server: Server, method: str, path: str, body: Any = None) -> tuple[int, Any, Any]:
    data = None if body is None else json.dumps(body).encode()
    headers = {"Authorization": "Bearer token"}
    request = urllib.request.Request(server.url + path, data, headers, method=method)  # noqa: S310 - our own server
    try:
        with urllib.request.urlopen(request) as reply:  # noqa: S310 - our own server
            return reply.status, json.load(reply), reply.headers
    except urllib.error.HTTPError as error:
        with error:
            return error.code, json.load(error), error.headers


def test_every_operation_of_the_slice_is_served() -> None:
    described = {
        o["operationId"] for path in document()["paths"].values() for m, o in path.items() if m != "parameters"
    }
    assert described == set(ROUTES)


@pytest.mark.parametrize(
    ("method", "path", "body"),
    [
        ("POST", "/issues/4/comments", {}),
        ("POST", "/issues/4/comments", {"body": 7}),
        ("POST", "/issues/4/comments", {"body": "x", "bogus": 1}),
        ("POST", "/issues/4/comments", {"body": "x" * 65_537}),
        ("POST", "/check-runs", {**CHECK, "status": "completed"}),
        ("POST", "/check-runs", {**CHECK, "conclusion": "stale"}),
        ("POST", "/check-runs", {**CHECK, "conclusion": "great"}),
        ("POST", "/check-runs", {**CHECK, "output": {"title": "t", "summary": "x" * 65_536}}),
        ("POST", "/check-runs", {**CHECK, "output": {"title": "t", "summary": "é" * 40_000}}),
        ("POST", "/check-runs", {**CHECK, "output": {**OUTPUT, "annotations": [PLACE] * 51}}),
        ("POST", "/check-runs", {**CHECK, "output": {"title": "t"}}),
        ("GET", "/issues/4/comments?bogus=1", None),
    ],
)
def test_what_github_refuses_is_refused(server: Server, method: str, path: str, body: Any) -> None:
    assert ask(server, method, REPO + path, body)[0] == 422
    assert server.state.rejected
    assert server.state.violations == []


def test_a_path_outside_the_slice_is_a_violation(server: Server) -> None:
    assert ask(server, "GET", f"{REPO}/deployments")[0] == 404
    assert server.state.violations


def test_an_answer_that_leaves_the_schema_is_a_violation() -> None:
    found = operation("GET", f"{REPO}/issues/4/comments")
    assert found is not None
    assert found.response_errors(200, [{"id": "text"}])
    assert found.response_errors(200, []) == []


def test_comments_come_in_pages_with_links(server: Server) -> None:
    for n in range(65):
        server.state.add_comment(4, Actor("x"), str(n))
    _, first, headers = ask(server, "GET", f"{REPO}/issues/4/comments")
    _, last, last_headers = ask(server, "GET", f"{REPO}/issues/4/comments?page=3")
    assert (len(first), len(last)) == (30, 5)
    assert 'page=2>; rel="next"' in headers["Link"]
    assert "Link" not in last_headers


def test_annotations_append_and_text_is_cut_silently(server: Server) -> None:
    body = {**CHECK, "conclusion": "failure", "output": {**OUTPUT, "text": "é" * 40_000, "annotations": [PLACE] * 50}}
    _, run, _ = ask(server, "POST", f"{REPO}/check-runs", body)
    more = {"output": {**OUTPUT, "annotations": [PLACE] * 3}}
    _, run, _ = ask(server, "PATCH", f"{REPO}/check-runs/{run['id']}", more)
    assert run["output"]["annotations_count"] == 53
    assert run["status"] == "completed"


@pytest.mark.parametrize(
    ("actor", "status"),
    [
        (None, 401),
        (Actor("github-actions[bot]", ALL - {"checks:write"}), 403),
        (Actor("somebody", app=None), 403),
    ],
)
def test_only_an_app_with_the_right_makes_check_runs(server: Server, actor: Actor | None, status: int) -> None:
    server.state.tokens = {} if actor is None else {"token": actor}
    assert ask(server, "POST", f"{REPO}/check-runs", {**CHECK, "conclusion": "success"})[0] == status
    assert server.state.check_runs == []
