import asyncio
import json

import pytest

from pinward.commands.demo import application
from pinward.core.evidence import Completion, Fault, Message, Request, Usage
from pinward.providers.replay import SCHEMA, ReplayClient
from scripts.local_models import MODELS, at_addresses
from scripts.record_demo import Lines, Recorder

HELLO = Request("small", (Message("user", "hello"),), {"temperature": 0})


class Counting:
    """Answers with the number of the call, or with a fault."""

    name = "local"

    def __init__(self, fault: Fault | None = None) -> None:
        self.asked = 0
        self.fault = fault

    async def complete(self, request: Request, timeout: float) -> Completion:
        self.asked += 1
        if self.fault:
            return Completion("infra_error", fault=self.fault)
        return Completion("ok", f"answer {self.asked}", usage=Usage(3, 2), latency=0.123456, served_model="small")

    async def aclose(self) -> None:
        pass


def ask(recorder: Recorder, request: Request = HELLO) -> Completion:
    return asyncio.run(recorder.complete(request, 1.0))


def test_a_request_is_asked_once_and_its_answer_replays_as_it_was_heard() -> None:
    lines: Lines = {}
    client = Counting()
    recorder = Recorder(client, {}, lines)
    assert ask(recorder).text == ask(recorder).text == "answer 1"
    assert client.asked == 1
    recording = "\n".join([json.dumps({"schema": SCHEMA}), *lines.values()])
    replayed = asyncio.run(ReplayClient("replay", recording, "recording.jsonl").complete(HELLO, 1.0))
    assert (replayed.text, replayed.usage, replayed.latency) == ("answer 1", Usage(3, 2), 0.123)


def test_a_fault_is_passed_on_and_never_recorded() -> None:
    lines: Lines = {}
    recorder = Recorder(Counting(Fault("timeout", "late")), {}, lines)
    assert ask(recorder).outcome == "infra_error"
    assert not lines


def test_answers_that_may_differ_are_not_recorded() -> None:
    with pytest.raises(SystemExit, match="temperature 0"):
        ask(Recorder(Counting(), {}, {}), Request("small", HELLO.messages, {"temperature": 0.7}))


def test_the_example_gets_the_addresses_of_the_servers_that_run() -> None:
    addresses = {name: f"http://127.0.0.1:{50000 + n}" for n, name in enumerate(MODELS)}
    files = at_addresses(application(), addresses)
    text = files.pop("pinward.yml").decode()
    assert all(f'"{address}/v1"' in text for address in addresses.values())
    assert not any(str(model.example_port) in text for model in MODELS.values())
    assert files == {name: content for name, content in application().items() if name != "pinward.yml"}
