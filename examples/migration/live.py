"""A whole migration with two real models on this machine, from a floating name to all of the traffic.

    examples/migration/live.sh [FOLDER]

The support desk of examples/support-tickets reads its tickets with `gpt-5.1`, a name that floats. It is pinned; another
model takes its place in a pull request and is blocked by name of what got worse; with a prompt of its own it passes; it
gets the traffic step by step; and one night the old name is about to be shut down.

Real here: git, the scan and its fix, the gate, both models over HTTP, what they answer, the suite, the statistics, the
application's choice of a model and its outcome metrics, the catalog's dates. Played: what stands behind the name
`gpt-5.1-2025-11-13` (SmolLM2 135M), the users (each gets one of the answers that the models gave in this run), the days
that pass, and GitHub's word on when a pull request was merged.
"""

from __future__ import annotations

import random
import subprocess
import sys
from collections import defaultdict
from contextlib import chdir
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from tempfile import TemporaryDirectory

ROOT = Path(__file__).parents[2]
sys.path[:0] = [str(ROOT), str(Path(__file__).parent)]

from migrate import Story

from pinward.commands import demo
from pinward.commands.rollout import run as rollout
from pinward.commands.rollout.evidence import Outside
from pinward.commands.watch import run as watch
from pinward.core.model_id import ModelId
from pinward.core.report import GateReport
from pinward.evals.journal import read_samples
from pinward.lifecycle.catalog import load
from pinward.runtime import Outcome, TaskConfig, select_model
from scripts import local_models

TASK = "extract_ticket"
FLOATING, PINNED = "gpt-5.1", "gpt-5.1-2025-11-13"
OLD, NEW = f"openai/{PINNED}", "local-gemma/gemma-3-270m-q4_k_m"
# Stages are the base commit's word, so that the rollout is there before its first step is.
ROLLOUT = """\
    rollout:
      percent: 0
      stages: [5, 25, 100]
      soak_hours: 48
      # Both models share this machine's two cores, so that their speed says nothing; their outcomes do.
      metrics:
        file: metrics/extract_ticket.json
        limits: {latency_p50: null, latency_p95: null, quality: null, cost: null, completion: 0.1}

policy:
"""


@dataclass
class LiveStory(Story):
    """The story with real answers: what a model said to the suite's tickets is what its users get."""

    answers: dict[str, list[Outcome]] = field(default_factory=lambda: defaultdict(list))

    def outcome(self, task: TaskConfig, user: str, dice: random.Random, errors: float) -> Outcome:  # noqa: ARG002
        """Give one user an answer of the model that the application chose."""
        return dice.choice(self.answers[select_model(task, key=user)])

    def learn(self, report: GateReport) -> None:
        """Keep what both models answered in a report: arrived or not, how fast, and right or not."""
        by_arm = {"baseline": OLD, "candidate": NEW}
        for sample in read_samples(self.reports / f"pr-{len(self.verdicts)}" / "results.jsonl"):
            if sample.call.arm in by_arm:
                model, said = by_arm[sample.call.arm], sample.completion
                right = sample.grade is not None and sample.grade.passed
                self.answers[model].append(Outcome(model, said.fault is not None, said.latency, completed=right))
        told(report)

    def advance(self) -> GateReport:
        """Take the next step of the rollout as its verb writes it, and gate it."""
        edges = rollout.Edges(load(), lambda: self.now, lambda moment: Outside(moment, self.github))
        print("\n$ pinward rollout extract_ticket --advance")
        if rollout.run(rollout.Options(TASK, self.root, advance=True), edges, sys.stdout):
            raise SystemExit("the rollout does not go on")
        text = self.config.read_text(encoding="utf-8")
        self.git("checkout", "--quiet", "--", "pinward.yml")
        percent = text.partition("percent: ")[2].split()[0]
        return self.pull_request(f"Give Gemma {percent}% of the traffic", percent=percent)


def told(report: GateReport) -> None:
    """Print what a report says of its one task."""
    for task in report.tasks:
        baseline, candidate = task.pass_rate.baseline, task.pass_rate.candidate
        rates = f"{baseline:.0%} -> {candidate:.0%}" if baseline is not None and candidate is not None else "unknown"
        print(f"    {task.valid} of {task.cases} cases, passed: {rates}; {report.requests} calls")
        for case in task.notable_cases:
            if case.status == "regressed":
                print(f"    regressed: {case.id} ({case.category}): {case.why}")


def pinward(root: Path, *arguments: str) -> int:
    """Run the program as a user does."""
    print(f"\n$ pinward {' '.join(arguments)}", flush=True)
    with chdir(root):
        return subprocess.run([sys.executable, "-m", "pinward", *arguments], check=False).returncode


def application(story: LiveStory, addresses: dict[str, str]) -> None:
    """Write the support desk as it was: its model behind a floating name."""
    files = local_models.at_addresses(demo.application(), addresses)
    smollm2 = f"local-smollm2/{local_models.MODELS['local-smollm2'].id}"
    renamed = {
        "pinward.yml": [(smollm2, f"openai/{FLOATING}"), ("local-smollm2:", "openai:"), ("\npolicy:\n", ROLLOUT)]
    }
    renamed["pinward.yml"] += [("deadline_minutes: 30", "deadline_minutes: 240")]  # two models on a busy laptop
    renamed["prompts/extract_ticket.yml"] = [("local-smollm2/*", "openai/*")]
    renamed["app/draft_reply.py"] = [("gpt-4o", FLOATING)]
    for name, data in files.items():
        text = data.decode()
        for before, after in renamed.get(name, []):
            text = text.replace(before, after)
        path = story.root / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")
    (story.root / ".gitignore").write_text("*.lock\n", encoding="utf-8")
    story.git("init", "--quiet", "--initial-branch=main")
    story.commit("A support desk that reads its tickets with gpt-5.1")


def repaired(root: Path) -> None:
    """Add the version of the prompt that Gemma needs: five examples and the schema of the answer."""
    patch = (demo.examples() / "demo/2-new-model-and-schema.patch").read_text(encoding="utf-8")
    prompt = "diff --git a/prompts" + patch.partition("diff --git a/prompts")[2]
    subprocess.run(["git", "apply", "-"], cwd=root, input=prompt, text=True, check=True)


def pin(story: LiveStory) -> None:
    """Find the floating name, pin it, and find nothing any more."""
    if pinward(story.root, "scan") != 1:
        raise SystemExit("the floating name was not found")
    pinward(story.root, "scan", "--fix", "safe")
    if pinward(story.root, "scan"):
        raise SystemExit("the floating name is still there")
    story.commit("Pin the model")


def play(folder: Path, addresses: dict[str, str]) -> list[str]:
    """Play everything in an empty folder and return the verdicts of the pull requests."""
    story = LiveStory(folder / "repository", folder / "reports", datetime.now(UTC), store=folder / "store.sqlite")
    story.task, story.old, story.new = TASK, OLD, NEW
    application(story, addresses)
    pin(story)

    story.learn(story.pull_request("Read tickets with Gemma 3 270M", model=NEW))
    print("\nThe prompt is given what the new model needs, and the new model a twentieth of the traffic.")
    story.answers.clear()
    repaired(story.root)
    with_candidate = f"{OLD}\n    candidate: [{NEW}]"
    story.learn(story.pull_request("Ask Gemma for the schema; 5% of the traffic", model=with_candidate, percent="5"))
    while story.verdicts[-1] == "pass" and "percent: 100" not in story.config.read_text(encoding="utf-8"):
        story.live()
        told(story.advance())
    if story.verdicts[-1] == "pass":
        story.live()
        taken = story.pull_request(
            "Gemma reads our tickets", model=f"{NEW}\n    fallbacks: [{OLD}]", candidate="", percent="0"
        )
        told(taken)

    life = load().lifetime(ModelId("openai", OLD, PINNED, "pinned"), story.now.date())
    if life is None or life.shutdown_on is None:
        raise SystemExit(f"the catalog knows no date for {PINNED}")
    night = life.shutdown_on - timedelta(days=29)
    print(f"\nThe night of {night:%d %B %Y}. $ pinward watch\n", flush=True)
    watch.run(story.root, watch.Outside(load(), night), sys.stdout.write)
    print(f"\nThe repository and all reports are in {folder}.")
    return story.verdicts


def main() -> int:
    """Play in the folder that is named, or in one that goes away."""
    with (
        TemporaryDirectory(prefix="pinward-migration-") as temporary,
        local_models.serving({"local-smollm2": PINNED}) as addresses,
    ):
        folder = Path(sys.argv[1]) if len(sys.argv) > 1 else Path(temporary)
        folder.mkdir(parents=True, exist_ok=True)
        verdicts = play(folder.resolve(), addresses)
    print(f"Verdicts: {', '.join(verdicts)}")
    return 0 if verdicts[:2] == ["fail", "pass"] and set(verdicts[2:]) == {"pass"} else 1


if __name__ == "__main__":
    sys.exit(main())
