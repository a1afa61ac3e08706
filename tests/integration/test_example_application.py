"""The example is a real application: it asks over HTTP, parses strictly, and asks what the gate has proven."""

from __future__ import annotations

import importlib.util
import json
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest

from pinward.commands.demo import PULL_REQUESTS, application, examples
from pinward.config.project import load_project
from pinward.core.evidence import Request
from pinward.evals.suite import load_suite
from pinward.git.build import Branch, build_repository
from pinward.git.process import run
from pinward.git.tree import CommitTree
from pinward.prompts.registry import load_prompts
from pinward.prompts.templates import render
from pinward.providers.openai import OpenAIChat

GOOD = '{"customer": "Anna Weiss", "order": "C-3307", "product": "Nordic chair"}'


def load_app(root: Path) -> ModuleType:
    spec = importlib.util.spec_from_file_location("extract_ticket", root / "app" / "extract_ticket.py")
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


@contextmanager
def server(answer: str) -> Iterator[tuple[str, list[Any]]]:
    """An endpoint that gives one answer; yields its address and the bodies that it was sent."""
    asked: list[Any] = []

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            asked.append((self.path, json.loads(self.rfile.read(int(self.headers["content-length"])))))
            body = json.dumps({"choices": [{"message": {"content": answer}, "finish_reason": "stop"}]}).encode()
            self.send_response(200)
            self.send_header("content-length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *_: object) -> None:
            pass

    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as http:
        thread = threading.Thread(target=http.serve_forever, kwargs={"poll_interval": 0.02})
        thread.start()
        try:
            yield f"http://127.0.0.1:{http.server_port}", asked
        finally:
            http.shutdown()
            thread.join()


@pytest.fixture
def repository(tmp_path: Path) -> tuple[Path, dict[str, str]]:
    branches = [Branch(c.folder, c.title, (examples() / c.patch).read_bytes()) for c in PULL_REQUESTS]
    return tmp_path, build_repository(tmp_path, application(), branches)


def test_it_asks_the_model_of_its_configuration_and_returns_the_ticket(repository: tuple[Path, dict[str, str]]) -> None:
    root, _ = repository
    config = root / "pinward.yml"
    with server(GOOD) as (address, asked):
        config.write_text(config.read_text().replace("http://127.0.0.1:8101", address))
        assert load_app(root).extract("a ticket", root) == json.loads(GOOD)
    [(path, body)] = asked
    assert path == "/v1/chat/completions"
    assert body["model"] == "smollm2-135m-instruct-q4_1"
    assert body["messages"][-1] == {"role": "user", "content": "a ticket"}


@pytest.mark.parametrize(
    "answer",
    [
        GOOD + "<|im_end|>\n<|im_start|>user",
        f"```json\n{GOOD}\n```",
        '{"customer": "Anna Weiss", "order": "C-3307"}',
        "[]",
        "",
    ],
)
def test_an_answer_with_anything_around_the_json_is_refused(answer: str) -> None:
    app = load_app(examples() / "support-tickets")
    with pytest.raises(app.WrongAnswerError):
        app.parse(answer)


@pytest.mark.parametrize("branch", ["main", *(change.folder for change in PULL_REQUESTS)])
def test_the_gate_asks_exactly_what_the_application_asks(repository: tuple[Path, dict[str, str]], branch: str) -> None:
    root, commits = repository
    run(root, "checkout", "--quiet", branch)
    tree = CommitTree(root, commits[branch])
    project = load_project(tree)
    assert project is not None
    task = project.tasks["extract_ticket"]
    assert task.prompts is not None
    assert task.suite is not None
    prompt = load_prompts(tree, task.prompts).select(task.model).prompt
    app = load_app(root)
    for case in load_suite(tree, task.suite).cases:
        model = task.model.partition("/")[2]
        messages = render(prompt, case.input)
        asked = Request(model, messages, {**task.params, **prompt.params}, prompt.tools, prompt.response_schema)
        body = nameless(OpenAIChat().encode(asked).body)
        assert body == nameless(app.build_request(case.input, root)[1])


def nameless(body: dict[str, Any]) -> dict[str, Any]:
    """The name of a schema is the caller's own and changes no answer."""
    if "response_format" in body:
        del body["response_format"]["json_schema"]["name"]
    return body
