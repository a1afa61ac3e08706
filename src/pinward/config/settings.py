"""The only reader of the environment. Everything else gets a frozen `Settings`."""

from __future__ import annotations

import os
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

from pinward.core.screen import PIPE, Screen


@dataclass(frozen=True, slots=True)
class GitHubSettings:
    """What GitHub Actions tells a job: https://docs.github.com/actions/reference/workflows-and-actions/variables."""

    event_name: str = ""
    event_path: str = ""
    repository: str = ""
    workspace: str = ""
    sha: str = ""
    ref: str = ""
    run_id: str = ""
    run_attempt: int = 0
    actor: str = ""
    api_url: str = "https://api.github.com"
    server_url: str = "https://github.com"
    output_file: str = ""
    summary_file: str = ""
    token: str = field(default="", repr=False)


@dataclass(frozen=True, slots=True)
class Settings:
    """The environment of one process. Keys are looked up by the name that the base policy allows, one by one."""

    github: GitHubSettings = GitHubSettings()
    inputs: Mapping[str, str] = field(default_factory=dict)
    no_color: bool = False
    screen: Screen = PIPE
    _environ: Mapping[str, str] = field(default_factory=dict, repr=False)

    def key(self, name: str) -> str | None:
        """Return the value of a key variable, or None where it is unset or blank."""
        return self._environ.get(name, "").strip() or None

    def prefixed(self, prefix: str) -> dict[str, str]:
        """Return the variables whose names begin so."""
        return {name: value for name, value in self._environ.items() if name.startswith(prefix)}

    @property
    def store(self) -> Path | None:
        """Return the file with this machine's earlier answers; None in CI (docs/threats.md T24)."""
        is_ci = (self.key("CI") or "false").lower() not in {"false", "0"} or self.key("GITHUB_ACTIONS") is not None
        folder = None if is_ci else self.data_folder
        return folder / "samples.sqlite" if folder else None

    @property
    def data_folder(self) -> Path | None:
        """Return where fetched data is kept (XDG Base Directory Specification), None where there is no home."""
        home = self.key("HOME")
        cache = self.key("XDG_CACHE_HOME") or (f"{home}/.cache" if home else None)
        return Path(cache) / "pinward" if cache and cache.startswith("/") else None


def _number(text: str) -> int:
    return int(text) if text.isdecimal() else 0


def _inputs(environ: Mapping[str, str]) -> dict[str, str]:
    """Return the action's inputs: the runner passes `report-dir` as INPUT_REPORT-DIR."""
    prefix = "INPUT_"
    return {
        name[len(prefix) :].lower().replace("_", "-"): value.strip()
        for name, value in environ.items()
        if name.startswith(prefix) and value.strip()
    }


def load(environ: Mapping[str, str] | None = None) -> Settings:
    """Read the environment once; `environ` stands in for it in tests."""
    env = os.environ if environ is None else environ
    inputs = _inputs(env)
    github = GitHubSettings(
        event_name=env.get("GITHUB_EVENT_NAME", ""),
        event_path=env.get("GITHUB_EVENT_PATH", ""),
        repository=env.get("GITHUB_REPOSITORY", ""),
        workspace=env.get("GITHUB_WORKSPACE", ""),
        sha=env.get("GITHUB_SHA", ""),
        ref=env.get("GITHUB_REF", ""),
        run_id=env.get("GITHUB_RUN_ID", ""),
        run_attempt=_number(env.get("GITHUB_RUN_ATTEMPT", "")),
        actor=env.get("GITHUB_ACTOR", ""),
        api_url=env.get("GITHUB_API_URL", "") or "https://api.github.com",
        server_url=env.get("GITHUB_SERVER_URL", "") or "https://github.com",
        output_file=env.get("GITHUB_OUTPUT", ""),
        summary_file=env.get("GITHUB_STEP_SUMMARY", ""),
        token=inputs.get("token", "") or env.get("GITHUB_TOKEN", ""),
    )
    no_color = bool(env.get("NO_COLOR")) or env.get("TERM") == "dumb"  # https://no-color.org
    return Settings(github, inputs, no_color, _environ=env)
