"""The table of all scan rules, and the loop that checks them."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from dataclasses import replace
from datetime import date

from pinward.core.facts import Catalog, RepositoryFacts
from pinward.core.findings import Finding, FindingConfidence, ModelUse, fingerprint
from pinward.core.policy import LifecyclePolicy
from pinward.core.scan_report import RuleText
from pinward.rules import ignores, lifecycle, pinning
from pinward.rules.base import Persona, Rule, Statement, Subject

RULES: tuple[Rule, ...] = (
    Rule("retired-model", "error", "The provider no longer answers this model", lifecycle.retired_model),
    Rule("silent-reroute", "error", "The provider answers this name with another model", lifecycle.silent_reroute),
    Rule("retiring-urgent", "error", "The model is shut down within days", lifecycle.retiring_urgent),
    Rule("unpinned-alias", "error", "The name can change model without a commit", pinning.unpinned_alias),
    Rule(
        "alias-of-retiring", "warning", "The snapshot behind this alias is shut down soon", lifecycle.alias_of_retiring
    ),
    Rule("retiring-soon", "warning", "The model is shut down within months", lifecycle.retiring_soon),
    Rule("preview-model", "warning", "The model is a preview that can vanish at short notice", pinning.preview_model),
    Rule("undated-model", "note", "The provider offers no snapshot to pin to", pinning.undated_model),
    Rule("unknown-model", "note", "Nothing is known of this name", pinning.unknown_model, persona="auditor"),
    ignores.UNUSED,
    ignores.EXPIRED,
)
BY_ID = {rule.id: rule for rule in RULES}
TEXTS = tuple(RuleText(rule.id, rule.severity, rule.summary, rule.doc_url) for rule in RULES)
_OF_USES = tuple((rule, rule.check) for rule in RULES if rule.check)


def gather(uses: Iterable[ModelUse], catalog: Catalog, today: date, policy: LifecyclePolicy) -> RepositoryFacts:
    """Collect what the rules look at: the uses, and the lifetime of every model among them."""
    uses = tuple(uses)
    models = {(use.model.provider, use.model.id): use.model for use in uses}
    lifetimes = {key: life for key, model in models.items() if (life := catalog.lifetime(model, today))}
    return RepositoryFacts(uses, lifetimes, today, policy, catalog.compiled_on)


def check(facts: RepositoryFacts, persona: Persona = "user") -> tuple[Finding, ...]:
    """Return what the rules say, one finding a use and rule, in the order of paths, lines and rules.

    The default persona hears of names that are sent to a provider; the auditor of every name, the others as notes.
    """
    heard = [use for use in facts.uses if use.role == "selection" or persona == "auditor"]
    ordinals: Counter[tuple[str, str, str, str]] = Counter()
    found: list[Finding] = []
    for use in heard:
        subject = Subject(use, facts.lifetime(use.model), facts.today, facts.lifecycle)
        for rule, ask in _OF_USES:
            statement = ask(subject) if rule.persona == "user" or persona == "auditor" else None
            if statement is not None:
                key = (use.location.path, use.slot, rule.id, use.model.id)
                found.append(_finding(rule, statement, use, ordinals[key]))
                ordinals[key] += 1
    return tuple(found)


def _finding(rule: Rule, said: Statement, use: ModelUse, ordinal: int) -> Finding:
    mark = fingerprint(rule.id, use, ordinal)
    finding = Finding(
        rule.id, said.severity or rule.severity, said.confidence, said.message, said.help, rule.doc_url, mark
    )
    if use.role != "selection":
        low: FindingConfidence = "low"
        return replace(finding, severity="note", confidence=low, use=use)
    return replace(finding, use=use, fix=said.fix)


def blocks(finding: Finding, fail_on: Iterable[str]) -> bool:
    """Tell whether a finding fails a scan: its rule is named, and more than a third party's word stands behind it."""
    return finding.rule in set(fail_on) and finding.confidence != "low"
