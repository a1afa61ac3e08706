"""The shape of `pinward.yml`. The JSON Schema that editors use is generated from these models.

Names, defaults and limits stand here once; `config.project` turns a checked file into `core.policy` nouns.
"""

from __future__ import annotations

import re
from typing import Annotated, Any, Literal
from urllib.parse import SplitResult, urlsplit

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, StringConstraints, model_validator

from pinward.core import policy as nouns
from pinward.version import HOMEPAGE

VARIABLE = r"^[A-Za-z_][A-Za-z0-9_]{0,99}$"
LOOPBACK = frozenset({"localhost", "127.0.0.1", "::1"})


def _inside(path: str) -> str:
    if path.startswith(("/", "~")) or "\\" in path or any(part in {"..", ".git"} for part in path.split("/")):
        raise ValueError("write a path inside the repository, relative to its root, with `/`")
    return path


def _split(url: str) -> SplitResult:
    parts: SplitResult | None
    try:
        parts = urlsplit(url)
        _ = parts.port  # raises for what is no port
    except ValueError:
        parts = None
    if parts is None or not url.isprintable() or " " in url:
        raise ValueError("write an address such as https://llm.example.com/v1")
    return parts


def _secure(url: str) -> str:
    parts = _split(url)
    if parts.scheme == "https" or (parts.scheme == "http" and parts.hostname in LOOPBACK):
        if not parts.hostname or "@" in parts.netloc or parts.query or parts.fragment:
            raise ValueError("write scheme, host and path alone, without user, query or fragment")
        return url.rstrip("/")
    raise ValueError("write an https:// address (http:// is taken for localhost alone)")


def _proxy(url: str) -> str:
    parts = _split(url)
    if (
        parts.scheme not in {"http", "https"}
        or not parts.hostname
        or "@" in parts.netloc
        or parts.path not in {"", "/"}
    ):
        raise ValueError("write the proxy's scheme, host and port alone, such as http://proxy.example.com:3128")
    return url


def _variable(name: str) -> str:
    if not re.fullmatch(VARIABLE, name):
        raise ValueError("write the name of an environment variable, such as OPENAI_API_KEY, never the key itself")
    return name


def provider_model(name: str) -> str:
    """Return a model's name as it was written. Raises `ValueError` where it is not `provider/model`."""
    provider, slash, model = name.partition("/")
    if not slash or not provider or not model or not name.isprintable() or name != name.strip():
        raise ValueError("write provider/model, for example openai/gpt-5.1-2025-11-13")
    return name


Path = Annotated[str, StringConstraints(min_length=1, max_length=500), AfterValidator(_inside)]
Model = Annotated[str, StringConstraints(min_length=3, max_length=300), AfterValidator(provider_model)]
Url = Annotated[str, StringConstraints(max_length=500), AfterValidator(_secure)]
Proxy = Annotated[str, StringConstraints(max_length=500), AfterValidator(_proxy)]
Name = Annotated[str, StringConstraints(pattern=r"^[A-Za-z0-9][A-Za-z0-9_.-]{0,99}$")]
Variable = Annotated[str, AfterValidator(_variable), Field(json_schema_extra={"pattern": VARIABLE})]
Folder = Annotated[str, StringConstraints(pattern=r"^/[^\x00]{1,499}$")]
Share = Annotated[float, Field(ge=0, le=1)]
Percent = Annotated[float, Field(ge=0, le=100)]
Count = Annotated[int, Field(ge=0, le=1_000_000_000)]


class Section(BaseModel):
    """Base of every part: an unknown key is an error, and text is never taken for a number."""

    model_config = ConfigDict(extra="forbid", strict=True, frozen=True, allow_inf_nan=False)


class ModelInFile(Section):
    """Where the application keeps the name of its model."""

    file: Path = Field(description="TOML, YAML or JSON file that the application reads.")
    key: Annotated[str, StringConstraints(min_length=1, max_length=200)] = Field(
        description="Dotted path to the model's name in that file."
    )


Limit = Annotated[float, Field(ge=0, le=10)] | None


class OutcomeLimits(Section):
    """How much worse the candidate's outcomes may be; null leaves a metric out."""

    error_rate: Limit = Field(0.01, description="Increase of the error rate: 0.01 is one point.")
    latency_p50: Limit = Field(0.2, description="Increase of the median latency: 0.2 is 20%.")
    latency_p95: Limit = Field(0.2, description="Increase of the 95th percentile of the latency: 0.2 is 20%.")
    quality: Limit = Field(0.02, description="Drop of the mean quality, which is 0 to 1.")
    cost: Limit = Field(0.2, description="Increase of the cost per request: 0.2 is 20%.")
    completion: Limit = Field(0.02, description="Drop of the share of requests whose user got what they came for.")


class RolloutMetrics(Section):
    """Where outcome metrics of both models are, and how much worse the candidate's may be (docs/rollout.md)."""

    file: Path | None = Field(None, description="JSON file of the repository.")
    url: Url | None = Field(None, description="Endpoint that returns the same JSON; the base commit's is asked.")
    api_key_env: Variable | None = Field(None, description="Environment variable that holds the endpoint's key.")
    limits: OutcomeLimits = OutcomeLimits()

    @model_validator(mode="after")
    def _one_source(self) -> RolloutMetrics:
        if (self.file is None) == (self.url is None):
            raise ValueError("write either file or url")
        return self


class Rollout(Section):
    """Gradual rollout of the first candidate."""

    percent: Percent = Field(0, description="Share of the traffic that the candidate gets.")
    stages: list[Percent] = Field([1, 10, 50, 100], min_length=1, description="Shares on the way to all of it.")
    soak_hours: Annotated[float, Field(gt=0, le=8760)] = Field(48, description="Hours of metrics at each stage.")
    metrics: RolloutMetrics | None = None

    @model_validator(mode="after")
    def _rising(self) -> Rollout:
        if list(self.stages) != sorted(set(self.stages)) or self.stages[-1] != 100:
            raise ValueError("write stages that rise and end at 100, for example [1, 10, 50, 100]")
        return self


class Traffic(Section):
    """Stated traffic, which turns cost per request into money a month."""

    requests_per_month: Count = Field(description="Requests to this task in a month.")


class Task(Section):
    """One job that the application gives to a model."""

    model: Model | ModelInFile = Field(description="provider/model, or where the application keeps it.")
    candidate: list[Model] = Field([], description="Targets of a migration; the gate may call their providers.")
    fallbacks: list[Model] = Field([], description="Models that the application falls back to, in order.")
    params: dict[str, Any] = Field({}, description="Parameters of each call, for example temperature.")
    prompts: Path | None = Field(None, description="Prompt file, versioned per model.")
    suite: Path | None = Field(None, description="Evaluation suite.")
    target: Name | None = Field(
        None, description="Entry of `targets` that answers instead of the bare model; the base commit's decides."
    )
    rollout: Rollout = Rollout()
    traffic: Traffic | None = None


class ScanPolicy(Section):
    """What fails a scan."""

    fail_on: list[str] = Field(list(nouns.DEFAULT_FAIL_ON), description="Rules whose findings fail the scan.")
    exclude: list[str] = Field([], description="Globs of paths that are not scanned.")


class LifecyclePolicy(Section):
    """How early a shutdown is told."""

    urgent_days: Annotated[int, Field(ge=0, le=3650)] = Field(30, description="Days before a shutdown that fail.")
    warn_days: Annotated[int, Field(ge=0, le=3650)] = Field(90, description="Days before a shutdown that warn.")

    @model_validator(mode="after")
    def _ordered(self) -> LifecyclePolicy:
        if self.urgent_days > self.warn_days:
            raise ValueError("write urgent_days not above warn_days")
        return self


class GatePolicy(Section):
    """How the verdict is reached (docs/how-verdicts.md)."""

    require: nouns.Require = Field(
        "no_regression", description="Pass unless a loss is shown, or only when none beyond `margin` is possible."
    )
    margin: Annotated[float, Field(gt=0, lt=1)] | None = Field(
        None, description="Loss of pass rate that `non_inferior` tolerates."
    )
    alpha: Annotated[float, Field(ge=0.000001, le=0.5)] = Field(
        0.05, description="Share of harmless changes it may block."
    )
    max_regressions: Count = Field(0, description="Confirmed regressions that still pass.")
    min_pass_rate: Share | None = Field(None, description="Floor of the candidate's pass rate.")
    min_score_drop: Share = Field(0.0, description="Drop of a graded score below which no case counts as fallen.")
    repeats: Annotated[int, Field(ge=1, le=100)] = Field(1, description="Runs of each case on each side.")
    confirm: Literal["auto"] | Annotated[int, Field(ge=0, le=100)] = Field(
        "auto", description="Fresh runs a side for each fallen case; 0 lets the first pass stand."
    )
    strict_categories: list[str] = Field([], description="Categories in which any fall is a regression.")
    inconclusive: nouns.FailOrWarn = Field("fail", description="What thin evidence does to the check.")
    max_infra_errors: Share = Field(0.02, description="Share of calls that may fail for reasons of the provider.")
    max_cost_increase: Annotated[float, Field(ge=0)] | None = Field(
        None, description="Largest increase of cost per request: 0.2 is 20%."
    )
    max_latency_increase: Annotated[float, Field(ge=0)] | None = Field(
        None, description="Largest increase of the median latency: 0.2 is 20%."
    )
    max_refusal_increase: Share | None = Field(
        None, description="Largest increase of the share of refused answers: 0.02 is 2 points."
    )
    max_truncation_increase: Share | None = Field(
        None, description="Largest increase of the share of answers that were cut off: 0.02 is 2 points."
    )
    uncovered_change: nouns.FailOrWarn = Field("warn", description="What a model change without a suite does.")
    evidence_days: Annotated[int, Field(ge=0, le=366)] = Field(
        30, description="Days for which the answers of earlier runs count as evidence; 0: never."
    )
    early_stop: bool = Field(
        False, description="End the first pass of a suite of 200 or more cases once a margin or a loss is shown."
    )

    @model_validator(mode="after")
    def _margin_where_needed(self) -> GatePolicy:
        if self.require == "non_inferior" and self.margin is None:
            raise ValueError("require: non_inferior needs a margin, for example margin: 0.05")
        return self


class JudgePolicy(Section):
    """The model that grades where a suite asks for a judge."""

    model: Model | None = Field(
        None, description="A pinned model of the catalog that is neither side of the comparison."
    )
    params: dict[str, Any] = Field({}, description="Parameters of each call; max_tokens is 2048 where it is not set.")
    min_kappa: Annotated[float, Field(ge=-1, le=1)] = Field(
        0.6, description="Agreement with people (Cohen's kappa) below which `pinward judge calibrate` warns."
    )


class TargetPolicy(Section):
    """What may be evaluated."""

    allow: list[nouns.TargetKind] = Field(["provider"], description="Kinds of targets that may be called.")


class ReportPolicy(Section):
    """How much model output leaves the runner."""

    outputs: nouns.Outputs = Field("failed", description="Whose answers the report shows.")


class BudgetPolicy(Section):
    """Hard ceilings of one run, and of all runs together."""

    max_usd: Annotated[float, Field(ge=0)] = Field(5.0, description="US dollars.")
    max_usd_per_pull_request: Annotated[float, Field(ge=0)] | None = Field(
        None, description="US dollars of all runs of one pull request, by the reports that `gate --evidence` is given."
    )
    max_usd_per_month: Annotated[float, Field(ge=0)] | None = Field(
        None, description="US dollars of all runs of a calendar month (UTC), by the same reports."
    )
    max_requests: Count = Field(5000, description="Calls to models.")
    deadline_minutes: Annotated[float, Field(gt=0, le=360)] = Field(20.0, description="Wall clock of the run.")


class Webhook(Section):
    """Where news of a night are sent."""

    url_env: Variable = Field(description="Environment variable that holds the address, which is a secret.")
    origin: Url = Field(description="Scheme and host that the address must lie on, such as https://hooks.slack.com.")
    format: nouns.WebhookFormat = Field("slack", description="Slack's text message, or plain JSON.")


class DriftPolicy(Section):
    """Evaluate the models in use every night, and compare with earlier nights, as `watch --drift` does."""

    arl_nights: Annotated[int, Field(ge=30, le=3650)] = Field(
        365, description="Mean number of nights between two false alarms, all tasks together."
    )


class WatchPolicy(Section):
    """What the nightly run may write."""

    webhook: Webhook | None = None
    drift: DriftPolicy | None = None
    author: Annotated[str, StringConstraints(pattern=r"^[A-Za-z0-9-]{1,80}(\[bot\])?$")] = Field(
        "github-actions[bot]", description="Login of the app whose token is used, where it is another one."
    )
    live: bool = Field(False, description="Ask the providers in use as well, as `watch --live` does.")
    propose: bool = Field(False, description="Open a pull request for each replacement, as `watch --propose` does.")
    max_pull_requests: Annotated[int, Field(ge=0, le=20)] = Field(3, description="Open proposals at once.")


class Policy(Section):
    """What decides; always read from the base commit."""

    scan: ScanPolicy = ScanPolicy()
    lifecycle: LifecyclePolicy = LifecyclePolicy()
    gate: GatePolicy = GatePolicy()
    judge: JudgePolicy = JudgePolicy()
    targets: TargetPolicy = TargetPolicy()
    report: ReportPolicy = ReportPolicy()
    budget: BudgetPolicy = BudgetPolicy()
    watch: WatchPolicy = WatchPolicy()


class Provider(Section):
    """One endpoint; its key goes to the origin of `base_url` alone."""

    type: str | None = Field(None, description="Wire format; left out where the name is a known provider's.")
    base_url: Url | None = Field(None, description="https address; left out where the provider is known.")
    api_key_env: Variable | None = Field(None, description="Environment variable that holds the key.")
    api_version: Annotated[str, Field(pattern=r"^\d{4}-\d{2}-\d{2}(-preview)?$")] | None = Field(
        None, description="Version of Azure's dated API (type azure-deployments)."
    )
    max_concurrency: Annotated[int, Field(ge=1, le=1000)] = Field(16, description="Calls under way at once.")
    proxy: Proxy | None = Field(None, description="Proxy for these calls, without credentials.")
    ca_file: Path | None = Field(None, description="CA certificates (PEM) to trust beside the system's.")


class Target(Section):
    """The user's own application in the place of a bare model; always read from the base commit (docs/targets.md)."""

    http: Url | None = Field(None, description="https address that takes a case and gives the application's answer.")
    command: Annotated[list[str], Field(min_length=1, max_length=100)] | None = Field(
        None, description="Program and arguments: the case on standard input, the answer on standard output."
    )
    api_key_env: Variable | None = Field(None, description="`http`: environment variable that holds the key.")
    env: list[Variable] = Field([], description="`command`: variables that the program is given, keys too.")
    read: list[Folder] = Field(
        [], description="`command`: folders that the program may read beside its commit's files and the system's."
    )
    timeout_seconds: Annotated[float, Field(gt=0, le=3600)] = Field(120, description="Wall clock of one answer.")
    max_concurrency: Annotated[int, Field(ge=1, le=1000)] = Field(4, description="Answers under way at once.")

    @model_validator(mode="after")
    def _one_kind(self) -> Target:
        if (self.http is None) == (self.command is None):
            raise ValueError("write either http: or command:")
        if (self.http is None and self.api_key_env) or (self.command is None and (self.env or self.read)):
            raise ValueError("write api_key_env beside http:, env and read beside command:")
        return self


class PinwardFile(Section):
    """`pinward.yml`."""

    model_config = ConfigDict(
        title="Pinward", json_schema_extra={"$id": f"{HOMEPAGE}/raw/main/schema/pinward.schema.json"}
    )

    version: Literal[1] = Field(description="Version of this format.")
    tasks: dict[Name, Task] = Field({}, description="One entry a task.")
    policy: Policy = Policy()
    providers: dict[Name, Provider] = Field({}, description="Endpoints and the names of their keys.")
    targets: dict[Name, Target] = Field({}, description="Applications that answer for a model.")


def json_schema() -> dict[str, Any]:
    """Return the JSON Schema of `pinward.yml` (2020-12)."""
    return {"$schema": "https://json-schema.org/draft/2020-12/schema"} | PinwardFile.model_json_schema()
