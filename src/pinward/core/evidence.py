"""What a gate run gathers: cases, calls, completions, grades, and what they say together.

One call's outcome is a fact about that call alone. An infrastructure error is never a model's failure and never a
pass: its sample carries no grade and its case leaves the comparison.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Literal, Protocol, runtime_checkable

from pinward.core.figures import Economy, Interval, Sides
from pinward.core.model_id import ModelId
from pinward.core.policy import Json

Outcome = Literal["ok", "refused", "truncated", "model_unavailable", "infra_error"]
FaultKind = Literal[
    "rate_limit",  # 429, worth a retry
    "quota",  # the account's limit is spent: no retry helps
    "auth",  # 401, 403
    "not_found",  # 404: the model is unknown or retired
    "invalid_request",  # 400, 413, 422: this case cannot be asked of this model
    "server",  # 5xx, 408, 409, 529
    "timeout",  # the deadline passed
    "connection",  # reset, refused, cut short
    "bad_response",  # answered, but not with a completion
    "judge",  # answered, but the judge of the answer could not be had
    "parser",  # answered, but the user's parser could not be run on it
    "budget",  # not sent: the run's ceiling was reached
    "cancelled",  # not sent or given up: the run was interrupted
]
Phase = Literal["first", "confirm"]
BASELINE = "baseline"
CANDIDATE = "candidate"
MODEL_ONLY = "model_only"  # the candidate's model with everything else as on the baseline
REST_ONLY = "rest_only"  # the baseline's model with everything else as on the candidate
NEW_TASK = "new task"


@dataclass(frozen=True, slots=True)
class ToolCall:
    """A tool call that a model asked for; `arguments` is the raw JSON text."""

    name: str
    arguments: str
    id: str = ""


@dataclass(frozen=True, slots=True)
class Message:
    """One message of a conversation."""

    role: Literal["system", "user", "assistant", "tool"]
    content: str
    tool_calls: tuple[ToolCall, ...] = ()
    tool_call_id: str | None = None
    images: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Request:
    """One call to a model, free of any wire format. `model` is the id as the endpoint expects it."""

    model: str
    messages: tuple[Message, ...]
    params: Mapping[str, Json] = field(default_factory=dict)
    tools: tuple[Json, ...] = ()
    response_schema: Json = None


@dataclass(frozen=True, slots=True)
class Usage:
    """Tokens of one call. `cached` (read from a cache) and `written` (into one) are part of `input`, `reasoning` of
    `output`."""

    input: int = 0
    output: int = 0
    cached: int = 0
    reasoning: int = 0
    written: int = 0


@dataclass(frozen=True, slots=True)
class Fault:
    """Why a call has no completion. `detail` is ours: it never carries a response body or a key."""

    kind: FaultKind
    detail: str
    status: int | None = None
    retry_after: float | None = None


@dataclass(frozen=True, slots=True)
class Completion:
    """The answer of one call, or why there is none. Latency in seconds, of the attempt that answered.

    `answered_by` names the fallback (`provider/model`) that answered in the place of the model that was asked.
    """

    outcome: Outcome
    text: str = ""
    tool_calls: tuple[ToolCall, ...] = ()
    finish_reason: str = ""
    usage: Usage = Usage()
    latency: float = 0.0
    served_model: str | None = None
    fingerprint: str | None = None
    attempts: int = 1
    cost_usd: float | None = None
    replayed: bool = False
    fault: Fault | None = None
    answered_by: str | None = None


class Client(Protocol):
    """A way to ask one endpoint: a provider's wire format, a replay, or a fake in tests."""

    name: str

    async def complete(self, request: Request, timeout: float) -> Completion:
        """Ask once. Never raises for what the endpoint does: faults come back in the completion.

        `timeout` is the wall-clock limit of this attempt in seconds.
        """
        ...

    async def aclose(self) -> None:
        """Close connections."""
        ...


class PriceBook(Protocol):
    """Knows what tokens cost."""

    def cost(self, model: ModelId, usage: Usage) -> float | None:
        """Return US dollars, or None where the model has no known price (never 0)."""
        ...


@dataclass(frozen=True, slots=True)
class Check:
    """One requirement on an answer: the grader's name, its argument, and where it is written."""

    grader: str
    argument: Json
    where: str
    weight: float = 1.0


@dataclass(frozen=True, slots=True)
class Case:
    """One example of the work, with what a good answer must satisfy."""

    id: str
    category: str
    input: Json
    checks: tuple[Check, ...]
    where: str
    expected: Json = None
    tags: tuple[str, ...] = ()
    params: Mapping[str, Json] = field(default_factory=dict)
    repeats: int | None = None


@dataclass(frozen=True, slots=True)
class Grade:
    """What one check, or all checks of a case together, say of one answer. Score in [0, 1].

    `span` is where in the answer's text the evidence stands (offsets of its first character and of the one after its
    last); None where no single place shows it.
    """

    score: float
    passed: bool
    reason: str = ""
    check: str = ""
    parts: tuple[Grade, ...] = ()
    span: tuple[int, int] | None = None


@dataclass(frozen=True, slots=True)
class Question:
    """What a grader asks of a judge: instructions of our own, hostile texts by name, the JSON Schema of the verdict.

    `parser` names the target that is asked in the judge's place: a parser of the user's, which gets the text alone.
    """

    instructions: str
    data: tuple[tuple[str, str], ...]
    schema: Json
    parser: str = ""


class Ask(Protocol):
    """A way for a grader to ask somebody else: the judge's model, or a parser of the user's."""

    async def __call__(self, question: Question) -> Completion:
        """Ask the judge's model, the data fenced; spending counts against the run's budget.

        A parser answers `ok`, or `refused` with its reason as text where it cannot read what it was given.
        """
        ...


class Grader(Protocol):
    """One kind of check. `name` is the key that a suite writes."""

    name: str

    def validate(self, argument: Json) -> None:
        """Raise `ConfigError` where the argument cannot be used; the caller adds file and line."""
        ...

    async def grade(self, completion: Completion, case: Case, argument: Json, ask: Ask | None) -> Grade:
        """Judge one answer. Never raises for what the answer holds."""
        ...


@dataclass(frozen=True, slots=True, order=True)
class Call:
    """One planned call. `arm` is the configuration that answers: `baseline`, `candidate`, or a further one."""

    task: str
    case: str
    arm: str
    phase: Phase = "first"
    repeat: int = 0


@dataclass(frozen=True, slots=True)
class Round:
    """The next calls to make; `why` is for the progress line."""

    calls: tuple[Call, ...]
    why: str


@dataclass(frozen=True, slots=True)
class Sample:
    """One call and what came of it. `key` identifies everything that the answer depends on (hex digest).

    `grade` is None where the outcome is an infrastructure error or an unavailable model. `stored` where an earlier run
    asked it, `stands_in` where it replaces a model that cannot be asked any more, or need not be.
    """

    call: Call
    completion: Completion
    grade: Grade | None
    key: str = ""
    stored: bool = False
    stands_in: bool = False


@runtime_checkable
class Indexed(Protocol):
    """Samples that can be found by their calls, without an index beside them."""

    def by_call(self) -> Mapping[Call, Sample]:
        """Return the samples by call; the first one of a call stands."""
        ...


@dataclass(frozen=True, slots=True)
class PlannedCase:
    """What the plan needs to know of a case. `shard` keeps apart what different machines of a matrix confirmed.

    `added` where the base commit does not have the case: it can speak against the candidate, and never for it.
    """

    id: str
    category: str
    repeats: int = 1
    shard: int = 0
    added: bool = False


@dataclass(frozen=True, slots=True)
class TaskPlan:
    """The fixed facts of one task in one run.

    `no_baseline` says why there is nothing to compare with (`NEW_TASK`, `retired: ...`), None where there is.
    `deterministic` is true only where both providers state it (a replay does): the first pass then stands.
    `requests_per_month` turns cost into money a month. `changed_with_model` names what changed together with the model
    (`prompt`, `parameters`); the arms `MODEL_ONLY` and `REST_ONLY` are then asked too, where the score moved.
    `proven_before` says in words which run of the default branch proved this very candidate: nothing is compared then.
    """

    task: str
    cases: tuple[PlannedCase, ...]
    baseline: ModelId | None
    candidate: ModelId
    no_baseline: str | None = None
    deterministic: bool = False
    requests_per_month: int | None = None
    changed_with_model: str | None = None
    proven_before: str | None = None


@dataclass(frozen=True, slots=True)
class Evidence:
    """All that is known so far. `stopped` says why no further call may be made.

    `total_cases` counts the cases of all shards, where the plans hold one shard's part.
    """

    plans: tuple[TaskPlan, ...]
    samples: Sequence[Sample] = ()
    stopped: Literal["budget", "deadline", "cancelled", "incomplete shard"] | None = None
    total_cases: int | None = None


VerdictValue = Literal["pass", "fail", "inconclusive", "error", "stale", "cancelled", "unchanged"]
CaseStatus = Literal["held", "improved", "regressed", "flaky", "recovered", "unconfirmed", "excluded", "absolute"]


@dataclass(frozen=True, slots=True)
class Tally:
    """Fresh or first-pass runs of one case on one side: how many, how many passed, their mean score."""

    runs: int
    passes: int
    score: float | None


@dataclass(frozen=True, slots=True)
class CaseComparison:
    """One case on both sides. `baseline` and `candidate` are the first pass, `fresh_*` the confirmation."""

    case: str
    category: str
    status: CaseStatus
    baseline: Tally
    candidate: Tally
    fresh_baseline: Tally | None = None
    fresh_candidate: Tally | None = None
    p_value: float | None = None
    strict: bool = False
    excluded: str | None = None


@dataclass(frozen=True, slots=True)
class Comparison:
    """One task, baseline against candidate. Rates in [0, 1]; `valid` is the denominator: cases valid on both sides.

    `difference` is of the mean scores and is what a margin is held against; where cases only pass or fail it is that of
    the pass rate too, which `pass_rate_change` always is.
    `p_value` is the suite's one-sided test that the candidate is worse. `detectable_loss` is the smallest loss of
    pass rate that this suite would have caught with power 0.8. `cases_needed` would settle an open question.
    `no_baseline` is the plan's, or what the run found out. `warnings` decide nothing. `over_limit`: only a limit on
    cost or latency blocks.
    """

    plan: TaskPlan
    verdict: VerdictValue
    proven: bool
    reasons: tuple[str, ...]
    cases: tuple[CaseComparison, ...]
    valid: int
    excluded: Mapping[str, int]
    pass_rate: Mapping[str, float | None]
    non_regression_rate: float | None
    difference: Interval | None
    p_value: float | None
    detectable_loss: float | None
    cases_needed: int | None = None
    outcomes: Mapping[str, Mapping[str, int]] = field(default_factory=dict)
    economy: Economy = field(default_factory=Economy)
    no_baseline: str | None = None
    warnings: tuple[str, ...] = ()
    over_limit: bool = False
    pass_rate_change: Interval | None = None
    mean_score: Sides = field(default_factory=Sides)
    attribution: str | None = None


@dataclass(frozen=True, slots=True)
class Verdict:
    """What the run says as a whole, and why, in sentences.

    `complete` is False where the budget, the deadline or infrastructure kept evidence out; `inconclusive: warn` covers
    complete runs only.
    """

    value: VerdictValue
    reasons: tuple[str, ...]
    comparisons: tuple[Comparison, ...] = ()
    complete: bool = True
