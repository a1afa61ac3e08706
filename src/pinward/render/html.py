"""The gate's report as one HTML file that works from a download without a network.

A strict Content-Security-Policy names the file's one script and one style sheet by hash and forbids everything else,
so that nothing an output holds could load, send or run, even if it got past the escaping.
"""

from __future__ import annotations

import base64
import hashlib
import re
from collections.abc import Iterable, Mapping
from functools import cache
from importlib.resources import files
from typing import TYPE_CHECKING, Any

from pinward.core import quantities
from pinward.core.report import GateReport
from pinward.render import charts, figures, html_cases, text, words

if TYPE_CHECKING:
    from jinja2 import Template
    from markupsafe import Markup

_CODE = re.compile(r"`([^`]*)`")


def render(report: GateReport, rows: Iterable[Mapping[str, Any]] = ()) -> str:
    """Return the HTML report. `rows` are the lines of `results.jsonl`, redacted as they are there; they may be
    gone through twice.

    At most 5,000 cases are shown, the rest is counted; long outputs are cut until the file is under 5 MB.
    """
    table = html_cases.cases(report, rows)
    data = html_cases.fit(table.records)
    style, script = _asset("report.css"), _asset("report.js")
    return _template().render(
        report=report,
        headline=words.headline(report),
        said=words.told(report),
        tasks=words.compared(report),
        places=figures.places(report),
        figures=figures,
        words=words,
        quantities=quantities,
        charts=charts,
        histogram=charts.score_differences(table.deltas),
        spans=charts.latencies(words.compared(report)),
        lives=charts.lifetimes(report),
        moves=charts.cost_and_quality(words.compared(report)),
        left_out=table.total - len(table.records),
        cases=table.records,
        data=_trusted(data),
        style=_trusted(style),
        script=_trusted(script),
        policy=_policy(style, script),
    )


def _policy(style: str, script: str) -> str:
    hashes = [base64.b64encode(hashlib.sha256(source.encode()).digest()).decode() for source in (script, style)]
    sources = f"script-src 'sha256-{hashes[0]}'; style-src 'sha256-{hashes[1]}'"
    return f"default-src 'none'; {sources}; base-uri 'none'; form-action 'none'"


def _trusted(source: str) -> Markup:
    from markupsafe import Markup

    return Markup(source)  # noqa: S704 - our own files, and JSON without a single angle bracket


def _sentence(sentence: str) -> Markup:
    """Return a sentence of the report with its code spans as elements, everything escaped."""
    from markupsafe import Markup, escape

    parts = _CODE.split(text.one_line(sentence))
    return Markup("").join(
        Markup("<code>{}</code>").format(part) if index % 2 else escape(part) for index, part in enumerate(parts)
    )


@cache
def _asset(name: str) -> str:
    return (files("pinward.render") / "templates" / name).read_text(encoding="utf-8")


@cache
def _template() -> Template:
    from jinja2 import Environment, StrictUndefined

    environment = Environment(autoescape=True, undefined=StrictUndefined, trim_blocks=True, lstrip_blocks=True)
    environment.filters |= {"sentence": _sentence, "line": text.one_line}
    environment.tests["link"] = text.is_link
    return environment.from_string(_asset("report.html.j2"))
