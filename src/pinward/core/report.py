"""The gate's report: aggregates and notable cases. Every face (comment, check, summary, HTML) is a function of it.

`report.json` is `GateReport` as JSON. It is checked against this schema before anything is published from it, because
the job that publishes trusts nothing but the schema.
"""

from __future__ import annotations

import re
from typing import Annotated, Literal

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field

from pinward.core.facts import Confidence, Stage
from pinward.core.quantities import count

SCHEMA = "pinward.report/1"
_HALF = re.compile("[\ud800-\udfff]")


def _whole(value: object) -> object:
    """Put U+FFFD for half of a surrogate pair: an API that cuts an emoji in two sends one, and UTF-8 cannot hold it."""
    return _HALF.sub("\ufffd", value) if isinstance(value, str) else value


Whole = BeforeValidator(_whole)
Text = Annotated[str, Field(max_length=4_000), Whole]
Output = Annotated[str, Field(max_length=20_000), Whole]
Name = Annotated[str, Field(max_length=500), Whole]
Count = Annotated[int, Field(ge=0)]
Rate = Annotated[float, Field(ge=0, le=1)]
NotableStatus = Literal["regressed", "flaky", "recovered", "improved", "unconfirmed", "excluded", "failed"]
ReportVerdict = Literal["pass", "fail", "inconclusive", "error", "stale", "cancelled", "unchanged"]


class Part(BaseModel):
    """Base of all report parts: frozen, nothing unknown let in."""

    model_config = ConfigDict(frozen=True, extra="forbid", allow_inf_nan=False)


class Pair(Part):
    """One figure of both sides; None where a side has none."""

    baseline: float | None = None
    candidate: float | None = None


class Difference(Part):
    """Candidate minus baseline (or a ratio where the field says so), with its interval."""

    estimate: float
    low: float | None = None
    high: float | None = None


class Cost(Part):
    """US dollars and tokens; changes are candidate / baseline - 1. `unpriced` names models without a price.

    Cached tokens are part of the input, reasoning tokens of the output.
    """

    per_1000_requests: Pair = Pair()
    change: Difference | None = None
    input_tokens: Pair = Pair()
    output_tokens: Pair = Pair()
    cached_tokens: Pair = Pair()
    reasoning_tokens: Pair = Pair()
    input_change: Difference | None = None
    output_change: Difference | None = None
    monthly_change_usd: float | None = None
    unpriced: list[Name] = []


class Share(Part):
    """A share of the answers on both sides; `change` is their difference."""

    share: Pair = Pair()
    change: Difference | None = None


class Latency(Part):
    """Seconds, of live answers only. Changes are ratios candidate / baseline - 1."""

    p50: Pair = Pair()
    p95: Pair = Pair()
    change_p50: Difference | None = None
    change_p95: Difference | None = None


class Category(Part):
    """Pass rates of one category of cases, over the cases valid on both sides."""

    cases: int
    pass_rate: Pair
    regressed: int = 0
    strict: bool = False


class SideOutput(Part):
    """What one side answered in the run that is shown. `text` is None where the policy keeps outputs on the runner."""

    passed: bool | None = None
    score: float | None = None
    outcome: Name = "ok"
    text: Output | None = None
    reason: Text = ""
    runs: int = 0
    passes: int = 0


class NotableCase(Part):
    """A case that a reader should look at: regressed, flaky, recovered, improved, unconfirmed or excluded."""

    id: Name
    category: Name
    status: NotableStatus
    why: Text = ""
    history: Text = ""
    score_delta: float | None = None
    p_value: float | None = None
    baseline: SideOutput = SideOutput()
    candidate: SideOutput = SideOutput()


class ModelRef(Part):
    """A model as the report names it."""

    name: Name
    pin: Name
    shutdown_on: Name | None = None
    served: list[Name] = []


class ModelInUse(Part):
    """One model that the repository uses at the head, and what it can expect as of the run's day.

    `places` counts where it is sent to a provider, `used_as` says what `pinward.yml` uses it for. `ends_on`
    (YYYY-MM-DD) is the day from which the name no longer answers as itself: it is shut down, or `answered_by` another
    model. `promised_until` is a "not before", which is no end. `known`: the catalog has a row for it.
    """

    name: Name
    provider: Name
    places: Count = 0
    used_as: list[Name] = []
    known: bool = False
    stage: Stage | None = None
    ends_on: Name | None = None
    may_move: bool = False
    promised_until: Name | None = None
    answered_by: Name | None = None
    replacement: Name | None = None
    confidence: Confidence | None = None


class TaskReport(Part):
    """One task: what changed, what was measured, what follows.

    `proven`: the loss is smaller than `margin`. `proven_before`: a run of the default branch passed this very
    candidate, so that nobody was asked and nothing is compared.
    `difference` is of the mean scores (a margin is held against it), `pass_rate_change` of the pass rates; they are the
    same where cases only pass or fail. `further_cases` names by status the notable cases without room in
    `notable_cases`; every other case that was compared held, or passes where there is no baseline.
    """

    task: Name
    verdict: ReportVerdict
    proven: bool = False
    proven_before: bool = False
    reasons: list[Text] = []
    changed: list[Text] = []
    baseline: ModelRef | None
    candidate: ModelRef
    no_baseline: Text | None = None
    cases: Count
    valid: Count
    excluded: dict[Name, int] = {}
    pass_rate: Pair = Pair()
    non_regression_rate: Rate | None = None
    difference: Difference | None = None
    pass_rate_change: Difference | None = None
    mean_score: Pair = Pair()
    p_value: float | None = None
    detectable_loss: float | None = None
    cases_needed: int | None = None
    regressed: Count = 0
    improved: Count = 0
    flaky: Count = 0
    recovered: Count = 0
    unconfirmed: Count = 0
    max_regressions: int = 0
    margin: float | None = None
    outcomes: dict[Name, dict[Name, int]] = {}
    cost: Cost = Cost()
    latency: Latency = Latency()
    refused: Share = Share()
    truncated: Share = Share()
    categories: dict[Name, Category] = {}
    attribution: Text | None = None
    notable_cases: list[NotableCase] = []
    further_cases: dict[NotableStatus, list[Name]] = {}


class ReportFinding(Part):
    """A scan finding as the report carries it."""

    rule: Name
    severity: Literal["error", "warning", "note"]
    path: Name | None = None
    line: int | None = None
    model: Name | None = None
    message: Text
    help: Text = ""
    doc_url: Name = ""
    blocking: bool = False


class ChecklistItem(Part):
    """One of the points of a migration: done, missing, or for a person to tick; `url` leads to the evidence."""

    text: Text
    state: Literal["done", "missing", "unknown"]
    evidence: Text = ""
    url: Name = ""


class ShardPart(Part):
    """Which part of a run this is: `number` of `of`, from 1.

    `plan` is the digest of the whole run's plan (empty where none was made), `read` the commit whose files were read as
    the head's, which below a pull request is GitHub's test merge. `stopped` says what kept calls from being made.
    """

    number: Annotated[int, Field(ge=1, le=256)]
    of: Annotated[int, Field(ge=1, le=256)]
    plan: Name = ""
    read: Name
    stopped: Literal["budget", "deadline", "cancelled"] | None = None


class StoredAnswers(Part):
    """Answers of one side that come from an earlier run: of which commit, when it began, and what served them."""

    task: Name
    side: Name
    answers: int
    commit: Name
    started: Name
    age: Name
    served: list[Name] = []


def scan_objection(blocking: int) -> str:
    """Return the sentence that stands for so many findings that block; the findings themselves are listed elsewhere."""
    return f"{count(blocking, 'finding')} of the scan {'blocks' if blocking == 1 else 'block'}."


class GateReport(Part):
    """One gate run. `base` and `head` are full commit ids; `policy_source` says where the policy was read.

    `complete` is False where evidence is missing that was asked for: `inconclusive: warn` does not cover that.
    `evidence` is a hash of what decides (policy commit, files, approvals): reports that share it say the same.
    `ranking` names the candidates of a migration, the best first. `models` are those in use at the head, the first end
    first.
    `outputs` is the policy's: under `full` alone may a face show outputs from `results.jsonl`.
    `shard` stands in the report of one part of a run, which decides nothing and is never published.
    `pull_request` is its number where GitHub told it.
    """

    # The wire name is the contract's; pydantic's own `schema` attribute is deprecated and not used here.
    format: Literal["pinward.report/1"] = Field(default="pinward.report/1", alias="schema")
    verdict: ReportVerdict
    exit_code: int
    complete: bool = True
    outputs: Literal["full", "failed", "none"] = "failed"
    reasons: list[Text] = []
    base: Name
    head: Name
    policy_source: Name
    started: Name
    seconds: float
    cost_usd: float | None = None
    max_usd: float | None = None
    requests: int = 0
    tasks: list[TaskReport] = []
    uncovered: list[Text] = []
    findings: list[ReportFinding] = []
    checklist: list[ChecklistItem] = []
    notes: list[Text] = []
    stored: list[StoredAnswers] = []
    ranking: list[Name] = []
    models: list[ModelInUse] = []
    next_step: Text = ""
    results_sha256: Name | None = None
    evidence: Annotated[str, Field(pattern=r"^(?:[0-9a-f]{64})?$")] = ""
    shard: ShardPart | None = None
    pull_request: int | None = None

    model_config = ConfigDict(frozen=True, extra="forbid", allow_inf_nan=False, populate_by_name=True)
