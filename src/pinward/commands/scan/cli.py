"""`pinward scan` from the command line: flags in, files read and written, an exit code out."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Literal, TextIO

from pinward.commands.scan.run import ScanOptions, scan
from pinward.commands.written import save
from pinward.config.project import load_project, require_if_named
from pinward.core.policy import Project
from pinward.core.screen import PIPE, Screen
from pinward.errors import ConfigError, ExitCode
from pinward.git.tree import WorkTree
from pinward.lifecycle.catalog import load
from pinward.rules.table import require_known

if TYPE_CHECKING:
    from pinward.commands.scan.fix import Level
    from pinward.core.findings import Edit
    from pinward.git.listing import Search


@dataclass(frozen=True, slots=True)
class Flags:
    """The flags of the verb."""

    today: date
    format: str = "console"
    output: Path | None = None
    persona: Literal["user", "auditor"] = "user"
    config: str = "pinward.yml"
    baseline: Path | None = None
    since: str | None = None
    fix: Level | None = None
    screen: Screen = PIPE


def run(path: Path, flags: Flags, out: TextIO, log: TextIO, searching: Search | None = None) -> ExitCode:
    """Scan a folder, or one file of its folder, and write the report to `out` or a file; with `fix`, mend first and say
    on `log` what was done.

    `searching` is the search of the folder that was started already; after fixes it would be out of date.
    """
    path, only = (path.parent, path.name) if path.is_file() else (path, None)
    tree, catalog = WorkTree(path), load()
    project = load_project(tree, flags.config)
    require_if_named(flags.config, project)
    policy = (project or Project()).policy
    require_known(policy.scan.fail_on)
    known = _known(flags.baseline)
    screen = Screen(detail=flags.screen.detail) if flags.output else flags.screen
    options = ScanOptions(
        flags.today,
        flags.format,
        flags.persona,
        policy.scan,
        policy.lifecycle,
        known,
        flags.since,
        project,
        screen,
        only,
    )
    if flags.fix:
        # It knows all providers, whose import a plain scan need not pay.
        from pinward.commands.scan.fix import fix, said

        # `tree` has read the file before it is saved: it is a regular file inside the folder.
        made: list[Edit] = []
        try:
            made.extend(fix(path, tree, catalog, options, flags.fix, lambda name, data: save(path / name, data)))
        finally:  # a file that cannot be written leaves those before it changed
            log.writelines(said(made))
    write = out.write if flags.output is None else partial(_save_text, flags.output)
    return scan(path, tree, catalog, options, write, searching)


def _save_text(path: Path, text: str) -> None:
    save(path, text.encode("utf-8"))


def _known(path: Path | None) -> frozenset[str]:
    if path is None:
        return frozenset()
    from pinward.core import baseline

    try:
        data = path.read_bytes()
    except OSError as error:
        raise ConfigError(f"{path}: cannot be read: {error.strerror}", baseline.HINT) from None
    return baseline.parse(data, str(path))
