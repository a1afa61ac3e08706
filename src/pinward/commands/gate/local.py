"""What the store of this machine contributes to a gate on the command line (docs/how-verdicts.md, "The store of this
machine")."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path

from pinward.core.evidence import Call, Sample
from pinward.core.quantities import count
from pinward.errors import ConfigError
from pinward.evals.journal import Journal, read_samples
from pinward.evals.local_store import MAX_DAYS, LocalStore
from pinward.evals.runner import Work

Stored = Callable[[Call, str], Sample | None]


@dataclass
class Local:
    """The store of one run, or none; `notes` says what came from it, and why it was left alone."""

    store: LocalStore | None = None
    days: float = MAX_DAYS
    _problems: list[str] = field(default_factory=list)

    @classmethod
    def open(cls, path: Path | None, evidence_days: float, now: Callable[[], datetime]) -> Local:
        """Open the store; one that is damaged or somebody else's is left alone, with a note."""
        days = min(MAX_DAYS, evidence_days)
        if path is None or days <= 0:
            return cls()
        try:
            return cls(LocalStore(path, lambda: now().timestamp(), days), days)
        except ConfigError as error:
            return cls(None, days, [f"{error.message}: it is not used. {error.hint}"])

    def after(self, stored: Stored, work: Work) -> Stored:
        """Return what is asked before each call: stored evidence first, then this store.

        A floating name and an application of the user's can answer otherwise today, so that they are always asked.
        """
        store = self.store
        if store is None:
            return stored

        def known(call: Call, key: str) -> Sample | None:
            found = stored(call, key)
            arm = work.arms[call.task, call.arm]
            if found is not None or arm.target_digest or arm.model.pin == "floating":
                return found
            return store.get(call, key)

        return known

    def keep(self, journal: Journal) -> None:
        """Store the first answers that this run was given, and close. Those of an interrupted run would look younger
        than they are."""
        if self.store is None:
            return
        try:
            self.store.put(s for s in read_samples(journal.path) if journal.known(s.key) is None)
        except ConfigError as error:
            self._problems.append(f"{error.message}: this run's answers are not kept. {error.hint}")
        finally:
            self.store.close()

    def notes(self, samples: Iterable[Sample], from_reports: int) -> list[str]:
        """Say how many answers of a run are this store's: the stored ones that no report accounts for."""
        taken = sum(sample.stored for sample in samples) - from_reports if self.store else 0
        said = (
            f"{count(taken, 'first answer')} from the store of this machine, at most {self.days:g} days old; "
            "`--no-store` asks anew. Their latency is not counted."
        )
        return [*self._problems, *([said] if taken > 0 else [])]
