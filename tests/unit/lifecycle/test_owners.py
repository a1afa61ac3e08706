"""CODEOWNERS as GitHub reads it."""

from __future__ import annotations

import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pinward.lifecycle.owners import read


@pytest.mark.parametrize(
    ("pattern", "owned", "not_owned"),
    [
        ("*", "app/llm.py", None),
        ("*.py", "app/deep/llm.py", "app/llm.ts"),
        ("/build/logs/", "build/logs/x/y.log", "app/build/logs/x"),
        ("docs/*", "docs/start.md", "docs/build/start.md"),
        ("apps/", "src/apps/a.py", "src/apps.py"),
        ("/apps/github", "apps/github/x.py", "other/apps/github"),
        ("**/logs", "deep/er/logs/x", "deep/logs.txt"),
        ("app/**/prompts", "app/a/b/prompts/x.yml", "lib/app/prompts"),
        ("app/**", "app/a/b.py", "lib/app/a.py"),
        ("model?.py", "a/model1.py", "a/model12.py"),
        ("my\\ folder/a.py", "my folder/a.py", "folder/a.py"),
        ("a+b.py", "a+b.py", "aab.py"),
    ],
)
def test_a_pattern_owns_what_github_says_it_owns(pattern: str, owned: str, not_owned: str | None) -> None:
    owners = read(f"{pattern} @acme/ml ops@example.com # who")
    assert owners.of(owned) == ("@acme/ml", "ops@example.com")
    assert not_owned is None or owners.of(not_owned) == ()


def test_the_last_match_wins_and_may_name_nobody() -> None:
    owners = read("# all\n* @acme/all\n\n/app/ @acme/app\n/app/free.py\n!x @no\n[a]x @no\n")
    assert (owners.of("x"), owners.of("app/a.py"), owners.of("app/free.py")) == (("@acme/all",), ("@acme/app",), ())


def test_a_line_that_names_no_owner_at_all_is_skipped_and_a_byte_order_mark_is_none_of_the_pattern() -> None:
    owners = read("\ufeff*.py @acme/all\na.py alice\nb.py @acme/app, @acme/ml\nc.py @a @b/c d@example.com\n")
    assert (owners.of("a.py"), owners.of("b.py")) == (("@acme/all",), ("@acme/all",))
    assert owners.of("c.py") == ("@a", "@b/c", "d@example.com")


def test_a_pattern_full_of_stars_ends_at_once() -> None:
    started = time.perf_counter()
    assert read("**/" * 80 + "x @a\n" + "*a" * 12 + "b @a").of("a/" * 60 + "a" * 60) == ()
    assert time.perf_counter() - started < 2


@given(st.text(max_size=200), st.text(max_size=60))
def test_no_text_breaks_the_reader(text: str, path: str) -> None:
    assert isinstance(read(text).of(path), tuple)


def test_a_large_file_is_read_to_its_end_and_one_that_github_does_not_load_names_nobody() -> None:
    assert read("* @old\n" + "# c\n" * 20_000 + "* @new\n").of("a.py") == ("@new",)
    assert read("* @old\n" + "#" * 3_000_000).of("a.py") == ()
