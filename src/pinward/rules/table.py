"""The table of all scan rules, and the loop that checks them."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import replace
from datetime import date

from pinward.core.facts import Catalog, ProjectFacts, RepositoryFacts
from pinward.core.findings import Finding, FindingConfidence, Location, ModelUse, fingerprint, mark
from pinward.core.policy import LifecyclePolicy
from pinward.core.scan_report import RuleText
from pinward.errors import ConfigError
from pinward.rules import ignores, lifecycle, pinning, rollout, tasks
from pinward.rules.base import Persona, Remark, Rule, Statement, Subject

RULES: tuple[Rule, ...] = (
    Rule("retired-model", "error", "The provider no longer answers this model", lifecycle.retired_model),
    Rule("silent-reroute", "error", "The provider answers this name with another model", lifecycle.silent_reroute),
    Rule("retiring-urgent", "error", "The model is shut down within days", lifecycle.retiring_urgent),
    Rule(
        "rollout-stage-skipped",
        "error",
        "A rollout takes more than its next stage",
        survey=rollout.ruled("rollout-stage-skipped"),
    ),
    Rule(
        "rollout-soak", "error", "A rollout goes on before its stage has soaked", survey=rollout.ruled("rollout-soak")
    ),
    Rule(
        "rollout-metrics",
        "error",
        "A rollout goes on without outcomes within the limits",
        survey=rollout.ruled("rollout-metrics"),
    ),
    Rule("rollback-lost", "error", "A rollout gives up the model to go back to", survey=rollout.ruled("rollback-lost")),
    Rule("unpinned-alias", "error", "The name can change model without a commit", pinning.unpinned_alias),
    Rule(
        "alias-of-retiring", "warning", "The snapshot behind this alias is shut down soon", lifecycle.alias_of_retiring
    ),
    Rule("retiring-soon", "warning", "The model is shut down within months", lifecycle.retiring_soon),
    Rule("preview-model", "warning", "The model is a preview that can vanish at short notice", pinning.preview_model),
    Rule("suite-missing", "warning", "A change of this task's model cannot be evaluated", survey=tasks.suite_missing),
    Rule(
        "prompt-version-missing",
        "warning",
        "A model gets a prompt that was written for others",
        survey=tasks.prompt_version_missing,
    ),
    Rule(
        "fallback-same-provider",
        "warning",
        "One outage takes the model and its fallbacks",
        survey=tasks.fallback_same_provider,
    ),
    Rule("stale-catalog", "warning", "The catalog is too old to know every shutdown", survey=lifecycle.stale_catalog),
    Rule("undated-model", "note", "The provider offers no snapshot to pin to", pinning.undated_model),
    Rule("no-fallback", "note", "Nothing answers when the model does not", survey=tasks.no_fallback),
    Rule("suite-coverage", "note", "A kind of case is rare or missing in a suite", survey=tasks.suite_coverage),
    Rule(
        "prompt-and-model-changed",
        "note",
        "A pull request changes model and prompt of one task",
        survey=tasks.prompt_and_model_changed,
    ),
    Rule("hardcoded-model", "note", "The name is written into the code", pinning.hardcoded_model, persona="auditor"),
    Rule("unknown-model", "note", "Nothing is known of this name", pinning.unknown_model, persona="auditor"),
    ignores.UNUSED,
    ignores.EXPIRED,
)
BY_ID = {rule.id: rule for rule in RULES}
TEXTS = tuple(RuleText(rule.id, rule.severity, rule.summary, rule.doc_url) for rule in RULES)
_OF_USES = tuple((rule, rule.check) for rule in RULES if rule.check)
_OF_ALL = tuple((rule, rule.survey) for rule in RULES if rule.survey)


def gather(
    uses: Iterable[ModelUse],
    catalog: Catalog,
    today: date,
    policy: LifecyclePolicy,
    project: ProjectFacts | None = None,
    programs: frozenset[str] = frozenset(),
) -> RepositoryFacts:
    """Collect what the rules look at: the uses, the lifetime of every model among them, and the project's facts.

    `programs` are the paths that hold code.
    """
    uses = tuple(uses)
    models = {(use.model.provider, use.model.id): use.model for use in uses}
    lifetimes = {key: life for key, model in models.items() if (life := catalog.lifetime(model, today, policy))}
    return RepositoryFacts(uses, lifetimes, today, policy, catalog.compiled_on, programs, project)


def check(facts: RepositoryFacts, persona: Persona = "user") -> tuple[Finding, ...]:
    """Return what the rules say, one finding a use and rule, in the order of paths, lines and rules.

    The default persona hears of names that are sent to a provider; the auditor of every name, the others as notes.
    """
    return tuple(sorted([*_of_all(facts), *_of_uses(facts, persona)], key=in_order))


def in_order(finding: Finding) -> Location:
    """Sort findings by place; those about the repository as a whole come first."""
    return finding.place or Location("", 0, 0, 0)


def _of_uses(facts: RepositoryFacts, persona: Persona) -> Iterator[Finding]:
    heard = [use for use in facts.uses if use.role == "selection" or persona == "auditor"]
    ordinals: Counter[tuple[str, str, str, str]] = Counter()
    for use in heard:
        in_program = use.location.path in facts.programs
        subject = Subject(use, facts.lifetime(use.model), facts.today, facts.lifecycle, in_program)
        for rule, ask in _OF_USES:
            statement = ask(subject) if rule.persona == "user" or persona == "auditor" else None
            if statement is not None:
                key = (use.location.path, use.slot, rule.id, use.model.id)
                yield _finding(rule, statement, use, ordinals[key])
                ordinals[key] += 1


def _of_all(facts: RepositoryFacts) -> Iterator[Finding]:
    for rule, survey in _OF_ALL:
        for remark in survey(facts):
            yield _remark(rule, remark, facts)


def _remark(rule: Rule, said: Remark, facts: RepositoryFacts) -> Finding:
    place = facts.project.project.place(*said.key) if facts.project else None
    about = "/".join(said.key)
    digest = mark(place.path if place else "", about, rule.id, said.detail)
    severity = said.severity or rule.severity
    return Finding(
        rule.id, severity, "high", said.message, said.help, rule.doc_url, digest, location=place, about=about
    )


def _finding(rule: Rule, said: Statement, use: ModelUse, ordinal: int) -> Finding:
    digest = fingerprint(rule.id, use, ordinal)
    finding = Finding(
        rule.id, said.severity or rule.severity, said.confidence, said.message, said.help, rule.doc_url, digest
    )
    if use.role != "selection":
        low: FindingConfidence = "low"
        return replace(finding, severity="note", confidence=low, use=use)
    return replace(finding, use=use, fix=said.fix)


def require_known(fail_on: Iterable[str]) -> None:
    """Refuse a policy that fails on a rule that does not exist: a misspelt one would never fail anything."""
    strange = sorted(set(fail_on) - BY_ID.keys())
    if strange:
        raise ConfigError(
            f"policy.scan.fail_on: there is no rule {', '.join(f'`{name}`' for name in strange)}",
            "`pinward explain RULE` prints the page of a rule; docs/rules lists them all.",
        )


def blocks(finding: Finding, fail_on: Iterable[str]) -> bool:
    """Tell whether a finding fails a scan: its rule is named, and more than a third party's word stands behind it."""
    return finding.rule in set(fail_on) and finding.confidence != "low"
