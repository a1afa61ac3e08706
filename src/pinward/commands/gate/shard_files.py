"""What shards leave: folders that other machines wrote, read as data.

Two files of fixed names are read from each, no link is followed, no archive is opened, sizes are limited
(docs/threats.md T27). A sample counts only under the key that this very plan gives it, and in its
case's own shard.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from pinward.commands.gate.files import REPORT, RESULTS, open_plain, read_report
from pinward.core.evidence import Call, Sample
from pinward.core.quantities import count
from pinward.core.report import GateReport, ShardPart
from pinward.core.strict_json import JsonError, parse_json
from pinward.errors import ConfigError, ExitCode, PinwardError, UsageError, worst
from pinward.evals.journal import MOST, read_sample
from pinward.evals.runner import Limits
from pinward.evals.samples import Samples

MAX_RESULTS = 2_000_000_000
MAX_LINE = 100_000_000  # an answer is at most 32 MB (net.MAX_BYTES), and up to six bytes a character as JSON
WHOLE_SAMPLES = Limits().whole_samples
AGAIN = "Run that shard again and hand its whole folder over."


class ShardFailedError(PinwardError):
    """A shard ended before it could ask anything, so that nothing is decided; its exit code is the run's."""

    def __init__(self, message: str, hint: str, exit_code: ExitCode) -> None:
        super().__init__(message, hint)
        self.exit_code = exit_code


@dataclass(frozen=True, slots=True)
class Part:
    """One shard's folder and its report."""

    folder: Path
    report: GateReport
    shard: ShardPart

    def __str__(self) -> str:
        return f"shard {self.shard.number} of {self.shard.of} ({self.folder})"


def read_parts(folders: Iterable[Path]) -> list[Part]:
    """Read the reports of shards. A folder may be a shard's own, or hold one folder for each.

    Raises `UsageError` or `ConfigError` for a folder that is neither, and for shards that are missing, doubled or
    parts of different runs; `ShardFailedError` where one ended before it asked anything.
    """
    parts = [_read_part(folder) for given in folders for folder in _own(given)]
    for part in parts:
        _check_figures(part)
    _check_failed(parts)
    _check_alike(parts)
    _check_whole(parts)
    return sorted(parts, key=lambda part: part.shard.number)


def _own(folder: Path) -> list[Path]:
    if not folder.is_dir():
        raise UsageError(f"{folder}: there is no such folder", "Name the report folders of `pinward gate --shard`.")
    if (folder / REPORT).is_file():
        return [folder]
    below = sorted(child for child in folder.iterdir() if child.is_dir() and not child.is_symlink())
    found = [child for child in below if (child / REPORT).is_file()]
    if not found:
        raise UsageError(f"{folder}: holds no {REPORT}", "Name the report folders of `pinward gate --shard`.")
    return found


def _read_part(folder: Path) -> Part:
    report = read_report(folder)
    if report.shard is None and report.verdict == "error":
        said = f"{folder}: {report.reasons[0] if report.reasons else 'failed'}"
        raise ShardFailedError(said, report.next_step or AGAIN, ExitCode(report.exit_code))
    if report.shard is None:
        raise UsageError(f"{folder}: is the report of a whole run", "Leave it out, or `pinward publish` it as it is.")
    return Part(folder, report, report.shard)


def _check_figures(part: Part) -> None:
    report = part.report
    if not all(0 <= figure <= MOST for figure in (report.cost_usd or 0.0, report.requests, report.seconds)):
        raise ConfigError(f"{part}: its report states figures that no run gives", AGAIN)


def failures(failed: Iterable[Part]) -> Iterator[str]:
    """Say of each shard that it failed, and why."""
    for part in failed:
        why = part.report.reasons[0] if part.report.reasons else "it says no more"
        yield f"Shard {part.shard.number} of {part.shard.of} could not evaluate its cases: {why}"


def _check_failed(parts: Sequence[Part]) -> None:
    failed = [part for part in parts if part.report.verdict == "error" and part.report.results_sha256 is None]
    if failed:
        code = worst([ExitCode(part.report.exit_code) for part in failed])
        raise ShardFailedError(" ".join(failures(failed)), failed[0].report.next_step or AGAIN, code)


def _check_alike(parts: Sequence[Part]) -> None:
    """Refuse shards of different runs. A shard that failed before it had a plan is told by its commits."""
    first = parts[0]
    for part in parts[1:]:
        for said in ("base", "head"):
            one, other = getattr(first.report, said), getattr(part.report, said)
            if one != other:
                raise UsageError(f"{first} and {part} have different {said}s ({one[:9]}, {other[:9]})", AGAIN)
        if first.shard.of != part.shard.of or first.shard.read != part.shard.read:
            raise UsageError(f"{first} and {part} are parts of different runs", AGAIN)
    plans = {part.shard.plan: part for part in parts if part.shard.plan}
    if len(plans) > 1:
        one, other = list(plans.values())[:2]
        hint = "Run all shards again with one version of Pinward; an approval in between changes the plan too."
        raise UsageError(f"{one} and {other} followed different plans", hint)


def _check_whole(parts: Sequence[Part]) -> None:
    of = parts[0].shard.of
    seen: dict[int, Part] = {}
    for part in parts:
        number = part.shard.number
        if number in seen:
            raise UsageError(f"{part} is there twice ({seen[number].folder})", "Hand each shard over once.")
        seen[number] = part
    missing = sorted(set(range(1, of + 1)) - seen.keys())
    if wrong := sorted(seen.keys() - set(range(1, of + 1))):
        raise UsageError(f"there is no shard {wrong[0]} of {of}", AGAIN)
    if missing:
        named = ", ".join(map(str, missing[:10])) + (" ..." if len(missing) > 10 else "")
        hint = f"Run `pinward gate --shard {missing[0]}/{of}` and hand its report folder over."
        raise UsageError(f"{count(len(missing), 'shard')} of {of} not there: {named}", hint)


@dataclass(slots=True)
class Joined:
    """Writes the samples of all shards into one `results.jsonl` and keeps what the verdict needs of them.

    `shard_of` says whose each (task, case) is, `key_of` what a call's sample must be called in this plan, `is_earned`
    whether its grade is what the checks say of its answer.
    """

    shard_of: Mapping[tuple[str, str], int]
    key_of: Callable[[Call], str | None]
    is_earned: Callable[[Sample], bool]
    samples: Samples = field(default_factory=lambda: Samples(WHOLE_SAMPLES))
    _slots: dict[Call, int] = field(default_factory=dict)

    def write(self, parts: Iterable[Part], path: Path) -> str:
        """Return the SHA-256 of the joined file. Raises `ConfigError` for a shard that was changed or is not ours."""
        try:
            with path.open("wb") as out:
                for part in parts:
                    if part.report.results_sha256 is not None:
                        out.writelines(self._lines(part))
            self.samples.arrange(self._slots.values())
            with path.open("rb") as written:
                return hashlib.file_digest(written, "sha256").hexdigest()
        except ConfigError:
            path.unlink(missing_ok=True)
            raise

    def _lines(self, part: Part) -> Iterator[bytes]:
        path = part.folder / RESULTS
        with open_plain(path, MAX_RESULTS) as file:
            if hashlib.file_digest(file, "sha256").hexdigest() != part.report.results_sha256:
                raise ConfigError(f"{path}: is not the file that its report was written with", AGAIN)
            file.seek(0)
            for number, line in enumerate(iter(lambda: file.readline(MAX_LINE), b""), 1):
                if self._take(part, _sample(line, f"{path}:{number}")):
                    yield line

    def _take(self, part: Part, sample: Sample) -> bool:
        """Keep a sample of this plan; pass over what an earlier run left in the same folder under other keys."""
        call = sample.call
        if self.key_of(call) != sample.key:
            return False
        if self.shard_of[call.task, call.case] != part.shard.number:
            raise ConfigError(f"{part} holds answers of another shard's case {call.case[:80]!r}", AGAIN)
        if not self.is_earned(sample):
            raise ConfigError(f"{part}: the grade of case {call.case[:80]!r} is not what its checks say", AGAIN)
        known = self._slots.get(call)
        if known is None or self.samples.at(known).grade is None:  # a resumed run asks again for what did not arrive
            self._slots[call] = self.samples.keep(sample)
        return True


def _sample(line: bytes, where: str) -> Sample:
    try:
        record: Any = parse_json(line.decode("utf-8"))
        return read_sample(record)
    except (JsonError, ValueError, KeyError, TypeError):
        raise ConfigError(f"{where}: not a result of a run", AGAIN) from None
