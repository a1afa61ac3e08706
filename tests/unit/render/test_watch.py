"""The faces of a night: console, summary, dashboard, news and proposal, with anything in their data."""

from __future__ import annotations

import json
import re

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from pinward.core.findings import Edit
from pinward.core.report import ChecklistItem
from pinward.lifecycle.alerts import from_line, to_line
from pinward.render import dashboard, proposal
from pinward.render.proposal import Proven
from pinward.render.text import prose
from pinward.render.watch import Night, to_console, to_json, to_markdown
from tests.unit.render.hostile import TEXTS
from tests.unit.render.hostile_nights import NIGHTS, TODAY
from tests.unit.render.rendered import assert_harmless

MANY = settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.too_slow])


def changes(night: Night) -> list[dashboard.Change]:
    told = dashboard.standings(night)
    return [dashboard.change(night, mark, None) for mark in (*told, "0" * 16)]


@MANY
@given(NIGHTS)
def test_t9_t10_t11_no_face_of_a_night_shows_a_link_mention_image_or_element_from_data(night: Night) -> None:
    body = dashboard.body(night, to_line(dashboard.standings(night)))
    assert_harmless(body.partition("\n\n")[2], "h3", "sub")
    assert_harmless(to_markdown(night), "h2")
    assert_harmless(dashboard.comment(changes(night), night))


@MANY
@given(NIGHTS)
def test_what_was_told_is_read_back_whatever_the_night_held(night: Night) -> None:
    now = dashboard.standings(night)
    assert from_line(dashboard.told(dashboard.body(night, to_line(now)))) == now


@MANY
@given(NIGHTS)
def test_a_terminal_gets_no_control_character_and_a_log_no_command(night: Night) -> None:
    text = to_console(night)
    assert not re.search("[\x00-\x08\x0b-\x1f\x7f\u202a-\u202e]", text)
    assert not re.search(r"^\s*(?:::|##\[)", text, re.MULTILINE)


@MANY
@given(NIGHTS)
def test_messages_are_data_and_slack_reads_no_mention_or_link(night: Night) -> None:
    assert json.loads(to_json(night))["schema"] == "pinward.watch/1"
    assert json.loads(dashboard.plain(changes(night), night, ""))["schema"] == "pinward.news/1"
    text = json.loads(dashboard.slack(changes(night), night, ""))["text"]
    assert not re.search("[<>]", text)
    assert len(text) <= dashboard.MAX_TEXT * 5


@MANY
@given(NIGHTS, st.lists(TEXTS, min_size=1, max_size=4), st.booleans())
def test_t9_t10_t11_a_proposal_shows_nothing_from_data_and_keeps_its_proof_and_what_was_ticked(
    night: Night, texts: list[str], bot: bool
) -> None:
    clean = [text.encode("utf-8", "replace").decode("utf-8") for text in texts]
    items = [ChecklistItem(text=text[:300], state="done", evidence=text[:300]) for text in clean]
    edits = [Edit(text, 3, text, text, (text,)) for text in clean]
    proven = Proven([f"- {prose(text)}" for text in clean], [proposal.check(item) for item in items])
    body = proposal.body(night.endings, edits, proven, TODAY, bot)
    assert_harmless(body.replace("- [ ] ", "- ").replace("- [x] ", "- "), "h2")
    assert len(proposal.title(night.endings, clean[0])) <= 200 if night.endings else True
    again = proposal.body(night.endings, edits, proposal.proven_in(body), TODAY, bot)
    assert again == body


def test_the_patch_of_a_workflow_stays_inside_its_fence() -> None:
    text = proposal.patches(["--- a/x\n+```\n+@octocat\n````\n"])
    assert_harmless(text.partition("\n")[2])
