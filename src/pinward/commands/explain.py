"""`pinward explain NAME...`: what a model name is, how long it lives, and where that was read; or a rule's page."""

from __future__ import annotations

from datetime import UTC, date, datetime, time
from typing import Literal, TextIO

from pinward.commands.packaged import packaged
from pinward.commands.watch.facts import breaks
from pinward.errors import ExitCode, UsageError
from pinward.lifecycle.catalog import EmbeddedCatalog
from pinward.lifecycle.prices import GenaiPrices
from pinward.render.explain import Explanation, as_console, as_json
from pinward.rules.table import BY_ID

Format = Literal["console", "json"]


def run(
    names: tuple[str, ...],
    catalog: EmbeddedCatalog,
    today: date,
    out: TextIO,
    client: str | None = None,
    output: Format = "console",
) -> ExitCode:
    """Write what is known of each name to `out`: rules first, then models.

    Returns `OK` for unknown names too: asking is no verdict.
    """
    if not names:
        raise UsageError("explain needs at least one name", "For example: pinward explain gpt-4o")
    rules, models = [n for n in names if n in BY_ID], [n for n in names if n not in BY_ID]
    if rules and output == "json":
        raise UsageError(f"`{rules[0]}` is a rule: its page has no JSON form", "Leave --format out.")
    out.write("\n".join(rule_page(rule) for rule in rules))
    if not models:
        return ExitCode.OK
    explanations = tuple(_explain(name, catalog, today, client) for name in models)
    out.write("\n" if rules else "")
    out.write(as_json(explanations) if output == "json" else as_console(explanations, today))
    return ExitCode.OK


def _explain(name: str, catalog: EmbeddedCatalog, today: date, client: str | None) -> Explanation:
    model = catalog.identify(name, client)
    life = catalog.lifetime(model, today)
    lost = breaks(model, life, catalog, GenaiPrices(datetime.combine(today, time(12), UTC))) if life else ()
    return Explanation(model, life, catalog.similar(model), lost)


def rule_page(rule: str) -> str:
    """Return the page of a rule of the table."""
    return packaged("rules", f"{rule}.md")
