"""May a rollout take its next step? Stages, soak time, outcome metrics and the way back, each ruled by itself.

What cannot be known here is never held: "unknown" stops a step just as "broken" does.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from pinward.core.facts import Lifetime, Move, Ruling
from pinward.core.outcomes import Window
from pinward.core.policy import Rollout, Task
from pinward.core.quantities import count
from pinward.verdict.outcomes import Compared, compare_outcomes
from pinward.version import doc

FIRST_STAGE = 5.0  # percent: the share of users that a first mistake may reach
SKEW = timedelta(minutes=5)  # clocks of different machines
SKIPPED, SOAK, METRICS, LOST = "rollout-stage-skipped", "rollout-soak", "rollout-metrics", "rollback-lost"
RULES = (SKIPPED, SOAK, METRICS, LOST)


@dataclass(frozen=True, slots=True)
class Evidence:
    """What is known of the stage that the base is at.

    `since` is when the pull request that set it was merged, None where that is not knowable (`why_since` says why).
    `windows` are the outcomes under the deployed version since then, None where there are none (`why_windows`).
    """

    now: datetime
    since: datetime | None = None
    url: str = ""
    why_since: str = "GitHub was not asked"
    windows: tuple[Window, ...] | None = None
    why_windows: str = "no metrics were read"


def share_of(task: Task, model: str) -> float:
    """Return a model's share of a task's traffic in percent."""
    candidate = _candidate(task)
    if model == candidate:
        return float(task.rollout.percent)
    return 100.0 - (float(task.rollout.percent) if candidate else 0.0) if model == task.model else 0.0


def _candidate(task: Task) -> str | None:
    return task.candidates[0] if task.candidates and task.candidates[0] != task.model else None


def move_of(base: Task | None, head: Task) -> Move | None:
    """Return the step that a pull request takes; None where no candidate gets more traffic than before.

    A model that changes without a rollout under way is the gate's ordinary case and no step of a rollout.
    """
    if base is not None and head.model != base.model and (before := share_of(base, head.model)) > 0:
        # All of the traffic, whatever share it leaves to others for now: taking that back is asked nothing any more.
        return Move(head.name, base.model, head.model, before, 100.0, promoted=True)
    if not head.candidates:
        return None
    candidate = head.candidates[0]
    before = share_of(base, candidate) if base is not None else 0.0
    after, current = float(head.rollout.percent), base.model if base is not None else head.model
    return Move(head.name, current, candidate, before, after) if after > before else None


def next_stage(rollout: Rollout, share: float) -> float | None:
    """Return the stage after a share; None where all of the traffic has been reached."""
    return next((stage for stage in rollout.stages if stage > share), None)


def rulings(
    move: Move, base: Task | None, head: Task, evidence: Evidence, lifetime: Lifetime | None
) -> tuple[Ruling, ...]:
    """Rule on a step. Stages, soak time and limits are the base's; `lifetime` is the current model's."""
    if base is None:
        return (_unannounced(move),)
    rollout, back, mixed = base.rollout, rollback(move, head, lifetime), _mixed(base, head)
    if move.after <= move.before:  # the model takes over what it already has: nothing but the way back can be lost
        return (mixed, back) if mixed else (back,)
    return (mixed or stage(move, rollout), soak(move, rollout, evidence), metrics(move, rollout, evidence), back)


def _unannounced(move: Move) -> Ruling:
    """Nothing is known of the candidate of a task that the base does not have."""
    said = f"task `{move.task}` is new here, and its candidate would get {move.after:g}% of the traffic at once"
    hint = "Merge the task with `percent: 0` first; a task whose rollout is under way is renamed after it."
    return Ruling(SKIPPED, "broken", said, hint)


def _mixed(base: Task, head: Task) -> Ruling | None:
    """The suite is asked about one model of a pull request: a second one would get its share unseen."""
    second = _candidate(head)
    if head.model == base.model or second is None or share_of(head, second) <= share_of(base, second):
        return None
    said = f"task `{head.name}`: `{head.model}` becomes the model and `{second}` gets more traffic in one pull request"
    hint = f"Change the model first, with `percent: {share_of(base, second):g}`; take the step in the next one."
    return Ruling(SKIPPED, "broken", said, hint)


def stage(move: Move, rollout: Rollout) -> Ruling:
    """A step goes to the next stage at most, and begins with 5% at most."""
    allowed = next_stage(rollout, move.before) or 100.0
    step = f"{move.before:g}% -> {move.after:g}%"
    if move.after > allowed:
        said = f"task `{move.task}`: {step} skips the stage {allowed:g}%"
        return Ruling(SKIPPED, "broken", said, f"Go to {allowed:g}% first, and let it soak.")
    if move.before == 0 and move.after > FIRST_STAGE:
        said = f"task `{move.task}`: a rollout begins with {move.after:g}% of the traffic, more than {FIRST_STAGE:g}%"
        return Ruling(SKIPPED, "broken", said, "Begin with 1% to 5%: write a first stage such as 1.")
    return Ruling(SKIPPED, "held", f"{step} is the next stage")


def soak(move: Move, rollout: Rollout, evidence: Evidence) -> Ruling:
    """The current stage has been on the default branch for the soak time, by GitHub's clock."""
    if move.before == 0:
        return Ruling(SOAK, "held", "the first stage needs no soak time")
    where = f"task `{move.task}`: the stage {move.before:g}%"
    if evidence.since is None:
        said = f"{where} began at a time that is not knowable here: {evidence.why_since}"
        hint = "Set each stage by a merged pull request, and let the gate ask GitHub: it needs a token with "
        return Ruling(SOAK, "unknown", said, f"{hint}`pull-requests: read`, and the whole history (`fetch-depth: 0`).")
    hours = (evidence.now - evidence.since).total_seconds() / 3600
    since = f"{evidence.since:%Y-%m-%d %H:%M} UTC"
    if evidence.since > evidence.now + SKEW:
        said = f"{where} began in the future ({since}): one of the clocks is wrong"
        return Ruling(SOAK, "unknown", said, "Check the clock of this machine.", evidence.url)
    if hours < rollout.soak_hours:
        until = evidence.since + timedelta(hours=rollout.soak_hours)
        said = f"{where} has soaked {hours:.0f} of {rollout.soak_hours:g} hours (since {since})"
        return Ruling(SOAK, "broken", said, f"Wait until {until:%Y-%m-%d %H:%M} UTC.", evidence.url)
    return Ruling(SOAK, "held", f"{move.before:g}% has soaked {hours:.0f} hours (since {since})", url=evidence.url)


def metrics(move: Move, rollout: Rollout, evidence: Evidence) -> Ruling:
    """The candidate's outcomes at the current stage are within every limit."""
    if move.before == 0:
        return Ruling(METRICS, "held", "no users have met the candidate yet")
    help_ = f"What the metrics must hold: {doc('rollout.md')}"
    windows, why = _at_stage(move, rollout, evidence)
    if windows is None:
        return Ruling(METRICS, "unknown", f"task `{move.task}`: outcomes are not knowable here: {why}", help_)
    compared = compare_outcomes(*windows, rollout.limits)
    if not compared:
        return Ruling(METRICS, "unknown", f"task `{move.task}`: no outcome has a limit", help_)
    failing = [c for c in compared if c.state != "held"]
    if not failing:
        sizes = f"{compared[0].n[1]:,} candidate and {compared[0].n[0]:,} current requests"
        return Ruling(METRICS, "held", f"{', '.join(map(in_words, compared))} ({sizes})")
    state = "broken" if any(c.state == "broken" for c in failing) else "unknown"
    said = f"task `{move.task}` at {move.before:g}%: {'; '.join(map(in_words, failing))}"
    hint = "Go back to the proven model and look into it." if state == "broken" else "Let more requests come in."
    return Ruling(METRICS, "broken" if state == "broken" else "unknown", said, hint)


def _at_stage(move: Move, rollout: Rollout, evidence: Evidence) -> tuple[tuple[Window, Window] | None, str]:
    """Return the outcomes of current model and candidate since the stage began, or why there are none to trust."""
    if evidence.windows is None:
        return None, evidence.why_windows
    if evidence.since is None:
        return None, f"when the stage began is not known ({evidence.why_since})"
    known = [w for w in evidence.windows if w.first >= evidence.since - SKEW]
    sides = [_joined([w for w in known if w.model == model]) for model in (move.current, move.candidate)]
    for model, side in zip((move.current, move.candidate), sides, strict=True):
        if side is None:
            older = any(w.model == model for w in evidence.windows)
            return None, f"{'only metrics from before the stage' if older else 'no metrics'} of {model}"
    current, candidate = sides
    if current is None or candidate is None:
        return None, "no metrics"
    if max(current.last, candidate.last) > evidence.now + SKEW:
        return None, "the metrics are from the future: one of the clocks is wrong"
    covered = min(current.last - current.first, candidate.last - candidate.first)
    if covered < timedelta(hours=rollout.soak_hours) - SKEW:
        hours = covered.total_seconds() / 3600
        return None, f"the metrics of what is deployed cover {hours:.0f} of {rollout.soak_hours:g} hours"
    return (current, candidate), ""


def _joined(windows: Sequence[Window]) -> Window | None:
    if not windows:
        return None
    joined = windows[0]
    for window in windows[1:]:
        joined = joined + window
    return joined


NAMES = {
    "error_rate": "error rate",
    "latency_p50": "latency p50",
    "latency_p95": "latency p95",
    "quality": "quality",
    "cost": "cost per request",
    "completion": "completion",
}
_FALLING = {"quality", "completion"}


def in_words(compared: Compared) -> str:
    """Say one metric: how much it moved, how much worse it may be at most, the limit, and what is missing."""
    name = NAMES[compared.metric]
    if compared.state == "missing":
        return f"{name}: not recorded ({compared.n[0]:,} current, {compared.n[1]:,} candidate)"
    sign = -1 if compared.metric in _FALLING else 1
    unit = " points" if compared.metric in {"error_rate", "quality", "completion"} else "%"
    moved = f"{name} {sign * compared.worse * 100:+.1f}{unit}"
    limit = f"limit {sign * compared.limit * 100:+g}"
    if compared.state == "thin":
        more = f", about {count(compared.needed, 'candidate request')} would settle it" if compared.needed else ""
        return f"{moved} of {compared.n[1]:,} requests proves nothing within the {limit}{more}"
    return f"{moved} (at worst {sign * compared.bound * 100:+.1f}, {limit})"


def rollback(move: Move, head: Task, lifetime: Lifetime | None) -> Ruling:
    """The model to go back to is still configured, and still answered."""
    kept = head.model == move.current or move.current in (*head.fallbacks, *head.candidates)
    if not kept:
        said = f"task `{move.task}` no longer names `{move.current}`, the model to go back to"
        return Ruling(LOST, "broken", said, f"Keep `{move.current}` among the fallbacks.")
    if lifetime is not None and (lifetime.status == "retired" or lifetime.rerouted_to):
        said = f"task `{move.task}`: `{move.current}`, the model to go back to, is no longer answered"
        return Ruling(LOST, "broken", said, "Prove another model to go back to before you go on.")
    return Ruling(LOST, "held", f"`{move.current}` is still configured")
