"""Text that nobody wrote by hand: whatever it is, the time to read it grows as it does, and not with its square."""

from __future__ import annotations

import time

import pytest

from pinward.scan.parsing import MAX_PROGRAM_LINE, UnparsableError, parse
from pinward.scan.scanner import scan_file
from tests.unit.scan.reading import catalog, uses

SIZE = 12_000
HOSTILE = {
    "names in parts": ("a.py", '"gpt-" + x\n'),
    "computed names": ("a.py", 'f"gpt-{x}"\n'),
    "constants of a library": ("a.py", "x(OpenAI.GPT_4O)\n"),
    "imported constants": ("A.java", "import openai.GPT_4O;\nx(GPT_4O);\n"),
    "comments that nobody closes": ("a.js", "/* gpt-4o "),
    "comments of another language": ("a.js", "# pinward: ignore[unpinned-alias] gpt-4o\n"),
    "one word of many names": ("a.ts", "gpt-4o-"),
    "code in documents": ("a.qmd", '```python\nx="gpt-4o"\n```\n'),
    "scripts in pages": ("a.vue", '<script>x="gpt-4o"</script>\n'),
    "templates that hold each other": ("a.js", '```js\nx = "gpt-4o"\n```\n'),
    "parts of names on one line": ("a.yaml", '"gpt-" + x + '),
    "statements in comments": ("a.sql", "/* gpt-4o "),
    "another language": ("a.swift", 'for a in b:\n  m = "gpt-4o"\n'),
    "texts that hold many names": ("a.ex", 'x = """gpt-4o\n'),
    "open brackets": ("a.scala", 'x = "gpt-4o"; y = ' + "[" * 1000),
    "rows on one line": ("a.scala", "('gpt-4o'),"),
    "backslashes": ("a.kt", 'x = "gpt-4o ' + "\\" * 1000),
}


def spent(path: str, unit: str, size: int, head: str = "") -> float:
    """Return the CPU seconds that the faster of two readings takes."""
    data, identify, best = (head + unit * (size // len(unit))).encode(), catalog().identify, 9e9
    for _ in range(2):
        started = time.process_time()
        scan_file(path, data, identify)
        best = min(best, time.process_time() - started)
    return best


@pytest.mark.parametrize(("path", "unit"), HOSTILE.values(), ids=HOSTILE)
def test_four_times_the_text_takes_about_four_times_as_long(path: str, unit: str) -> None:
    scan_file(path, unit.encode(), catalog().identify)  # the grammar is loaded
    assert spent(path, unit, 4 * SIZE) < 8 * spent(path, unit, SIZE) + 0.03


def test_a_list_of_names_on_one_line_is_read_in_time_that_grows_as_it_does() -> None:
    long, short = (spent("a.json", '"gpt-4o",', size, head="[") for size in (8 * SIZE, SIZE))
    assert long < 16 * short + 0.03


@pytest.mark.parametrize(
    ("path", "text"),
    [
        ("a.js", 'ask({model: "gpt-4o"});\n' + "/* a\n" * 5000),
        ("a.scala", 'ask(model = "gpt-4o")\n' + "[" * 10_000),
        ("a.py", 'ask(model="gpt-4o")\nx = "' + "a" * MAX_PROGRAM_LINE + '"\n'),
        ("a.py", 'ask(model="gpt-4o")\n' + "# a\n" * 8000),
        ("a.lua", 'model = "gpt-4o"\n' + 'if (x == "a") { y = 1; }\n' * 2000),
        ("a.vue", '<script>ask({model: "gpt-4o"});\n' + "/* a\n" * 5000 + "</script>"),
        ("a.md", '---\nmodel: gpt-4o\nx: "' + "[" * 10_000 + '"\n---\n'),
    ],
)
def test_what_a_grammar_cannot_read_in_reasonable_time_is_read_line_by_line_and_noted(path: str, text: str) -> None:
    found = scan_file(path, text.encode(), catalog().identify)
    assert found.note
    assert found.note.message.endswith(": read line by line")
    assert "gpt-4o" in [use.model.written for use in found.uses]


def test_a_long_text_is_not_cut_inside_a_string_to_see_whether_it_parses() -> None:
    prompt = "It's an `answer`: say no more than you were asked for, please.\n"
    text = f'PROMPT = """\n{prompt * 200}"""\nask(model="gpt-4o")\n' + "x = 1\n" * 4000
    assert [use.role for use in uses("a.py", text)] == ["selection"]
    assert parse(text, "python").kind == "module"


def test_globs_are_no_comments_that_nobody_closes() -> None:
    text = "".join(f'ignore("src/{number}/*")\n' for number in range(40)) + "x = 1\n" * 2000
    assert parse(text, "javascript").kind == "program"
    with pytest.raises(UnparsableError, match="does not parse"):
        parse(text + "/* a\n" * 60, "javascript")


def test_constants_behind_the_thousandth_are_counted_in_a_note() -> None:
    found = scan_file("a.py", b"ask(ChatModel.GPT_4O)\n" * 1500, catalog().identify)
    assert len(found.uses) == 1000
    assert found.note
    assert "behind its first 1,000 names" in found.note.message
    assert found.note.message.endswith("of a line, 500 are not listed")


@pytest.mark.parametrize(
    ("text", "noted"),
    [
        ('ask(model="gpt-4o")\n' * 1500, "500 are listed as mentioned in passing"),
        ("".join(f'm{number} = "gpt-4o"\n' for number in range(300)), "more than 200 variables hold names"),
        ('x = "gpt-" + y  # and more, and more\n' * 1200, "more than 1,000 names are put together from parts"),
    ],
)
def test_what_lies_beyond_a_limit_is_noted(text: str, noted: str) -> None:
    note = scan_file("a.py", text.encode(), catalog().identify).note
    assert note
    assert noted in note.message
