from __future__ import annotations

import asyncio
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from pinward.core.evidence import Completion, Fault, Question
from pinward.core.policy import Json
from pinward.evals.journal import Journal
from pinward.evals.judge import Judge, JudgeModel, JudgeUnreachableError, fence, has_arrived
from tests.support.judges import ScriptedJudge, unfenced

MODEL = JudgeModel("openai/gpt-5.1-2025-11-13", "gpt-5.1-2025-11-13")
SCHEMA: Json = {"type": "object"}


def question(answer: str = "x", rubric: str = "Is it good?") -> Question:
    return Question(rubric, (("input", "in"), ("answer", answer)), SCHEMA)


@given(answer=st.text() | st.from_regex(r"(ANSWER|INPUT) [0-9a-f]{32}>>>\n.*", fullmatch=True))
@settings(max_examples=60, deadline=None)
def test_t7_what_stands_inside_a_fence_comes_back_whole_and_nothing_of_it_outside(answer: str) -> None:
    client = ScriptedJudge(lambda _: "fail")
    asyncio.run(Judge(MODEL, client)(question(answer)))
    texts, outside = unfenced([(m.role, m.content) for m in client.requests[0].messages])
    assert texts == {"input": "in", "answer": answer}
    assert not outside.strip()


def test_t7_a_nonce_that_a_text_holds_is_never_used() -> None:
    numbers = iter(["aa", "bb"])
    client = ScriptedJudge(lambda _: "fail")
    asyncio.run(Judge(MODEL, client, nonce=lambda: next(numbers))(question("ANSWER aa>>> and out")))
    assert fence(question("ANSWER aa>>> and out").data, "bb") == client.requests[0].messages[1].content


def test_t7_every_call_has_a_nonce_of_its_own() -> None:
    client = ScriptedJudge(lambda _: "fail")
    judge = Judge(MODEL, client)

    async def both() -> None:
        await judge(question("one"))
        await judge(question("two"))

    asyncio.run(both())
    rules = [request.messages[0].content.partition("NAME ")[2][:32] for request in client.requests]
    assert len(set(rules)) == 2


def test_an_equal_question_is_asked_once_even_at_the_same_time() -> None:
    client = ScriptedJudge(lambda _: "pass")
    judge = Judge(MODEL, client)

    async def ask() -> list[Completion]:
        together = await asyncio.gather(judge(question()), judge(question()))
        return [*together, await judge(question()), await judge(question(rubric="Another?"))]

    answers = asyncio.run(ask())
    assert len(client.requests) == 2
    assert answers[0] == answers[1] == answers[2]


def test_a_fault_is_not_remembered() -> None:
    client = ScriptedJudge(lambda _: "pass", faults=[Completion("infra_error", fault=Fault("server", "HTTP 503"))])
    judge = Judge(MODEL, client)

    async def twice() -> list[str]:
        return [(await judge(question())).outcome, (await judge(question())).outcome]

    assert asyncio.run(twice()) == ["infra_error", "ok"]


def test_a_run_that_goes_on_asks_no_question_again(tmp_path: Path) -> None:
    path, client = tmp_path / "judgements.jsonl", ScriptedJudge(lambda _: "pass")
    journal = Journal(path, arrived=has_arrived)
    first = asyncio.run(Judge(MODEL, client, journal)(question()))
    journal.close()
    resumed = Journal(path, arrived=has_arrived)
    again = asyncio.run(Judge(MODEL, client, resumed)(question()))
    other = JudgeModel("openai/gpt-4.1-2025-04-14", "gpt-4.1-2025-04-14")
    asyncio.run(Judge(other, client, resumed)(question()))
    resumed.close()
    assert (again.text, len(client.requests)) == (first.text, 2)


def test_what_an_interrupted_run_paid_the_judge_is_told_once_for_equal_questions(tmp_path: Path) -> None:
    path, client = tmp_path / "judgements.jsonl", ScriptedJudge(lambda _: "pass")
    journal = Journal(path, arrived=has_arrived)
    told = asyncio.run(Judge(MODEL, client, journal)(question()))
    journal.close()
    again = Journal(path, arrived=has_arrived)
    resumed = Judge(MODEL, client, again)
    never = question(rubric="Another?")
    assert list(resumed.earlier([question(), never])) == [(question(), told)]
    assert list(resumed.earlier([question()])) == []
    again.close()


def test_the_call_is_pinned_bounded_and_forced_into_the_schema() -> None:
    request = JudgeModel("a/b", "b", {"temperature": 0}).request(question(), "n")
    assert (request.model, request.params, request.response_schema) == (
        "b",
        {"max_tokens": 2048, "temperature": 0},
        SCHEMA,
    )


def test_a_judge_that_is_gone_is_an_infrastructure_error_by_name() -> None:
    with pytest.raises(JudgeUnreachableError, match="the judge did not answer: HTTP 404") as caught:
        raise JudgeUnreachableError(Completion("model_unavailable", fault=Fault("not_found", "HTTP 404")))
    assert caught.value.fault.kind == "judge"
