"""`pinward.runtime` in an application: beside the official SDKs, and through a real outage of each provider."""

from __future__ import annotations

import asyncio
import multiprocessing
import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import Any

import pytest

from pinward.core.outcomes import parse_outcomes
from pinward.runtime import (
    AllProvidersFailedError,
    LiveConfig,
    ModelRouter,
    OutcomeRecorder,
    RequestRejectedError,
    load_config,
    sdk_arguments,
)
from tests.support.deployed import config, deploy
from tests.support.llm_server import Recorded, Reply, llm_server

SRC = Path(__file__).parents[2] / "src"
NAMES = ("one", "two", "three")
KEY = "sk-live-canary-0123456789"


def providers(servers: dict[str, Recorded]) -> str:
    return "".join(
        f'  {name}: {{type: openai, base_url: "{server.url}/v1", api_key_env: KEY_{name.upper()}}}\n'
        for name, server in servers.items()
    )


@contextmanager
def three_providers(root: Path, percent: float = 0) -> Iterator[tuple[dict[str, ExitStack], dict[str, Recorded]]]:
    """Three servers, each of which can be stopped by closing its stack, and an application deployed against them."""
    stacks = {name: ExitStack() for name in NAMES}
    with ExitStack() as all_of_them:
        servers = {}
        for name, stack in stacks.items():
            all_of_them.enter_context(stack)
            servers[name] = stack.enter_context(llm_server(lambda body, name=name: f"{name}: {body['model']}"))  # type: ignore[misc] # a default binds the name
        deploy(root, config(percent, providers(servers)))
        yield stacks, servers


def router(root: Path, **changed: Any) -> ModelRouter:
    return ModelRouter(load_config(root / "pinward.yml", {}), "extract", keys=lambda _: KEY, **changed)


def test_the_import_is_light_and_loads_nothing_of_gate_scanner_github_or_network() -> None:
    script = "import sys, pinward.runtime; print(*sys.modules)"
    done = subprocess.run(
        [sys.executable, "-c", script], env={"PYTHONPATH": str(SRC)}, capture_output=True, text=True, check=True
    )
    modules = set(done.stdout.split())
    heavy = {"pydantic", "yaml", "jinja2", "httpx2", "github", "click", "rich", "asyncio", "ast_grep_py", "ssl"}
    assert not heavy & modules
    rooms = {name.split(".")[1] for name in modules if name.startswith("pinward.")}
    assert not rooms & {"scan", "rules", "evals", "verdict", "render", "gh", "git", "commands", "verbs", "net"}


def test_the_import_costs_at_most_pydantic_and_40_ms() -> None:
    """Processor time, the best of several runs side by side: the machine may be busy."""

    def cost(module: str) -> float:
        script = f"import time; t = time.process_time(); import {module}; print(time.process_time() - t)"
        environment = {"PYTHONPATH": str(SRC)}
        done = subprocess.run(
            [sys.executable, "-c", script], env=environment, capture_output=True, text=True, check=True
        )
        return float(done.stdout)

    pairs = [(cost("pydantic.main"), cost("pinward.runtime")) for _ in range(4)]
    assert min(ours for _, ours in pairs) <= min(theirs for theirs, _ in pairs) + 0.04


def test_an_outage_of_each_provider_in_turn_is_bridged_and_all_of_them_are_named(tmp_path: Path) -> None:
    with three_providers(tmp_path, percent=100) as (stacks, _), router(tmp_path) as asked:
        assert asked.complete("x").text == "two: new"  # the candidate has all of the traffic
        stacks["two"].close()
        answer = asked.complete("x")
        assert (answer.text, answer.model, answer.causes[0][0]) == ("one: old", "one/old", "two/new")
        stacks["one"].close()
        assert asked.complete("x").model == "three/other"
        stacks["three"].close()
        with pytest.raises(AllProvidersFailedError) as caught:
            asked.complete("x", timeout=5)
    assert [name for name, _ in caught.value.causes] == ["two/new", "one/old", "three/other"]
    assert all("connect" in why or "connection" in why for _, why in caught.value.causes)
    assert KEY not in str(caught.value)


def test_a_server_that_stops_in_the_middle_of_many_calls_costs_nobody_an_answer(tmp_path: Path) -> None:
    answers: list[str] = []
    with three_providers(tmp_path) as (stacks, servers), router(tmp_path) as asked:

        def work() -> None:
            answers.extend(asked.complete(f"{n}").text for n in range(15))

        threads = [threading.Thread(target=work) for _ in range(4)]
        for thread in threads:
            thread.start()
        while len(servers["one"].requests) < 10:
            threading.Event().wait(0.005)
        stacks["one"].close()
        for thread in threads:
            thread.join()
    assert len(answers) == 60
    assert {"one: old", "three: other"} == set(answers)


@pytest.mark.parametrize(
    ("status", "code"), [(429, "rate_limit_exceeded"), (503, "overloaded"), (401, "invalid_api_key")]
)
def test_limits_and_faults_fall_through_with_each_models_own_prompt(tmp_path: Path, status: int, code: str) -> None:
    with ExitStack() as stack:
        failing = llm_server(lambda _: Reply(status, {"error": {"code": code, "message": "no"}}))
        servers = {"two": stack.enter_context(failing), "one": stack.enter_context(llm_server(lambda _: "fine"))}
        servers["three"] = servers["one"]
        deploy(tmp_path, config(100, providers(servers)))
        with router(tmp_path) as asked:
            assert asked.complete("a ticket").model == "one/old"
    [(_, headers, first)], [(_, _, second)] = servers["two"].requests, servers["one"].requests
    assert [m["content"] for m in first["messages"]] == ["Be short.", "Read this: a ticket"]
    assert [m["content"] for m in second["messages"]] == ["Read a ticket"]
    assert (first["max_tokens"], second["max_tokens"]) == (50, 100)
    assert headers["authorization"] == f"Bearer {KEY}"


def test_a_request_that_is_itself_wrong_is_not_taken_to_the_next_provider(tmp_path: Path) -> None:
    with ExitStack() as stack:
        refuse = llm_server(lambda _: Reply(400, {"error": {"code": "invalid_value", "message": "no"}}))
        servers = {"one": stack.enter_context(refuse), "three": stack.enter_context(llm_server(lambda _: "fine"))}
        deploy(tmp_path, config(0, providers(servers)))
        with router(tmp_path) as asked, pytest.raises(RequestRejectedError, match="one/old refused the request"):
            asked.complete("x")
    assert servers["three"].requests == []


def test_a_missing_key_takes_one_provider_out_and_no_more(tmp_path: Path) -> None:
    with three_providers(tmp_path):
        loaded = load_config(tmp_path / "pinward.yml", {})
        keys = {"KEY_THREE": KEY}
        with ModelRouter(loaded, "extract", keys=keys.get) as asked:
            answer = asked.complete("x")
    assert (answer.model, "KEY_ONE is not set" in answer.causes[0][1]) == ("three/other", True)


def test_a_provider_that_keeps_failing_is_left_alone_for_a_while(tmp_path: Path) -> None:
    with ExitStack() as stack:
        down = stack.enter_context(llm_server(lambda _: Reply(503, {})))
        up = stack.enter_context(llm_server(lambda _: "fine"))
        deploy(tmp_path, config(0, providers({"one": down, "three": up})))
        with router(tmp_path) as asked:
            assert {asked.complete("x").model for _ in range(8)} == {"three/other"}
    assert (len(down.requests), len(up.requests)) == (3, 8)


def test_coroutines_of_several_loops_share_one_router(tmp_path: Path) -> None:
    with three_providers(tmp_path), router(tmp_path) as asked:

        async def many() -> list[str]:
            return [answer.text for answer in await asyncio.gather(*(asked.acomplete(str(n)) for n in range(8)))]

        assert asyncio.run(many()) == ["one: old"] * 8
        assert asyncio.run(many()) == ["one: old"] * 8
        assert asked.complete("x").text == "one: old"


def test_a_router_that_was_used_before_a_fork_answers_in_the_child(tmp_path: Path) -> None:
    with three_providers(tmp_path), router(tmp_path) as shared:
        assert shared.complete("x").text == "one: old"
        child = multiprocessing.get_context("fork").Process(
            target=lambda: os._exit(shared.complete("y").model != "one/old")
        )
        child.start()
        child.join(20)
        hung = child.is_alive()
        child.kill()
        child.join()
        assert (hung, child.exitcode) == (False, 0)
        assert shared.complete("z").text == "one: old"


def answering_after(seconds: float) -> Callable[[dict[str, Any]], str]:
    def answer(_: dict[str, Any]) -> str:
        time.sleep(seconds)
        return "fine"

    return answer


@contextmanager
def slow_provider(root: Path, seconds: float) -> Iterator[tuple[Recorded, ModelRouter]]:
    with llm_server(answering_after(seconds)) as one, llm_server(lambda _: "fine") as three:
        deploy(root, config(0, providers({"one": one, "three": three})))
        yield one, router(root)


def test_closing_lets_the_calls_of_other_threads_end(tmp_path: Path) -> None:
    answers: list[str] = []
    with slow_provider(tmp_path, 0.6) as (one, asked):
        caller = threading.Thread(target=lambda: answers.append(asked.complete("x").text), daemon=True)
        caller.start()
        while not one.requests:
            time.sleep(0.01)
        asked.close()
        caller.join(10)
        assert (caller.is_alive(), answers) == (False, ["fine"])
        assert asked.complete("again").text == "fine"
        asked.close()
        asked.close()


def test_a_call_without_time_asks_nobody(tmp_path: Path) -> None:
    with slow_provider(tmp_path, 0) as (one, asked), asked:
        with pytest.raises(AllProvidersFailedError, match="no time was left"):
            asked.complete("x", timeout=0)
        assert one.requests == []


def test_an_interrupted_call_is_broken_off_and_closing_does_not_wait_for_it(tmp_path: Path) -> None:
    with slow_provider(tmp_path, 3) as (one, asked):

        def interrupt() -> None:
            while not one.requests:
                time.sleep(0.01)
            signal.pthread_kill(threading.main_thread().ident or 0, signal.SIGINT)

        threading.Thread(target=interrupt, daemon=True).start()
        with pytest.raises(KeyboardInterrupt):
            asked.complete("x")
        began = time.monotonic()
        asked.close()
        assert time.monotonic() - began < 1.5


def test_the_router_follows_a_change_of_the_file(tmp_path: Path) -> None:
    with three_providers(tmp_path) as (_, servers):
        live = LiveConfig(tmp_path / "pinward.yml", {}, interval=0)
        with ModelRouter(live, "extract", keys=lambda _: KEY) as asked:
            assert asked.complete("x").model == "one/old"
            deploy(tmp_path, config(100, providers(servers)))
            assert asked.complete("x").model == "two/new"


def test_the_hook_writes_what_the_rollout_gate_reads(tmp_path: Path) -> None:
    with three_providers(tmp_path, percent=50) as (stacks, _):
        loaded = load_config(tmp_path / "pinward.yml", {})
        recorder = OutcomeRecorder.of(loaded.task("extract"))
        with ModelRouter(loaded, "extract", keys=lambda _: KEY, recorder=recorder) as asked:
            models = [asked.complete("x", key=f"user-{n}").model for n in range(20)]
            stacks["two"].close()
            models += [asked.complete("x", key=f"user-{n}").model for n in range(20)]
        written = (tmp_path / "metrics/extract.json").read_bytes()
    windows = {window.model: window for window in parse_outcomes(written, "m", "extract")}
    to_candidate = models[:20].count("two/new")
    assert 0 < to_candidate < 20
    assert windows["two/new"].errors.count == to_candidate
    assert windows["two/new"].errors.n == windows["two/new"].latency.n == 2 * to_candidate
    assert windows["one/old"].errors.count == 0
    assert windows["one/old"].version == loaded.task("extract").version


OPENAI_ANSWER = {
    "id": "chatcmpl-1",
    "object": "chat.completion",
    "created": 1,
    "model": "old",
    "choices": [{"index": 0, "message": {"role": "assistant", "content": "hi"}, "finish_reason": "stop"}],
}
ANTHROPIC_ANSWER = {
    "id": "msg_1",
    "type": "message",
    "role": "assistant",
    "model": "new",
    "content": [{"type": "text", "text": "hi"}],
    "stop_reason": "end_turn",
    "stop_sequence": None,
    "usage": {"input_tokens": 1, "output_tokens": 1},
}


def test_beside_the_openai_sdk(tmp_path: Path) -> None:
    import openai

    task = load_config(deploy(tmp_path), {}).task("extract")
    with llm_server(lambda _: Reply(200, OPENAI_ANSWER)) as server:
        with openai.OpenAI(base_url=f"{server.url}/v1", api_key=KEY) as client:
            completion = client.chat.completions.create(**sdk_arguments(task.prompt(task.model), "a ticket", "openai"))
        with router_at(tmp_path, server) as asked:
            asked.complete("a ticket")
    assert completion.choices[0].message.content == "hi"
    first, second = (body for _, _, body in server.requests)
    assert first == second  # the SDK sends what the gate and the router send
    assert first["seed"] == 7


def router_at(root: Path, server: Recorded) -> ModelRouter:
    deploy(root, config(0, providers({"one": server})))
    return router(root)


def test_beside_the_anthropic_sdk(tmp_path: Path) -> None:
    import anthropic

    text = config().replace("temperature: 0, ", "").replace(", seed: 7", "")
    prompt = load_config(deploy(tmp_path, text), {}).task("extract").prompt("two/new")
    with (
        llm_server(lambda _: Reply(200, ANTHROPIC_ANSWER)) as server,
        anthropic.Anthropic(base_url=server.url, api_key=KEY) as client,
    ):
        message = client.messages.create(**sdk_arguments(prompt, "a ticket", "anthropic"))
    assert message.content[0].text == "hi"
    [(path, _, body)] = server.requests
    assert path.startswith("/v1/messages")
    assert (body["model"], body["max_tokens"]) == ("new", 50)
    assert "Be short." in str(body["system"])


def test_the_arguments_for_litellm_have_its_shape(tmp_path: Path) -> None:
    task = load_config(deploy(tmp_path), {}).task("extract")
    arguments = sdk_arguments(task.prompt("one/old"), "a ticket", "litellm")
    assert arguments["model"] == "one/old"  # LiteLLM tells the provider by the prefix
    assert arguments["messages"] == [{"role": "user", "content": "Read a ticket"}]
    assert arguments["temperature"] == 0


def test_the_key_is_read_from_the_environment_that_the_provider_names(tmp_path: Path) -> None:
    with three_providers(tmp_path) as (_, servers):
        script = (
            "import sys; from pinward.runtime import *\n"
            "with ModelRouter(load_config(sys.argv[1]), 'extract') as r: print(r.complete('x').text)"
        )
        environment = {"PYTHONPATH": str(SRC), "KEY_ONE": KEY, "PATH": os.defpath}
        done = subprocess.run(
            [sys.executable, "-c", script, str(tmp_path / "pinward.yml")],
            env=environment, capture_output=True, text=True, timeout=60, check=True,
        )  # fmt: skip
    assert done.stdout == "one: old\n"
    assert servers["one"].requests[0][1]["authorization"] == f"Bearer {KEY}"
