from __future__ import annotations

from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pinward.core.ignores import Ignore
from pinward.lifecycle.catalog import load
from pinward.scan.scanner import scan_file
from pinward.scan.suppression import ignores_in

TEXT = "pinward: ignore[unpinned-alias] until=2027-01-01 the gateway pins it"


def one(text: str, path: str = "app.py") -> Ignore:
    (ignore,) = ignores_in(path, text)
    return ignore


@pytest.mark.parametrize(
    "line",
    [
        f"x = 'gpt-5.5'  # {TEXT}",
        f"x = 'gpt-5.5' // {TEXT}",
        f"x = 'gpt-5.5' /* {TEXT} */",
        f"select 'gpt-5.5' -- {TEXT}",
        f"<b>gpt-5.5</b> <!-- {TEXT} -->",
        f"model=gpt-5.5 ; {TEXT}",
        f"x = 'gpt-5.5' % {TEXT}",
        f"let x = 'gpt-5.5' (* {TEXT} *)",
        f"{{{{ model }}}} {{# {TEXT} #}}",
        f"x = 'gpt-5.5'  # type: ignore # {TEXT}",
        f'    "model=\\"gpt-5.5\\"  # {TEXT}\\n",',
        f"x = 'gpt-5.5'  # {TEXT}\r",
        f"x = 'gpt-5.5' <# {TEXT} #>",
        f"local x = 'gpt-5.5' --[[ {TEXT} ]]",
        f"<% x %> <%# {TEXT} %>",
        f"gpt-5.5 {{{{! {TEXT} }}}}",
        f"gpt-5.5 @* {TEXT} *@",
        f"<Chat /> {{/* {TEXT} */}}",
        f"x = 'gpt-5.5'; {{{{!-- {TEXT} --}}}}",
    ],
)
def test_a_comment_is_read_in_the_syntax_of_every_language(line: str) -> None:
    ignore = one(f"first\n{line}\nlast")
    assert ignore.rules == {"unpinned-alias"}
    assert (ignore.until, ignore.reason, ignore.problem) == (date(2027, 1, 1), "the gateway pins it", "")
    assert ignore.lines == (2,)


def test_a_comment_alone_speaks_for_the_next_line_that_is_none_of_its_kind() -> None:
    first, second = ignores_in("a.py", "x\n  # pinward: ignore[a-b]\n  # pinward: ignore[c]\nmodel\n")
    assert first.lines == (2, 4)
    assert second.lines == (3, 4)


@pytest.mark.parametrize(
    "comment",
    [
        "/**\n * {}\n */",
        "  {{/* {} */}}",
        ";; {}",
        "<!-- {}\n-->",
        "! {}",
        ":: {}",
        "(** {} *)",
        "// {}\n// pinward: ignore[other]",
        "--[[ {}\n]]",
        "@* {} *@",
    ],
)
def test_a_comment_alone_on_its_line_or_lines_speaks_for_the_code_behind_it(comment: str) -> None:
    text = comment.replace("{}", TEXT, 1).replace("{{", "{").replace("}}", "}")
    ignore = ignores_in("a", f"{text}\nmodel = gpt-5.5\nmodel = gpt-5.5\n")[0]
    assert (ignore.lines or ())[-1] == text.count("\n") + 2
    assert ignore.reason == "the gateway pins it"


def test_a_hundred_thousand_comments_in_a_row_are_read_in_linear_time() -> None:
    found = ignores_in("a.py", "# pinward: ignore[a]\n" * 20_000 + "model\n")
    assert {(ignore.lines or ())[-1] for ignore in found} == {20_001}


def test_a_comment_of_the_file_speaks_for_every_line_and_names_several_rules() -> None:
    ignore = one("# pinward: ignore-file[retiring-soon, unpinned-alias] legacy\n")
    assert ignore.lines is None
    assert ignore.rules == {"retiring-soon", "unpinned-alias"}
    assert ignore.reason == "legacy"


@pytest.mark.parametrize(
    ("comment", "problem"),
    [
        ("# pinward: ignore", "it names no rule in brackets"),
        ("# pinward: ignore because", "it names no rule in brackets"),
        ("# pinward: ignore[] because", "it names no rule in brackets"),
        ("# pinward: ignore[a] until=2027-13-01", "its `until=` is no date (YYYY-MM-DD)"),
        ("# pinward: ignore[a] until= soon", "its `until=` is no date (YYYY-MM-DD)"),
    ],
)
def test_a_comment_that_cannot_be_understood_says_so(comment: str, problem: str) -> None:
    assert one(comment).problem == problem


@pytest.mark.parametrize("text", [f"x = '{TEXT}'", f"`{TEXT}`", "# pinward: ignored", "# notpinward: ignore[a]"])
def test_words_that_no_comment_mark_leads_are_no_comment(text: str) -> None:
    assert ignores_in("a.md", text) == ()


@pytest.mark.parametrize(
    ("path", "text", "count"),
    [
        ("a.py", 'x = "# pinward: ignore[unpinned-alias]"\n', 0),
        ("a.py", "x = 1  # pinward: ignore[unpinned-alias]\n", 1),
        ("a.py", 'x = """\nmodel: gpt-5.5  # pinward: ignore[unpinned-alias]\n"""\n', 1),
        ("a.ts", "const x = '// pinward: ignore[unpinned-alias]'\n", 0),
        ("a.ts", "const x = 'y' // pinward: ignore[unpinned-alias]\n", 1),
        ("a.yaml", "model: gpt-5.5  # pinward: ignore[unpinned-alias]\n", 1),
        ("a.sh", "ask --model gpt-5.5  # pinward: ignore[unpinned-alias]\n", 1),
        ("a.go", "x := y /* pinward: ignore[unpinned-alias] */\n", 1),
        ("a.jsonc", '{"model": "gpt-5.5" // pinward: ignore[unpinned-alias]\n}\n', 1),
        ("main.tf", 'model = "gpt-5.5" # pinward: ignore[unpinned-alias]\n', 1),
        ("Dockerfile", "# pinward: ignore[unpinned-alias]\nENV MODEL=gpt-5.5\n", 1),
        ("a.ipynb", '{"cells": [{"source": ["x = 1  # pinward: ignore[unpinned-alias]\\n"]}]}\n', 1),
        ("agent.md", "---\nmodel: gpt-5.5  # pinward: ignore[unpinned-alias]\n---\n# pinward: ignore[a]\n", 1),
    ],
)
def test_a_comment_counts_where_the_language_has_one_and_not_where_it_is_quoted(
    path: str, text: str, count: int
) -> None:
    assert len(scan_file(path, text.encode(), load().identify).ignores) == count


@given(st.text(alphabet=st.sampled_from("#/*'\"-<!> \n\r\t[],=pinward:ignore-file until20"), max_size=200))
def test_any_text_is_read_and_every_place_is_inside_it(text: str) -> None:
    lines = text.split("\n")
    for ignore in ignores_in("a", text):
        place = ignore.location
        assert lines[place.line - 1][place.column - 1 : place.end - 1].startswith("pinward:")
