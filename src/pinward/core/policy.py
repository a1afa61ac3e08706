"""What the repository asks for: tasks, providers and the policy that decides, as frozen nouns.

`config.schema` reads `pinward.yml` into these. Policy is always the base commit's.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Literal

from pinward.core.findings import Location

Json = None | bool | int | float | str | list["Json"] | dict[str, "Json"]
Require = Literal["no_regression", "non_inferior"]
FailOrWarn = Literal["fail", "warn"]
Outputs = Literal["full", "failed", "none"]
WebhookFormat = Literal["slack", "json"]
TargetKind = Literal["provider", "http", "command"]

DEFAULT_FAIL_ON = ("unpinned-alias", "silent-reroute", "retired-model", "retiring-urgent")


@dataclass(frozen=True, slots=True)
class ScanPolicy:
    """Which rules fail a scan, and which paths (globs) are left out."""

    fail_on: tuple[str, ...] = DEFAULT_FAIL_ON
    exclude: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class LifecyclePolicy:
    """Days before a shutdown at which it becomes urgent, and at which it is warned of."""

    urgent_days: int = 30
    warn_days: int = 90


DEFAULT_LIFECYCLE = LifecyclePolicy()


@dataclass(frozen=True, slots=True)
class GatePolicy:
    """How a verdict is reached. `alpha` is the share of harmless changes that may be blocked; `margin` the loss in
    pass rate (0..1) that `non_inferior` tolerates; `confirm` is `auto`, 0, or a number of fresh runs a side;
    `evidence_days` is how old stored evidence may be; `early_stop` ends the first pass of a large suite once it has
    decided."""

    require: Require = "no_regression"
    margin: float | None = None
    alpha: float = 0.05
    max_regressions: int = 0
    min_pass_rate: float | None = None
    min_score_drop: float = 0.0
    repeats: int = 1
    confirm: Literal["auto"] | int = "auto"
    strict_categories: tuple[str, ...] = ()
    inconclusive: FailOrWarn = "fail"
    max_infra_errors: float = 0.02
    max_cost_increase: float | None = None
    max_latency_increase: float | None = None
    max_refusal_increase: float | None = None
    max_truncation_increase: float | None = None
    uncovered_change: FailOrWarn = "warn"
    evidence_days: int = 30
    early_stop: bool = False


@dataclass(frozen=True, slots=True)
class BudgetPolicy:
    """Hard ceilings of one run: US dollars, requests, minutes of wall clock; of all runs of a pull request, and of a
    calendar month, where they are set."""

    max_usd: float = 5.0
    max_usd_per_pull_request: float | None = None
    max_usd_per_month: float | None = None
    max_requests: int = 5000
    deadline_minutes: float = 20.0


@dataclass(frozen=True, slots=True)
class JudgePolicy:
    """The model that grades where a suite asks for a judge, how it is asked, and the agreement with people (Cohen's
    kappa) below which it is warned of."""

    model: str | None = None
    params: Mapping[str, Json] = field(default_factory=dict)
    min_kappa: float = 0.6


@dataclass(frozen=True, slots=True)
class Webhook:
    """Where news go. The address is a secret: `url_env` names its variable, and it must lie on `origin`."""

    url_env: str
    origin: str
    format: WebhookFormat = "slack"


@dataclass(frozen=True, slots=True)
class DriftPolicy:
    """A nightly evaluation of the models in use; `arl_nights` is the mean time between two false alarms of all."""

    arl_nights: int = 365


@dataclass(frozen=True, slots=True)
class WatchPolicy:
    """What the nightly run may write, and as whom. `author` is whose issues are its own where an app's token may not
    ask; `live` asks the providers, `propose` opens pull requests, at most `max_pull_requests` at once; `drift`
    evaluates the models in use."""

    webhook: Webhook | None = None
    drift: DriftPolicy | None = None
    author: str = "github-actions[bot]"
    live: bool = False
    propose: bool = False
    max_pull_requests: int = 3


@dataclass(frozen=True, slots=True)
class Policy:
    """The whole policy, always read from the base commit."""

    scan: ScanPolicy = ScanPolicy()
    lifecycle: LifecyclePolicy = DEFAULT_LIFECYCLE
    gate: GatePolicy = GatePolicy()
    budget: BudgetPolicy = BudgetPolicy()
    judge: JudgePolicy = field(default_factory=JudgePolicy)
    watch: WatchPolicy = WatchPolicy()
    targets: tuple[TargetKind, ...] = ("provider",)
    outputs: Outputs = "failed"


@dataclass(frozen=True, slots=True)
class Provider:
    """One endpoint. `type` is the wire format; the key named by `api_key_env` goes to the origin of `base_url` only.

    `certificates` (PEM) are trusted beside the system's, `proxy` is the address that the calls go through,
    `api_version` is of Azure's dated API.
    """

    name: str
    type: str
    base_url: str | None = None
    api_key_env: str | None = None
    max_concurrency: int = 16
    proxy: str | None = None
    certificates: str | None = None
    api_version: str | None = None


@dataclass(frozen=True, slots=True)
class OutcomeLimits:
    """How much worse the candidate's outcomes may be; None leaves a metric out.

    Rates and quality are differences (0.01 is one point), latency and cost are shares (0.2 is 20%).
    """

    error_rate: float | None = 0.01
    latency_p50: float | None = 0.2
    latency_p95: float | None = 0.2
    quality: float | None = 0.02
    cost: float | None = 0.2
    completion: float | None = 0.02


@dataclass(frozen=True, slots=True)
class Target:
    """The user's own application in the place of a bare model: an address (`http`) or a program (`command`).

    `env` names the variables that the program is given, `read` further folders that it may look into; the key named by
    `api_key_env` goes to the address alone.
    """

    name: str
    http: str | None = None
    command: tuple[str, ...] = ()
    api_key_env: str | None = None
    env: tuple[str, ...] = ()
    read: tuple[str, ...] = ()
    timeout_seconds: float = 120.0
    max_concurrency: int = 4

    @property
    def kind(self) -> TargetKind:
        """What `policy.targets.allow` calls it."""
        return "http" if self.http else "command"


@dataclass(frozen=True, slots=True)
class Rollout:
    """How much of the traffic the candidate gets, and the stages on the way to all of it.

    Outcome metrics come from a file of the repository or from an endpoint.
    """

    percent: float = 0
    stages: tuple[float, ...] = (1, 10, 50, 100)
    soak_hours: float = 48
    metrics_file: str | None = None
    metrics_url: str | None = None
    metrics_key_env: str | None = None
    limits: OutcomeLimits = OutcomeLimits()


@dataclass(frozen=True, slots=True)
class Task:
    """One job that the application gives to a model. Names of models carry their provider (`openai/gpt-5.1`).

    `model_file` and `model_key` say where the application keeps the name, where that is not `pinward.yml` itself.
    """

    name: str
    model: str
    model_file: str | None = None
    model_key: str | None = None
    candidates: tuple[str, ...] = ()
    fallbacks: tuple[str, ...] = ()
    params: Mapping[str, Json] = field(default_factory=dict)
    prompts: str | None = None
    suite: str | None = None
    target: str | None = None
    rollout: Rollout = Rollout()
    requests_per_month: int | None = None


@dataclass(frozen=True, slots=True)
class Project:
    """`pinward.yml` as read at one commit; `source` says where from (`pinward.yml@<sha>` or `defaults`).

    `places` says where its keys stand (`("tasks", "extract", "model")`).
    """

    tasks: Mapping[str, Task] = field(default_factory=dict)
    policy: Policy = Policy()
    providers: Mapping[str, Provider] = field(default_factory=dict)
    targets: Mapping[str, Target] = field(default_factory=dict)
    source: str = "defaults"
    places: Mapping[tuple[str | int, ...], Location] = field(default_factory=dict, compare=False)

    def place(self, *key: str | int) -> Location | None:
        """Return where a key stands, or the nearest key around it; None where nothing was read from a file."""
        return next((self.places[key[:size]] for size in range(len(key), -1, -1) if key[:size] in self.places), None)
