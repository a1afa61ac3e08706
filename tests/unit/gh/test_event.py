from __future__ import annotations

import copy
import json
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from pinward.errors import GitError, UsageError
from pinward.gh.event import Event, Mode, Plan, Trust, Workflow, plan, policy_base, printable
from pinward.gh.payload import read_event

EVENTS: dict[str, Any] = json.loads((Path(__file__).parents[2] / "data" / "events.json").read_text(encoding="utf-8"))
MERGE = "a" * 40
BASE = "b" * 40


def payload(name: str) -> dict[str, Any]:
    return copy.deepcopy(EVENTS[name][0])


def workflow(name: str, **changed: Any) -> Workflow:
    given_payload = EVENTS.get(name, [{}])[0]
    repository = given_payload.get("repository", {}).get("full_name", "acme/invoices")
    return Workflow(name, repository, MERGE, **changed)


def read(name: str, content: Any, **changed: Any) -> Event:
    return read_event(json.dumps(content).encode(), workflow(name, **changed))


def test_a_real_pull_request_of_the_same_repository_is_read() -> None:
    event = read("pull_request", payload("pull_request"))
    assert (event.trust, event.number, event.sha) == (Trust.SAME, 2, MERGE)
    assert event.head == "ec26c3e57ca3a959ca5aad62de7213c562f8c821"
    assert event.base == "f95f852bd8fca8fcc58a9a2d6c842781e32a215e"
    assert event.base_ref == "master"
    assert event.author == "Codertocat"
    assert plan(event) == Plan("gate", write=True)


def fork(content: dict[str, Any], how: str) -> dict[str, Any]:
    pull = content["pull_request"]
    if how == "deleted repository":
        pull["head"]["repo"] = None
    elif how == "other id":
        pull["head"]["repo"]["id"] += 1
    elif how == "id as text":
        pull["head"]["repo"]["id"] = str(pull["head"]["repo"]["id"])
    elif how == "no ids at all":
        for repository in (pull["head"]["repo"], pull["base"]["repo"], content["repository"]):
            del repository["id"]
    elif how == "other repository than the runner's":
        content["repository"]["full_name"] = "somebody/else"
    elif how == "Dependabot's":
        pull["user"]["login"] = "dependabot[bot]"
    elif how == "a ghost's":
        pull["user"] = None
    elif how == "re-run by Dependabot":
        content["sender"]["login"] = "dependabot[bot]"
    return content


@pytest.mark.parametrize(
    "how",
    [
        "deleted repository",
        "other id",
        "id as text",
        "no ids at all",
        "other repository than the runner's",
        "Dependabot's",
        "a ghost's",
        "re-run by Dependabot",
    ],
)
def test_trust_1_what_is_not_surely_ours_is_a_fork_and_gets_no_calls_and_no_writes(how: str) -> None:
    event = read("pull_request", fork(payload("pull_request"), how))
    assert event.trust is Trust.FORK
    modes: tuple[Mode, ...] = ("auto", "gate", "scan", "publish")
    for mode in modes:
        decided = plan(event, mode)
        assert not decided.write
        assert decided.scan_only or decided.verb != "gate"


def test_the_name_of_the_head_repository_does_not_make_it_ours() -> None:
    content = payload("pull_request")
    content["pull_request"]["head"]["repo"] = {"id": 99, "full_name": content["repository"]["full_name"]}
    assert read("pull_request", content).trust is Trust.FORK


@pytest.mark.parametrize(
    ("key", "value", "queued"),
    [
        ("", "", 104),
        ("head_ref", "refs/heads/main", None),
        ("head_ref", None, None),
        ("base_ref", "refs/heads/release", None),  # another queue's name proves nothing
    ],
)
def test_a_merge_group_tells_the_pull_request_at_its_end(key: str, value: str | None, queued: int | None) -> None:
    content = payload("merge_group")
    content["merge_group"] |= {key: value} if key else {}
    assert read("merge_group", content).queued == queued


def test_a_merge_group_is_gated_without_a_comment() -> None:
    event = read("merge_group", payload("merge_group"))
    assert event.base == "380387fbc80638b734a49e1be1c4dfec1c01b33c"
    assert event.base_ref == "main"
    assert plan(event) == Plan("gate", write=True)
    assert policy_base(event, Parents({}), lambda _: False) == event.base


def test_a_push_scans_and_only_the_default_branch_is_trusted() -> None:
    content = payload("push")
    default = content["repository"]["default_branch"]
    on_default = read("push", content, ref=f"refs/heads/{default}")
    assert (on_default.trust, plan(on_default).verb) == (Trust.TRUSTED, "scan")
    assert read("push", content, ref="refs/heads/feature").trust is Trust.SAME


def test_a_push_that_creates_a_branch_has_no_base() -> None:
    assert read("push", payload("push") | {"before": "0" * 40}).base is None


def test_a_schedule_watches() -> None:
    event = read("schedule", {"schedule": "17 4 * * *"})
    assert (event.trust, plan(event)) == (Trust.TRUSTED, Plan("watch"))


def test_a_dispatch_with_a_pull_request_gates_exactly_that_head() -> None:
    event = read("workflow_dispatch", payload("workflow_dispatch") | {"inputs": {"pr": "12", "head_sha": BASE}})
    assert (event.number, event.head, event.trust) == (12, BASE, Trust.TRUSTED)
    assert plan(event) == Plan("gate", write=True)


def test_a_dispatch_without_one_watches() -> None:
    assert plan(read("workflow_dispatch", payload("workflow_dispatch"))).verb == "watch"
    assert plan(read("workflow_dispatch", {"inputs": None})).verb == "watch"


@pytest.mark.parametrize("inputs", [{"pr": "12"}, {"pr": "1; rm", "head_sha": BASE}, {"pr": "0", "head_sha": BASE}])
def test_a_dispatch_that_does_not_name_number_and_commit_is_refused(inputs: dict[str, str]) -> None:
    with pytest.raises(UsageError):
        read("workflow_dispatch", {"inputs": inputs})


@pytest.mark.parametrize(
    ("name", "content"),
    [
        ("pull_request", {"action": "closed"}),
        ("push", {"deleted": True, "after": "0" * 40}),
        ("merge_group", {"action": "destroyed"}),
    ],
)
def test_what_is_over_needs_no_work(name: str, content: dict[str, Any]) -> None:
    decided = plan(read(name, payload(name) | content))
    assert decided.verb is None
    assert decided.why


@pytest.mark.parametrize("number", [None, "2", True, 2.0, 0, -1, 2**53])
def test_a_pull_request_has_a_number_or_is_refused(number: object) -> None:
    content = payload("pull_request")
    content["pull_request"]["number"] = content["number"] = number
    with pytest.raises(UsageError, match="is not a number"):
        read("pull_request", content)


def test_pull_request_target_is_refused_with_the_reason() -> None:
    with pytest.raises(UsageError, match="secrets beside a fork's code"):
        read("pull_request_target", payload("pull_request"))


def test_the_default_branch_gates_a_push_without_writing_and_other_branches_do_not() -> None:
    content = payload("push") | {"before": "1" * 40}
    default = content["repository"]["default_branch"]
    decided = plan(read("push", content, ref=f"refs/heads/{default}"), "gate")
    assert (decided.verb, decided.write) == ("gate", False)
    for event in (
        read("push", content, ref="refs/heads/feature"),
        read("push", content | {"before": "0" * 40}, ref=f"refs/heads/{default}"),
    ):
        with pytest.raises(UsageError, match="nothing to compare"):
            plan(event, "gate")


def test_gate_without_anything_to_compare_is_refused() -> None:
    with pytest.raises(UsageError, match="nothing to compare"):
        plan(read("schedule", {}), "gate")


class Parents:
    """A history of which only the parents are known."""

    def __init__(self, known: dict[str, tuple[str, ...]]) -> None:
        self.known = known

    def parents(self, sha: str) -> tuple[str, ...]:
        return self.known[sha]


def test_trust_2_the_policy_is_read_from_the_first_parent_of_the_test_merge() -> None:
    event = read("pull_request", payload("pull_request"))
    newer = "c" * 40
    history = Parents({MERGE: (newer, event.head)})
    assert policy_base(event, history, lambda sha: sha == newer) == newer


def test_trust_2_a_first_parent_that_is_not_on_the_base_branch_is_refused() -> None:
    event = read("pull_request", payload("pull_request"))
    with pytest.raises(GitError, match="is not on `master`"):
        policy_base(event, Parents({MERGE: ("c" * 40, event.head)}), lambda _: False)


@pytest.mark.parametrize("parents", [(), (BASE,), (BASE, "d" * 40), (BASE, "HEAD", "d" * 40)])
def test_trust_2_a_commit_that_is_not_the_test_merge_chooses_no_policy(parents: tuple[str, ...]) -> None:
    event = read("pull_request", payload("pull_request"))
    with pytest.raises(GitError, match="is not the test merge"):
        policy_base(event, Parents({MERGE: parents}), lambda _: True)


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=20),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=8), inner, max_size=3),
    max_leaves=8,
)
PLACES = ["pull_request", "number", "head", "base", "repo", "sha", "ref", "id", "user", "login", "repository", "action"]


@given(st.data())
@settings(max_examples=300, deadline=None)
def test_a_hostile_pull_request_is_refused_or_never_gains_trust(data: st.DataObject) -> None:
    content = payload("pull_request")
    node: Any = content
    for _ in range(data.draw(st.integers(1, 4))):
        names = [name for name in PLACES if isinstance(node, dict) and name in node]
        if not names:
            break
        parent, name = node, data.draw(st.sampled_from(names))
        node = node[name]
    parent[name] = data.draw(JSON)
    try:
        event = read("pull_request", content)
    except UsageError:
        return
    assert len(event.head) in (40, 64)
    if event.trust is not Trust.FORK:
        pull = content["pull_request"]
        ids = [pull["head"]["repo"]["id"], pull["base"]["repo"]["id"], content["repository"]["id"]]
        assert ids == [ids[0]] * 3
        assert type(ids[0]) is int
        assert pull["user"]["login"] not in (None, "dependabot[bot]")


@given(st.binary(max_size=200))
@settings(max_examples=200, deadline=None)
def test_any_bytes_are_read_or_refused_with_a_hint(content: bytes) -> None:
    # No bytes this short are a pull request, so that nothing else than a refusal may come out.
    with pytest.raises(UsageError) as refused:
        read_event(content, workflow("pull_request"))
    assert refused.value.hint


def test_t17_a_deeply_nested_event_is_refused() -> None:
    with pytest.raises(UsageError, match="not JSON"):
        read_event(b"[" * 200_000, workflow("pull_request"))


@pytest.mark.parametrize("repository", ["", "acme", "acme/", "/app", "acme/app/more", "acme/app?x=1", "acme/app\n"])
def test_a_repository_that_is_not_owner_and_name_is_refused(repository: str) -> None:
    with pytest.raises(UsageError, match="GITHUB_REPOSITORY"):
        read_event(json.dumps(payload("push")).encode(), Workflow("push", repository, MERGE))


def test_a_name_is_cut_where_it_is_too_long_to_show_and_says_so() -> None:
    assert (printable("a" * 100), printable("a" * 101)) == ("a" * 100, "a" * 100 + "...")


@given(st.text(max_size=300))
def test_hostile_names_are_shown_as_plain_ascii(text: str) -> None:
    shown = printable(text)
    assert shown.isascii()
    assert not set(shown) & set("\r\n`<>@[]%:")
