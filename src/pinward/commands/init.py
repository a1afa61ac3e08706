"""`pinward init`: propose tasks from the models that a repository calls, and write the files of a first gate."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import date
from pathlib import Path, PurePosixPath
from typing import TextIO

from pinward.commands.packaged import packaged
from pinward.commands.scan.run import ScanOptions, examine
from pinward.commands.written import Written
from pinward.config.project import DEFAULT_PATH, load_project
from pinward.config.reference import key_of
from pinward.core.facts import Catalog
from pinward.core.findings import Location, ModelUse
from pinward.core.quantities import count
from pinward.core.screen import PIPE, Screen
from pinward.core.tree import Tree
from pinward.errors import ExitCode, UsageError
from pinward.evals.lint import EXAMPLE
from pinward.evals.suite import load_suite
from pinward.providers.endpoints import KNOWN
from pinward.render import scan_console
from pinward.render.text import console, one_line
from pinward.scan.languages import is_program
from pinward.version import doc

MAX_TASKS = 8
WORKFLOWS = {
    ".github/workflows/pinward.yml": "single-job.yml",
    ".github/workflows/pinward-nightly.yml": "nightly.yml",
}
# Names that say nothing of the job: the folder around them does.
_GENERIC = frozenset(
    {"init", "main", "app", "config", "settings", "index", "client", "llm", "utils", "constants", "default", "models"}
)
# What answers with anything but text has no place in a suite of prompts.
_NOT_TEXT = re.compile(
    r"embed|whisper|tts|dall-e|image|imagen|moderation|rerank|transcribe|realtime|audio|speech|sora|veo|video"
)
_KEY_LINE = re.compile(r"^ +OPENAI_API_KEY: .*\n", re.MULTILINE)


@dataclass(frozen=True, slots=True)
class Proposal:
    """One task: its name, the model that is called today, where, and the key there, where an application reads it."""

    task: str
    model: str
    place: Location
    key: str | None = None

    @property
    def suite(self) -> str:
        """Where its suite goes."""
        return f"evals/{self.task}.yml"


@dataclass(frozen=True, slots=True)
class Person:
    """Whom `init` talks to: `ask` answers whether a file that exists may be replaced, `out` is read on `screen`."""

    ask: Callable[[str], bool]
    out: TextIO
    screen: Screen = PIPE


def run(root: Path, tree: Tree, catalog: Catalog, today: date, person: Person) -> ExitCode:
    """Write `pinward.yml`, a suite a task and two workflows, then print the first scan; what stays is named.

    Raises `UsageError` where nothing can be read or written.
    """
    out = person.out
    report = examine(root, tree, catalog, ScanOptions(today))
    proposals, left = propose(report.facts.uses, tree)
    files = drafts(proposals)
    _check(tree, files)
    kept = _write(root, files, person.ask, out)
    out.writelines(f"left out: {console(line)}\n" for line in left)
    out.write("\n" + scan_console.render(report, person.screen))
    out.write("\n" + _next_step(proposals, kept))
    return ExitCode.OK


def propose(uses: Iterable[ModelUse], tree: Tree) -> tuple[list[Proposal], list[str]]:
    """Return one task for each file that sends a text model's name to a provider Pinward can ask, and what is left."""
    proposals: dict[str, Proposal] = {}
    left: list[str] = []
    seen: set[tuple[str, str]] = set()
    for use, key in _sources(uses, tree):
        model, where = use.model, one_line(f"{use.location.path}:{use.location.line}")
        is_repeated = not key and not is_program(use.location.path) and model.id in {name for _, name in seen}
        if is_repeated or (use.location.path, model.id) in seen:
            continue
        seen.add((use.location.path, model.id))
        if model.provider not in KNOWN:
            left.append(f"{where}: {model.written}: name its provider under `providers:` first ({doc('providers.md')})")
        elif len(proposals) == MAX_TASKS:
            left.append(f"{where}: {model.written}: add a task for it by hand")
        else:
            name = _task_name(use, proposals)
            proposals[name] = Proposal(name, f"{model.provider}/{model.id}", use.location, key)
    return list(proposals.values()), left


def _sources(uses: Iterable[ModelUse], tree: Tree) -> list[tuple[ModelUse, str | None]]:
    """Return the uses of text models, each with the key that an application reads it by, if any.

    Files of settings that are read come first, then programs; what samples and infrastructure repeat comes last.
    """
    found = []
    for use in uses:
        if use.role == "selection" and not _NOT_TEXT.search(use.model.id.lower()):
            key = key_of(tree, use.location.path, f"{use.model.provider}/{use.model.id}")
            rank = 0 if key else 1 if is_program(use.location.path) else 2
            found.append(((rank, use.model.provider not in KNOWN), use, key))
    return [(use, key) for _, use, key in sorted(found, key=lambda one: one[0])]


def _task_name(use: ModelUse, taken: Iterable[str]) -> str:
    """Name a task after its file, after the folder where the file's name says nothing, else after the setting."""
    pure = PurePosixPath(use.location.path)
    parts = [*reversed(pure.parts[:-1])]
    words = [re.sub(r"[^A-Za-z0-9]+", "_", part.split(".")[0]).strip("_").lower() for part in (pure.name, *parts)]
    telling = [word for word in words if word and word not in _GENERIC]
    setting = re.sub(r"[^A-Za-z0-9]+", "_", use.slot.rpartition("/")[2]).strip("_").lower()
    name = (telling or [word for word in words if word not in {"", "init"}] or [setting or "task"])[0][:60]
    number = 2
    unique = name
    while unique in taken:
        unique, number = f"{name}_{number}", number + 1
    return unique


def drafts(proposals: list[Proposal]) -> dict[str, str]:
    """Return the files to write, by path: the configuration and a suite a task where there are tasks, the workflows."""
    files = {DEFAULT_PATH: _configuration(proposals)} if proposals else {}
    files |= {proposal.suite: _suite(proposal) for proposal in proposals}
    providers = dict.fromkeys(proposal.model.split("/")[0] for proposal in proposals)
    keys = [key for provider in providers if (key := KNOWN[provider].key_env)] or ["OPENAI_API_KEY"]
    return files | {path: _workflow(packaged("workflows", name), keys) for path, name in WORKFLOWS.items()}


def _configuration(proposals: list[Proposal]) -> str:
    lines = [f"# What the gate guards. Settings: {doc('configuration.md')}", "version: 1", "tasks:"]
    for proposal in proposals:
        place = one_line(f"{proposal.place.path}:{proposal.place.line}")
        lines.append(f"  {proposal.task}:")
        if proposal.key:
            lines.append(f"    model: {{file: {_quoted(proposal.place.path)}, key: {_quoted(proposal.key)}}}")
        else:
            lines += [f"    # As in {place}. Let the application read it here, so that one edit changes both."]
            lines += [f"    model: {_quoted(proposal.model)}"]
        lines.append(f"    suite: {proposal.suite}")
    return "\n".join(lines) + "\n"


def _quoted(text: str) -> str:
    """Write a YAML string: a plain one where that is safe, else in single quotes."""
    return text if re.fullmatch(r"[A-Za-z][\w./-]*", text) else "'" + text.replace("'", "''") + "'"


def _suite(proposal: Proposal) -> str:
    return f"""\
# Cases of {proposal.task}. Replace this one by inputs that the application really gets, and say what a good answer is.
# Checks: {doc("graders/README.md")}
cases:
  - id: first-example
    category: happy_path
    input: {EXAMPLE}
    checks:
      - length: {{min: 1}}
"""


def _workflow(text: str, keys: list[str]) -> str:
    line = _KEY_LINE.search(text)
    if line is None:
        return text
    return text.replace(line.group(), "".join(line.group().replace("OPENAI_API_KEY", key) for key in keys))


def _check(tree: Tree, files: dict[str, str]) -> None:
    drafted = Written(tree, files)
    if DEFAULT_PATH in files:
        load_project(drafted)
    for path in files:
        if path.startswith("evals/"):
            load_suite(drafted, path)


def _write(root: Path, files: dict[str, str], ask: Callable[[str], bool], out: TextIO) -> set[str]:
    """Write the files that are new or may be replaced, and return those that stay as they are.

    Where the configuration stays, the suites of tasks that it does not name are not written either.
    """
    kept: set[str] = set()
    for path, text in files.items():
        target = root / path
        orphan = DEFAULT_PATH in kept and path.startswith("evals/")
        if orphan or (target.exists() and not ask(f"{path} exists. Replace it?")):
            kept.add(path)
            out.write("" if orphan else f"kept: {path}\n")
            continue
        try:
            target.parent.mkdir(parents=True, exist_ok=True)
            target.write_text(text, encoding="utf-8")
        except OSError as error:
            raise UsageError(
                f"{path}: cannot be written: {error.strerror}", "Check the folder and its permissions."
            ) from None
        out.write(f"wrote: {path}\n")
    return kept


def _next_step(proposals: list[Proposal], kept: set[str]) -> str:
    if not proposals:
        return (
            "No task proposed: no file sends the name of a text model. `pinward scan` and `pinward watch` need none.\n"
        )
    if DEFAULT_PATH in kept:
        return f"{DEFAULT_PATH} stays as it is; `pinward suite lint` checks it.\n"
    tasks = count(len(proposals), "task")
    return f"{tasks} proposed. Write real cases in evals/, run `pinward suite lint`, and open a pull request.\n"
