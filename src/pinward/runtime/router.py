"""Calls a task's model, and the next one where it is limited or down.

All network work happens on one thread of the router's own, so that it serves sync and async callers, any number of
threads and any event loop alike.
"""

from __future__ import annotations

import logging
import threading
from collections.abc import Callable, Coroutine, Iterable
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, TypeVar

from pinward.core.evidence import Completion, ToolCall
from pinward.core.evidence import Outcome as CallOutcome
from pinward.core.policy import Json
from pinward.errors import AllProvidersFailedError, ConfigError, CredentialError, RequestRejectedError
from pinward.runtime.config import Config, LiveConfig, TaskConfig
from pinward.runtime.forks import after_fork
from pinward.runtime.metrics import Outcome, OutcomeRecorder
from pinward.runtime.select import select_model

if TYPE_CHECKING:
    import asyncio
    from concurrent.futures import Future

    from pinward.providers.client import HttpModelClient
    from pinward.providers.endpoints import Route
    from pinward.providers.router import Breaker, Target, Tried

T = TypeVar("T")
Keys = Callable[[str], str | None]
_log = logging.getLogger("pinward.runtime")


@dataclass(frozen=True, slots=True)
class Answer:
    """What a model answered. `model` is the one that did (`provider/model`), `causes` what went wrong before it.

    `outcome` is `ok`, `refused` (the model or a filter declined) or `truncated` (cut at its length limit).
    """

    model: str
    text: str
    outcome: CallOutcome
    completion: Completion
    causes: tuple[tuple[str, str], ...] = ()

    @property
    def tool_calls(self) -> tuple[ToolCall, ...]:
        """The tool calls that the model asked for."""
        return self.completion.tool_calls


class _Loop:
    """An event loop on a thread of its own, started at the first call."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._loop: asyncio.AbstractEventLoop | None = None
        self._thread: threading.Thread | None = None

    def submit(self, work: Coroutine[Any, Any, T]) -> Future[T]:
        import asyncio

        with self._lock:
            if self._loop is None:
                self._loop = asyncio.new_event_loop()
                self._thread = threading.Thread(target=self._loop.run_forever, name="pinward-router", daemon=True)
                self._thread.start()
            return asyncio.run_coroutine_threadsafe(work, self._loop)

    def stop(self, last: Callable[[], Coroutine[Any, Any, None]]) -> None:
        """Let the calls under way end, then await `last` and end the thread; a call that comes meanwhile waits."""
        import asyncio

        with self._lock:
            loop, thread = self._loop, self._thread
            if loop is None or thread is None:
                return
            asyncio.run_coroutine_threadsafe(_after_all(last), loop).result()
            loop.call_soon_threadsafe(loop.stop)
            thread.join()
            loop.close()
            self._loop = self._thread = None


async def _after_all(last: Callable[[], Coroutine[Any, Any, None]]) -> None:
    import asyncio

    await asyncio.gather(*asyncio.all_tasks() - {asyncio.current_task()}, return_exceptions=True)
    await last()


@dataclass(eq=False)
class ModelRouter:
    """Asks a task's model, then its fallbacks in order: on rate limits, outages, refused keys and retired models.

    With a candidate under rollout, the share of keys that it has is asked there first, and the proven model is its
    first fallback. Each model gets its own prompt. `timeout` is the wall clock of a call in seconds, all models
    together. `recorder` is told error and latency of each call. `keys` looks key variables up, by default in the
    environment.
    """

    config: Config | LiveConfig
    task: str
    timeout: float = 60.0
    recorder: OutcomeRecorder | None = None
    keys: Keys | None = None
    _loop: _Loop = field(init=False, repr=False)
    _clients: dict[Route, HttpModelClient] = field(init=False, repr=False)
    _breakers: dict[str, Breaker] = field(init=False, repr=False)

    def __post_init__(self) -> None:
        self._start_anew()
        after_fork(self, ModelRouter._start_anew)

    def _start_anew(self) -> None:
        self._loop, self._clients, self._breakers = _Loop(), {}, {}

    def complete(self, value: Json, *, key: str | None = None, timeout: float | None = None) -> Answer:
        """Ask and wait for the answer. `value` is the input of the prompt, `key` whose request it is (see
        `select_model`). Raises `AllProvidersFailedError`, `RequestRejectedError` or `ConfigError`."""
        asked = self._loop.submit(self._ask(value, key, timeout))
        try:
            return asked.result()
        finally:
            asked.cancel()  # where the caller was interrupted, nobody waits for the answer

    async def acomplete(self, value: Json, *, key: str | None = None, timeout: float | None = None) -> Answer:
        """Ask from a coroutine; otherwise like `complete`."""
        import asyncio

        return await asyncio.wrap_future(self._loop.submit(self._ask(value, key, timeout)))

    def close(self) -> None:
        """Let the calls under way end, then close connections and end the thread. A later call opens them again."""
        self._loop.stop(self._aclose)
        if self.recorder is not None:
            self.recorder.flush()

    def __enter__(self) -> ModelRouter:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    async def _ask(self, value: Json, key: str | None, timeout: float | None) -> Answer:
        import asyncio

        from pinward.providers.router import Router

        config = self.config.current()
        task = config.task(self.task)
        requests = {model: task.prompt(model).request(value) for model in order(task, key)}
        targets, tried = self._targets(config, requests)
        if not targets:
            return _answer(Completion("infra_error"), None, tried)
        clock = asyncio.get_running_loop().time
        started = clock()
        asked = await Router(targets, self._breakers).ask(
            lambda t: requests[t.name], self.timeout if timeout is None else timeout
        )
        tried += asked[2]
        self._record(task, clock() - started, asked[1], tried)
        return _answer(asked[0], asked[1], tried)

    def _targets(self, config: Config, models: Iterable[str]) -> tuple[list[Target], tuple[Tried, ...]]:
        """Return the models that can be asked, and why the others cannot: one missing key stops no other provider."""
        from pinward.core.evidence import Fault
        from pinward.providers.router import Tried

        targets, unusable = [], []
        for model in models:
            try:
                targets.append(self._target(config, model))
            except (ConfigError, CredentialError) as error:
                unusable.append(Tried(model, Fault("auth", error.message)))
        return targets, tuple(unusable)

    def _target(self, config: Config, model: str) -> Target:
        from pinward.providers.connect import single_client
        from pinward.providers.endpoints import route
        from pinward.providers.router import Breaker, Target

        provider, _, model_id = model.partition("/")
        way = route(provider, config.project.providers)
        if way not in self._clients:
            self._clients[way] = single_client(way, self._keys())
        self._breakers.setdefault(way.name, Breaker())
        return Target(model, self._clients[way], model_id)

    def _keys(self) -> Keys:
        if self.keys is not None:
            return self.keys
        from pinward.config.settings import load

        return load().key

    def _record(self, task: TaskConfig, seconds: float, target: Target | None, tried: tuple[Tried, ...]) -> None:
        """Charge an error to each model that failed, and the whole wait to the one that was chosen first.

        An answer never fails because its figures cannot be written.
        """
        if self.recorder is None:
            return
        failed = [(t.target, True) for t in tried]
        ended = [*failed, (target.name, False)] if target is not None else failed
        try:
            for place, (model, error) in enumerate(ended):
                self.recorder.record(task, Outcome(model, error=error, latency=None if place else seconds))
        except (OSError, ConfigError) as problem:
            _log.warning("outcomes were not written: %s", problem)

    async def _aclose(self) -> None:
        for client in self._clients.values():
            await client.aclose()
        self._clients.clear()


def order(task: TaskConfig, key: str | None) -> tuple[str, ...]:
    """Return the models of one call, in the order in which they are asked: each once."""
    return tuple(dict.fromkeys((select_model(task, key), task.model, *task.fallbacks)))


def _answer(completion: Completion, target: Target | None, tried: tuple[Tried, ...]) -> Answer:
    causes = tuple((t.target, f"{t.fault.kind}: {t.fault.detail}") for t in tried)
    if target is None:
        said = "; ".join(f"{name} ({why})" for name, why in causes)
        raise AllProvidersFailedError(f"no provider answered: {said}", "Try again later, or add a fallback.", causes)
    if completion.fault is not None:
        why = f"{completion.fault.kind}: {completion.fault.detail}"
        hint = "Mend the request: another provider would only hide it."
        raise RequestRejectedError(f"{target.name} refused the request: {why}", hint, (*causes, (target.name, why)))
    return Answer(target.name, completion.text, completion.outcome, completion, causes)
