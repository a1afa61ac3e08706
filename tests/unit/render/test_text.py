from __future__ import annotations

import re
from xml.etree import ElementTree

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from markdown_it import MarkdownIt

from pinward.render import text
from tests.unit.render.hostile import ATTACKS, CHARACTERS
from tests.unit.render.rendered import assert_harmless, read

HOSTILE = st.text(CHARACTERS)


@pytest.mark.parametrize("hostile", ATTACKS)
def test_t9_t10_t11_known_attacks_stay_text_in_every_markdown_form(hostile: str) -> None:
    for shown in (text.code(hostile), text.prose(hostile), text.prose(f"Try {hostile} now"), text.fence(hostile)):
        assert_harmless(shown)
    head = "| a | b |\n|---|---|\n"
    reader = read(head + text.table_row([text.code(hostile), text.prose(hostile)]))
    assert reader.tags.count("td") == 2
    assert_harmless(head + text.table_row([text.code(hostile), text.prose(hostile)]))
    assert_harmless(f"<details><summary>{text.html_code(hostile)}</summary>\n\nx\n</details>")


@settings(max_examples=300, deadline=None)
@given(HOSTILE)
def test_any_text_is_harmless_as_code_prose_and_fence(hostile: str) -> None:
    for shown in (text.code(hostile), text.prose(hostile), text.fence(hostile)):
        assert_harmless(shown)


@settings(max_examples=300, deadline=None)
@given(HOSTILE, HOSTILE)
def test_any_text_keeps_to_its_table_cell(first: str, second: str) -> None:
    row = text.table_row([text.code(first), text.prose(second)])
    markdown = "| a | b |\n|---|---|\n" + row + "\n\nend"
    assert_harmless(markdown)
    assert read(markdown).tags.count("td") == 2
    # cmark-gfm (ext_scanners.re) takes a backslash and the punctuation behind it as one; markdown-it does not.
    assert len(re.findall(r"(?:\\.|[^\\|])+", row[1:-1], re.DOTALL)) == 2


@settings(max_examples=200, deadline=None)
@given(HOSTILE)
def test_t11_a_fence_gives_back_exactly_what_it_was_given(hostile: str) -> None:
    tokens = MarkdownIt("commonmark").parse(text.fence(hostile) + "\n\nend")
    assert tokens[0].type == "fence"
    assert tokens[0].content.rstrip("\n") == text.visible(hostile).rstrip("\n")
    assert tokens[2].content == "end"


@settings(max_examples=200, deadline=None)
@given(HOSTILE)
def test_a_code_span_gives_back_exactly_what_it_was_given(hostile: str) -> None:
    inline = MarkdownIt("commonmark").parse(text.code(hostile))[0:2][1]
    assert [t.type for t in inline.children or []] == ["code_inline"]
    assert (inline.children or [])[0].content.strip() == text.one_line(hostile).strip()


@pytest.mark.parametrize(
    "sentence",
    [
        "No case broke on 48, 39% cheaper.",
        "The policy asks for proof within 5 points; 12 cases cannot give it, about 75 would.",
        "`gpt-4o` answers as `gpt-4o-2024-08-06` today and shuts down on 2027-01-14.",
        "It cost $0.41 of $5.00 (a tenth), p50/p95 in seconds.",
        "The model moved it by -4.2 points, the prompt by +0.0.",
        'Did you mean "terra"?',
        "1% -> 50% skips the stage 10% (since 16:00 UTC).",
    ],
)
def test_plain_sentences_and_their_code_spans_stay_as_written(sentence: str) -> None:
    assert text.prose(sentence) == sentence


def test_words_that_could_be_markup_become_code() -> None:
    assert text.prose("pin vertex/claude@20250101, then") == "pin `vertex/claude@20250101`, then"
    assert text.prose("set no_regression (see app/chat.py:14)") == "set `no_regression` (see `app/chat.py:14`)"


@pytest.mark.parametrize(
    "char", ["\u202e", "\u200b", "\x1b", "\x00", "\ud800", "\ufeff", "\U000e0041", "\u2028", "\r", "\uffff"]
)
def test_t22_hidden_characters_are_shown_by_their_number(char: str) -> None:
    assert text.visible(f"a{char}b\n\tc") == f"a[U+{ord(char):04X}]b\n\tc"


def test_ordinary_text_in_any_script_is_left_alone() -> None:
    ordinary = "naïve café, 日本語, العربية, हिन्दी, 한국어, ❤️ 🎉 – “quoted”"
    assert text.visible(ordinary) == ordinary


@settings(max_examples=200, deadline=None)
@given(st.text())
def test_what_is_visible_is_valid_xml_and_utf8(anything: str) -> None:
    shown = text.visible(anything)
    shown.encode("utf-8")
    element = ElementTree.Element("x")
    element.text = shown
    assert (ElementTree.fromstring(ElementTree.tostring(element, "utf-8")).text or "") == shown  # noqa: S314 - our own XML


@settings(max_examples=300, deadline=None)
@given(st.text(st.sampled_from([*":# [\n\x1b\r\u202e", "a", "]"])))
def test_t12_a_log_line_never_holds_a_command_or_an_escape(hostile: str) -> None:
    shown = text.console(hostile)
    assert "::" not in shown
    assert "##[" not in shown
    assert "\x1b" not in shown
    assert "\r" not in shown


def test_workflow_command_parts_cannot_start_another_command() -> None:
    assert text.command_data("50%\n::error::x") == "50%25%0A::error::x"
    assert text.command_property("a,b:c\n") == "a%2Cb%3Ac%0A"


def test_shorten_never_exceeds_its_limit() -> None:
    assert text.shorten("abcdef", 4) == "abc…"
    assert text.shorten("abcd", 4) == "abcd"


@pytest.mark.parametrize(
    ("message", "said"),
    [
        ("the base commit cannot decide", "The base commit cannot decide."),
        ("local/gone: refused the key (HTTP 401)", "local/gone: refused the key (HTTP 401)"),
        ("tasks.extract.model: no provider", "tasks.extract.model: no provider."),
        ("Said already.", "Said already."),
        ("", ""),
    ],
)
def test_a_message_becomes_a_sentence_and_names_stay_as_they_are(message: str, said: str) -> None:
    assert text.sentence(message) == said
