"""The judge of a run: chosen by the base's policy, refused where it is party to what it would decide."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from datetime import date

from pinward.commands.gate.work import Connections, TaskRun
from pinward.core.evidence import Case, Check, Completion, Question, Request, Sample
from pinward.core.facts import Catalog
from pinward.core.model_id import ModelId
from pinward.core.policy import JudgePolicy
from pinward.errors import ConfigError
from pinward.evals.budget import BYTES_PER_TOKEN, worst_usage
from pinward.evals.grading import grade_case, questioning, questions
from pinward.evals.journal import Journal
from pinward.evals.judge import Judge, JudgeModel
from pinward.evals.runner import Work
from pinward.providers.connect import Wrap

_PROBE = Question("", (), {"type": "object"})
_REVISION = re.compile(r"-v\d+(?::\d+)?$")  # Amazon Bedrock's revision of one and the same model
_VARIANT = re.compile(r"(?:[@:](?!\d)[a-z-]+|\[\w+\]|-latest)$")  # of one model: `:beta`, `@default`, `[1m]`
_DATE = re.compile(r"-(?:20\d{2}-?\d{2}-?\d{2}|\d{4})$")
_HINT = "`policy.judge.model` is read from the base commit: set it in a pull request of its own."


def judge_model(written: str, catalog: Catalog, today: date) -> ModelId:
    """Return the model that the policy names.

    Raises `ConfigError` where it is not pinned, not in the catalog, or gone.
    """
    model = catalog.identify(written)
    lifetime = catalog.lifetime(model, today)
    if model.pin != "pinned":
        raise ConfigError(f"policy.judge.model: {written} is not pinned: {model.why}", "Name a pinned snapshot.")
    if lifetime is None:
        raise ConfigError(
            f"policy.judge.model: the catalog does not know {written}", "Name a model that `pinward explain` knows."
        )
    if lifetime.status == "retired" or lifetime.rerouted_to is not None:
        raise ConfigError(
            f"policy.judge.model: {written} is retired, so no verdict of it can be had", "Name a model that lives."
        )
    return model


def refuse_party(judge: ModelId, sides: Iterable[ModelId]) -> None:
    """Raise `ConfigError` where the judge is one of the models under test, under whatever channel's name."""
    party = next((side for side in sides if is_twin(judge, side)), None)
    if party is not None:
        raise ConfigError(
            f"policy.judge.model: {judge.written} would judge {party.written}, which is the same model",
            f"Name a judge that is neither side of the comparison. {_HINT}",
        )


def is_twin(one: ModelId, other: ModelId) -> bool:
    """Tell whether two names can mean the same model: channels spell it differently, and a name without a date may be
    an alias of the one with a date."""
    return any(_same(a, b) for a in _names(one) for b in _names(other))


def _names(model: ModelId) -> Iterator[str]:
    for name in (model.id, model.resolves_to):
        if name:
            last = _VARIANT.sub("", name.lower().rpartition("/")[2]).replace("@", "-")
            last = re.sub(r"^(?:[a-z-]+(?:\.|--))+(?=[a-z])", "", last)  # Bedrock: region and maker before the model
            yield re.sub("[._]", "-", _REVISION.sub("", last))


def _same(one: str, other: str) -> bool:
    stems = _DATE.sub("", one), _DATE.sub("", other)
    return stems[0] == stems[1] and (one == other or one == stems[0] or other == stems[1])


def asks_judge(cases: Iterable[Case]) -> Check | None:
    """Return the first check of the cases that asks a judge, None where all go by rule."""
    return next((check for check, question in questioning(cases) if not question.parser), None)


@dataclass(frozen=True)
class Judging:
    """The judge of one run, before it is connected."""

    model: ModelId
    told: JudgeModel

    def connect(self, connections: Connections, wrap: Wrap, journal: Journal | None = None) -> Judge:
        """Return the judge that can be asked. Raises `ConfigError` where its API takes no such request."""
        provider = self.told.written.partition("/")[0]
        connections.route(provider).wire.encode(self.told.request(_PROBE, "0"))
        return Judge(self.told, connections.client(provider, wrap), journal)

    def over(self, work: Work, judge: Judge | None) -> Work:
        """Return the work with this judge for its checks; without one it can be estimated, not done."""
        ask = replace(work.ask, judge=judge)

        def judged(case: Case, told: Completion) -> Iterator[tuple[ModelId, Request, Completion]]:
            for question, verdict in judge.earlier(questions(case, told)) if judge else ():
                yield self.model, self.told.request(question, "0"), verdict

        return replace(
            work,
            grade=lambda case, completion: grade_case(case, completion, ask),
            grader_version=f"{work.grader_version}/{self.told.version}",
            judging=self._worst,
            judged=judged,
            ask=ask,
            judge=None if judge is None else judge.client,
        )

    def partial(self, samples: Iterable[Sample], catalog: Catalog) -> tuple[str, ...]:
        """Return a note where the judge judged its own answers: what a gateway's name hides shows when it answers."""
        served = {(s.call.task, s.completion.served_model or "") for s in samples}
        tasks = {task for task, name in served if name and is_twin(self.model, catalog.identify(f"?/{name}"))}
        return tuple(
            f"`{task}`: the model that judges, {self.model.written}, answered as one side too. {_HINT}"
            for task in sorted(tasks)
        )

    def _worst(self, case: Case, request: Request) -> Iterator[tuple[ModelId, Request]]:
        """Yield what judging the longest answer to a request would ask."""
        longest = Completion("ok", "x" * (worst_usage(request).output * BYTES_PER_TOKEN))
        for question in (asked for asked in questions(case, longest) if not asked.parser):
            yield self.model, self.told.request(question, "0" * 32)


def judging_of(runs: Iterable[TaskRun], policy: JudgePolicy, catalog: Catalog, today: date) -> Judging | None:
    """Return the judge that the cases of a run ask for, None where all checks go by rule.

    Raises `ConfigError` where the policy names none that may judge.
    """
    runs = tuple(runs)
    check = asks_judge(case for run in runs for case in run.cases)
    if check is None:
        return None
    if policy.model is None:
        raise ConfigError(f"{check.where}: `judge` asks a model, but policy.judge.model names none", _HINT)
    model = judge_model(policy.model, catalog, today)
    refuse_party(model, (side for run in runs for side in (run.plan.baseline, run.plan.candidate) if side))
    return judging(model, policy)


def judging(model: ModelId, policy: JudgePolicy) -> Judging:
    """Return the judge of a policy, by the model that `judge_model` accepted."""
    return Judging(model, JudgeModel(model.written, model.written.partition("/")[2], policy.params))
