from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from pinward.config.changes import TaskState, task_changes, use_changes
from pinward.core.findings import Location, ModelUse, Role
from pinward.core.model_id import ModelId
from pinward.core.policy import Json, Task


def state(model: str = "openai/a", prompt: str = "p", **params: Json) -> TaskState:
    return TaskState(Task("t", model, params=params), prompt)


def use(model: str, line: int = 1, slot: str = "s", role: Role = "selection") -> ModelUse:
    return ModelUse(ModelId("openai", model, model, "pinned"), Location("a.py", line, 1, 2), role, slot)


def test_each_part_that_changed_is_named() -> None:
    (change,) = task_changes({"t": state(temperature=0)}, {"t": state("openai/b", "q", temperature=1)})
    assert change.parts == {"model", "prompt", "params"}
    assert change.said == ("model openai/a -> openai/b", "prompt", "parameters: temperature 0 -> 1")


def test_a_number_that_becomes_a_truth_value_is_a_change() -> None:
    (change,) = task_changes({"t": state(logprobs=1)}, {"t": state(logprobs=True)})
    assert change.said == ("parameters: logprobs 1 -> True",)


def test_an_unchanged_task_is_left_out() -> None:
    assert task_changes({"t": state(x=[1])}, {"t": state(x=[1])}) == []


def test_new_and_removed_tasks_are_changes() -> None:
    new, removed = task_changes({"old": state()}, {"new": state()})
    assert [set(change.parts) for change in (new, removed)] == [{"new"}, {"removed"}]
    assert removed.name == "old"


def test_a_moved_line_is_not_a_change() -> None:
    assert use_changes([use("a", line=1)], [use("a", line=99)]) == []


def test_a_changed_name_is_paired_with_the_one_it_replaces() -> None:
    (change,) = use_changes([use("a"), use("keep", slot="k")], [use("b"), use("keep", slot="k")])
    assert (change.before, change.use.model.id) == ("a", "b")


def test_a_name_that_was_only_mentioned_is_no_selection() -> None:
    assert use_changes([], [use("a", role="prose")]) == []
    (change,) = use_changes([use("a", role="prose")], [use("a")])
    assert change.before is None


@given(st.lists(st.sampled_from("abc"), max_size=6))
def test_reordering_the_names_of_a_slot_is_not_a_change(names: list[str]) -> None:
    shuffled = sorted(names)
    assert use_changes([use(n) for n in names], [use(n) for n in shuffled]) == []


@given(st.lists(st.sampled_from("abc"), max_size=6), st.lists(st.sampled_from("abc"), max_size=6))
def test_every_surplus_name_is_reported_once(before: list[str], after: list[str]) -> None:
    surplus = sum(max(0, after.count(n) - before.count(n)) for n in "abc")
    assert len(use_changes([use(n) for n in before], [use(n) for n in after])) == surplus
