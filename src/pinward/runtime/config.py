"""`pinward.yml` as the application reads it: the file that the gate guards."""

from __future__ import annotations

import functools
import logging
import threading
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path

from pinward.core.deployment import deployment
from pinward.core.fields import suggestion
from pinward.core.policy import Json, Project, Task
from pinward.errors import ConfigError
from pinward.prompts.registry import PromptRegistry
from pinward.runtime.files import Folder
from pinward.runtime.forks import after_fork
from pinward.runtime.prompt import Prompt

DEFAULT = "pinward.yml"
_log = logging.getLogger("pinward.runtime")


@dataclass(frozen=True, slots=True)
class TaskConfig:
    """One task. Models are written `provider/model`; `params` go to the model as they are.

    `candidate` is the model that the rollout moves to, None where there is none.
    """

    task: Task
    root: Path
    registry: PromptRegistry

    @property
    def name(self) -> str:
        """The task's name."""
        return self.task.name

    @property
    def model(self) -> str:
        """The proven model."""
        return self.task.model

    @property
    def candidate(self) -> str | None:
        """The model that the rollout moves to."""
        return self.task.candidates[0] if self.task.candidates else None

    @property
    def percent(self) -> float:
        """The candidate's share of the traffic in percent; 0 without a candidate."""
        return float(self.task.rollout.percent) if self.candidate else 0.0

    @property
    def fallbacks(self) -> tuple[str, ...]:
        """The models to fall back to, in order."""
        return self.task.fallbacks

    @property
    def fallback(self) -> str | None:
        """The first fallback."""
        return self.fallbacks[0] if self.fallbacks else None

    @property
    def params(self) -> Mapping[str, Json]:
        """Parameters of every call. A prompt version may add some for its models."""
        return self.task.params

    @property
    def temperature(self) -> Json:
        """The parameter of this name, None where it is not set."""
        return self.params.get("temperature")

    @property
    def max_tokens(self) -> Json:
        """The parameter of this name, None where it is not set."""
        return self.params.get("max_tokens")

    @property
    def version(self) -> str:
        """What is deployed, in 12 hex digits: metrics name it, and `pinward rollout` prints the same."""
        return deployment(self.task, lambda model: self.prompt(model).digest)

    @property
    def metrics_file(self) -> Path | None:
        """Where outcome metrics are written."""
        named = self.task.rollout.metrics_file
        return self.root / named if named else None

    def prompt(self, model: str) -> Prompt:
        """Return the prompt that a model gets: the newest version that names it, else the newest for all models, else
        the newest there is (`fallback` is then true)."""
        if self.name not in self.registry.files:
            return Prompt(model, self.params)
        found = self.registry.get_prompt(self.name, model)
        return Prompt(model, {**self.params, **found.prompt.params}, found.prompt, found.fallback)


@dataclass(frozen=True)
class Config:
    """All tasks, at one moment. `overridden` names the variables of the environment that took the place of settings."""

    root: Path
    project: Project
    prompts: PromptRegistry
    overridden: tuple[str, ...] = ()

    @property
    def tasks(self) -> Mapping[str, TaskConfig]:
        """All tasks, by name."""
        return {name: self._of(task) for name, task in self.project.tasks.items()}

    def task(self, name: str) -> TaskConfig:
        """Return one task. Raises `ConfigError` with the names that exist."""
        found = self.project.tasks.get(name)
        if found is None:
            raise ConfigError(f"there is no task `{name}`", suggestion(name, self.project.tasks))
        return self._of(found)

    def current(self) -> Config:
        """Return itself: what has been read once does not change."""
        return self

    def _of(self, task: Task) -> TaskConfig:
        return TaskConfig(task, self.root, self.prompts)


def load_config(path: str | Path = DEFAULT, environ: Mapping[str, str] | None = None) -> Config:
    """Read the configuration, its prompts, and the settings of the environment (docs/runtime.md).

    Raises `ConfigError` with file, line, key and what to write instead.
    """
    place = Path(path)
    return _load(Folder(place.parent), place.name, environ)


def _load(folder: Folder, name: str, environ: Mapping[str, str] | None) -> Config:
    from pinward.config.project import load_project
    from pinward.config.settings import load
    from pinward.prompts.registry import load_prompts
    from pinward.runtime.overrides import apply, read_overrides

    project = load_project(folder, name)
    if project is None:
        raise ConfigError(f"{folder.root / name}: there is no such file", "Deploy it with the application.")
    overrides = read_overrides(load(environ).prefixed("PINWARD_"), project.tasks)
    if overrides:
        names = ", ".join(override.variable for override in overrides)
        try:
            project = load_project(folder, name, lambda document: apply(overrides, document)) or project
        except ConfigError as error:
            raise ConfigError(f"{names}: {error.message}", f"{error.hint} The environment sets it.") from None
    files = {task.name: load_prompts(folder, task.prompts) for task in project.tasks.values() if task.prompts}
    return Config(folder.root, project, PromptRegistry(files), tuple(override.variable for override in overrides))


@dataclass(eq=False)
class LiveConfig:
    """A configuration that is read again when one of its files changes. Safe to share between threads.

    A file that is wrong changes nothing: the last good state goes on, `problem` says what is wrong, and the log too.
    `interval` is how many seconds pass between two looks at the files.
    """

    path: str | Path = DEFAULT
    environ: Mapping[str, str] | None = None
    interval: float = 1.0
    clock: Callable[[], float] = time.monotonic
    problem: ConfigError | None = None
    _lock: threading.Lock = field(init=False, repr=False)

    def __post_init__(self) -> None:
        self._unlock()
        after_fork(self, LiveConfig._unlock)
        place = Path(self.path)
        self._folder, self._name = Folder(place.parent), place.name
        self._config = _load(self._folder, self._name, self.environ)
        self._looked = self.clock()

    def _unlock(self) -> None:
        self._lock = threading.Lock()

    def current(self) -> Config:
        """Return the newest good state. Never raises."""
        if self.clock() - self._looked >= self.interval and self._lock.acquire(blocking=False):
            try:
                self._looked = self.clock()
                if self._folder.changed():
                    self._reload()
            finally:
                self._lock.release()
        return self._config

    def task(self, name: str) -> TaskConfig:
        """Return one task as it is now. Raises `ConfigError` with the names that exist."""
        return self.current().task(name)

    def _reload(self) -> None:
        self._folder = Folder(self._folder.root)
        try:
            self._config, self.problem = _load(self._folder, self._name, self.environ), None
        except ConfigError as error:
            self.problem = error
            _log.warning("the configuration was not read again: %s", error.message)


@functools.cache
def _default() -> LiveConfig:
    return LiveConfig()


def get_prompt(task: str, model: str, config: Config | LiveConfig | None = None) -> Prompt:
    """Return the prompt of a task for a model (see `TaskConfig.prompt`); by default from `pinward.yml` in the current
    folder, read again when it changes. Raises `ConfigError`."""
    return (config or _default()).task(task).prompt(model)
