"""The hooks that others install are commands that this version has."""

from __future__ import annotations

from pathlib import Path

import click
import pytest
import yaml

from pinward.verbs.main import pinward
from pinward.version import __version__

MANIFEST = Path(__file__).parents[2] / ".pre-commit-hooks.yaml"
HOOKS = yaml.safe_load(MANIFEST.read_text(encoding="utf-8"))


@pytest.mark.parametrize("hook", HOOKS, ids=lambda hook: hook["id"])
def test_a_hook_is_a_command_with_flags_that_exist(hook: dict[str, object]) -> None:
    program, verb, *flags = str(hook["entry"]).split()
    assert program == "pinward"
    command = pinward.get_command(click.Context(pinward), verb)
    assert command is not None
    context = command.make_context(verb, flags, resilient_parsing=False)
    assert isinstance(context, click.Context)
    assert (hook["language"], hook["pass_filenames"]) == ("python", False)


def test_the_page_names_every_hook_and_this_version() -> None:
    page = (MANIFEST.parent / "docs" / "scan.md").read_text(encoding="utf-8")
    assert all(f"id: {hook['id']}\n" in page for hook in HOOKS)
    assert f"rev: v{__version__}\n" in page
