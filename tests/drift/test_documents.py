"""The documents say what the code does."""

from __future__ import annotations

import re
import shlex
from collections.abc import Iterator
from pathlib import Path

import click
import pytest

from pinward.errors import PRECEDENCE, ExitCode
from pinward.render.words import VERDICTS, headline, is_silent
from pinward.verbs.main import pinward
from pinward.version import __version__
from tests.golden.reports import STATES

ROOT = Path(__file__).parents[2]


def text(path: str) -> str:
    return (ROOT / path).read_text(encoding="utf-8")


@pytest.mark.parametrize("code", ExitCode)
def test_every_exit_code_is_documented(code: ExitCode) -> None:
    assert f"| {code.value} | " in text("docs/exit-codes.md")


def test_the_documented_precedence_is_the_codes() -> None:
    assert ", ".join(str(code.value) for code in PRECEDENCE) in text("docs/exit-codes.md")


def test_the_changelog_knows_this_version() -> None:
    assert f"## [{__version__}]" in text("CHANGELOG.md")


def test_readme_and_ci_run_the_same_test_command() -> None:
    assert "make test\n" in text("README.md")
    assert "make test\n" in text(".ci/run")


FIRST_LINES = re.findall(r"^\| \*\*(.+?)\*\*.*\| (.+?) \|$", text("docs/comment.md"), re.MULTILINE)
ANY = {
    "N model names float": r"\d+ model names? ",
    "N changes without a suite": r"\d+ changes? ",
    "MODEL comes first": "`",
}


@pytest.mark.parametrize("state", [name for name, report in STATES.items() if not is_silent(report)])
def test_each_first_line_stands_on_the_comments_page_with_its_exit_code(state: str) -> None:
    label, codes = headline(STATES[state]).label, str(STATES[state].exit_code)
    fitting = [(said, ends) for said, ends in FIRST_LINES if re.match(rf"{ANY.get(said, re.escape(said))}", label)]
    said, ends = max(fitting, key=lambda row: len(row[0]))
    assert ends == "the best one's" or codes in ends.split(" or "), (label, said)


def test_a_change_without_a_policy_is_told_of_where_it_ends() -> None:
    (told,) = [line for line in text("docs/comment.md").splitlines() if "no policy yet" in line]
    assert told.startswith(f"| **{VERDICTS[STATES['no_policy_yet'].verdict]}**")


DOCUMENTS = [*ROOT.glob("*.md"), *ROOT.glob("docs/**/*.md"), *ROOT.glob("examples/**/*.md")]


@pytest.mark.parametrize("path", DOCUMENTS, ids=lambda p: str(p.relative_to(ROOT)))
def test_every_relative_link_leads_somewhere(path: Path) -> None:
    prose = re.sub(r"^```.*?^```|`[^`]*`", "", path.read_text(encoding="utf-8"), flags=re.DOTALL | re.MULTILINE)
    links = re.findall(r"\]\(([^)#\s]+)(?:#[^)]*)?\)", prose)
    missing = [link for link in links if not link.startswith("http") and not (path.parent / link).exists()]
    assert not missing


def links(path: Path) -> set[Path]:
    """Return the Markdown files that a page leads to."""
    found = re.findall(r"\]\(([^)#\s:]+\.md)(?:#[^)]*)?\)", path.read_text(encoding="utf-8"))
    return {(path.parent / link).resolve() for link in found}


@pytest.mark.parametrize("start", ["README.md", "docs/README.md"])
def test_every_page_can_be_reached(start: str) -> None:
    seen: set[Path] = set()
    new = {ROOT / start}
    while new:
        seen |= new
        new = {link for page in new for link in links(page) if link.is_file()} - seen
    assert not {path.resolve() for path in ROOT.glob("docs/**/*.md")} - seen


def test_what_the_page_shows_of_gitlab_is_in_the_file_to_copy() -> None:
    (shown,) = re.findall(r"```yaml\n(.*?)```", text("docs/how-to/other-ci.md"), flags=re.DOTALL)
    assert shown in text("docs/how-to/gitlab-ci.yml")


def test_the_readme_shows_the_documented_workflow_to_the_letter() -> None:
    assert f"```yaml\n{text('docs/how-to/workflows/single-job.yml')}```" in text("README.md")


def test_every_module_that_a_text_names_exists() -> None:
    texts = [*DOCUMENTS, *ROOT.glob("src/**/*.py")]
    named = {name for path in texts for name in re.findall(r"`(pinward(?:\.\w+)+)`", path.read_text(encoding="utf-8"))}
    assert not [name for name in named - SCHEMAS if not _exists(name)]


SCHEMAS = {"pinward.yml"}


def _exists(name: str) -> bool:
    """Tell whether a dotted name is a module, or a name that a module defines."""
    path = ROOT / "src" / name.replace(".", "/")
    if path.is_dir() or path.with_suffix(".py").is_file():
        return True
    module = path.parent.with_suffix(".py")
    module = module if module.is_file() else path.parent / "__init__.py"
    return module.is_file() and re.search(rf"(?m)^(?:class|def) {path.name}\b", module.read_text("utf-8")) is not None


def shown_commands(path: Path) -> Iterator[list[str]]:
    """Yield the arguments of each `pinward` command in a page's blocks of commands, what surrounds it left out."""
    blocks = re.findall(r"^```(?:sh|shell|console|yaml)\n(.*?)^```", path.read_text("utf-8"), re.DOTALL | re.MULTILINE)
    for line in "\n".join(blocks).splitlines():
        found = re.match(r"\s*(?:[$>] |- |run: )*(?:[A-Z_]+=\S+ )*pinward (?P<arguments>[a-z-].*)", line)
        if found and not line.lstrip().startswith("pinward:"):
            arguments = shlex.split(found["arguments"], comments=True)
            ends = [n for n, word in enumerate(arguments) if word.strip("0123456789&") in {"|", "||", "&&", ">", ";"}]
            yield arguments[: ends[0] if ends else None]


PAGES = [path for path in DOCUMENTS if path.name != "CHANGELOG.md"]


@pytest.mark.parametrize("path", PAGES, ids=lambda p: str(p.relative_to(ROOT)))
def test_every_command_that_a_page_shows_is_one_that_the_program_takes(path: Path) -> None:
    for arguments in shown_commands(path):
        assert take(pinward, click.Context(pinward), arguments), arguments


def take(command: click.Command, context: click.Context, arguments: list[str]) -> bool:
    """Parse the arguments of a verb as click does, without looking for files, and say whether there is such a verb.
    Raises what click raises."""
    if isinstance(command, click.Group) and not arguments[0].startswith("-"):
        below = command.get_command(context, arguments[0])
        return below is not None and take(below, click.Context(below, parent=context), arguments[1:])
    command.make_parser(context).parse_args([word for word in arguments if word != "--debug"])
    return True


FENCE = re.compile(r"^```(\w*)\n(.*?)^```$", re.MULTILINE | re.DOTALL)
NAMED = re.compile(r"(?:[A-Z_]+=\S+ )*((?:pinward|make) [a-z].*|python3? (?:-m )?[\w./]+\b(?! -).*)")
TARGETS = set(re.findall(r"^([a-z][\w-]*):", text("Makefile"), re.MULTILINE))


def named_commands(path: Path) -> Iterator[list[str]]:
    """Yield the words of each command that a page's sentences name in backquotes, or its blocks give to a shell."""
    page = path.read_text("utf-8")
    spans = re.findall(r"`([^`]+)`", re.sub(r"\s+", " ", FENCE.sub("", page)))
    lines = [line for kind, body in FENCE.findall(page) if kind in {"sh", "console"} for line in body.splitlines()]
    for code in (*spans, *(line.removeprefix("$ ") for line in lines)):
        if found := NAMED.fullmatch(code.partition(" #")[0].strip()):
            yield found[1].split()


@pytest.mark.parametrize("path", PAGES, ids=lambda p: str(p.relative_to(ROOT)))
def test_every_command_that_a_page_names_is_there(path: Path) -> None:
    for program, *words in named_commands(path):
        if program == "pinward":
            assert not unknown_words(pinward, words), words
        elif program == "make":
            assert {word for word in words if "=" not in word} <= TARGETS, words
        else:
            assert _is_there(next(word for word in words if word != "-m")), words


def unknown_words(command: click.Command, words: list[str]) -> list[str]:
    """Return the verbs and flags among the words that the program does not have."""
    if isinstance(command, click.Group) and words and not words[0].startswith("-"):
        below = command.get_command(click.Context(command), words[0].split("|")[0])
        return words[:1] if below is None else unknown_words(below, words[1:])
    known = {flag for param in command.params for flag in (*param.opts, *param.secondary_opts)}
    flags = [word.split("=")[0] for word in words if re.match(r"--?[a-z]", word)]
    return sorted({*flags} - known - {"--help", "-h", "--debug"})


def _is_there(named: str) -> bool:
    """Tell whether a script or a module of this repository, or of Python, is there; `..` is outside: a page's own."""
    path = ROOT / (named if "/" in named else named.replace(".", "/"))
    return named.startswith("..") or path.exists() or path.with_suffix(".py").is_file() or named == "venv"


def test_the_pages_show_many_commands() -> None:
    assert sum(1 for path in PAGES for _ in shown_commands(path)) > 80
