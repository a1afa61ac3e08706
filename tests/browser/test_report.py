from __future__ import annotations

from collections.abc import Iterator
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import pytest

from pinward.render.html import render
from tests.browser.chromium import Page, find_chromium
from tests.golden.parts import BLOCKED_TASK
from tests.golden.reports import STATES
from tests.unit.render.hostile import ATTACKS, hostile_report

CHROMIUM = find_chromium()
if CHROMIUM is None:
    pytest.skip("browser tests need Chromium (Debian: chromium)", allow_module_level=True)
SHOWN = "document.getElementById('shown').textContent"
FIRST = "document.querySelector('#cases tbody tr button').textContent"


@pytest.fixture(scope="module")
def page(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Page]:
    assert CHROMIUM
    with Page(CHROMIUM, tmp_path_factory.mktemp("profile")) as page:
        yield page


def sample(case: str, arm: str, answer: str, passed: bool) -> dict[str, Any]:
    return {
        "task": "extract_entities",
        "case": case,
        "category": "even" if case[-1] in "02468" else "odd",
        "arm": arm,
        "phase": "first",
        "repeat": 0,
        "completion": {"outcome": "ok", "text": answer, "tool_calls": [], "latency": 0.4},
        "grade": {"score": float(passed), "passed": passed, "reason": "" if passed else "not what was expected"},
    }


def samples(cases: int) -> Iterator[dict[str, Any]]:
    for number in range(cases):
        filling = "the quick brown fox " * 40
        yield sample(f"case-{number}", "baseline", f'{{"total": {number}, "note": "{filling}"}}', True)
        yield sample(f"case-{number}", "candidate", f'{{"total": "{number}", "note": "{filling}"}}', number % 10 > 0)


def open_report(page: Page, folder: Path, html: str) -> None:
    path = folder / "report.html"
    path.write_text(html, encoding="utf-8")
    page.open(path)


def full_report(cases: int) -> str:
    """Return a report in which every tenth of so many cases broke, beside three notable ones."""
    broke = {"regressed": [f"case-{number}" for number in range(0, cases, 10)]}
    judged = BLOCKED_TASK.model_copy(update={"further_cases": broke})
    return render(STATES["blocked"].model_copy(update={"outputs": "full", "tasks": [judged]}), [*samples(cases)])


def test_2000_cases_are_under_5_mb_and_interactive_within_a_second(page: Page, tmp_path: Path) -> None:
    html = full_report(2000)
    assert 3_000_000 < len(html.encode()) < 5_000_000  # with the outputs of every case
    page.call("Performance.enable", timeDomain="threadTicks")
    open_report(page, tmp_path, html)
    assert page.run(SHOWN) == "2003 of 2003 cases"
    assert 0 < page.busy_seconds() < 1  # of the processor: what others do on this machine does not count
    assert not page.problems


def test_nothing_is_asked_of_any_network(page: Page, tmp_path: Path) -> None:
    open_report(page, tmp_path, full_report(3))
    assert page.requests == [(tmp_path / "report.html").as_uri()]


def test_search_filter_and_sort_narrow_and_order_the_table(page: Page, tmp_path: Path) -> None:
    open_report(page, tmp_path, full_report(30))
    page.run("document.getElementById('search').focus()")
    page.call("Input.insertText", text="CASE-12")
    assert page.run(SHOWN) == "1 of 33 cases"
    page.run("document.getElementById('search').value = ''")
    page.run("document.getElementById('status').value = 'regressed'")
    page.run("document.getElementById('filters').dispatchEvent(new Event('input'))")
    assert page.run(SHOWN) == "5 of 33 cases"
    page.run("document.getElementById('category').value = 'even'")
    page.run("document.getElementById('filters').dispatchEvent(new Event('input'))")
    assert page.run(SHOWN) == "3 of 33 cases"
    page.run("document.querySelector('[data-sort=id]').click()")
    assert page.run(FIRST) == "case-0"
    page.run("document.querySelector('[data-sort=id]').click()")
    assert page.run(FIRST) == "case-20"
    assert page.run("document.querySelector('[data-sort=id]').parentElement.ariaSort") == "descending"


def test_the_keyboard_alone_opens_and_closes_a_case_with_its_words_marked(page: Page, tmp_path: Path) -> None:
    open_report(page, tmp_path, full_report(3))
    page.press("j")
    assert page.run("document.activeElement.textContent") == "multi-currency-total"
    page.press("Enter")
    assert page.run("document.activeElement.ariaExpanded") == "true"
    assert page.run("[...document.querySelectorAll('pre del')].map(e => e.textContent)") == ["1204"]
    assert page.run("[...document.querySelectorAll('pre ins')].map(e => e.textContent)") == ['"1,204', ' EUR"']
    page.press("Escape")
    assert page.run("document.querySelectorAll('pre').length") == 0
    page.press("/")
    assert page.run("document.activeElement.id") == "search"


def test_hostile_texts_stay_text_in_every_place(page: Page, tmp_path: Path) -> None:
    rows = [
        sample(attack.encode("utf-8", "replace").decode(), arm, f"{arm} {attack}", False)
        for attack in ATTACKS
        for arm in ("baseline", "candidate")
    ]
    report = hostile_report(ATTACKS, "fail").model_copy(update={"outputs": "full"})
    elements = "document.querySelectorAll('img, a, iframe, object, embed, link, h1 *:not(code), script').length"
    open_report(page, tmp_path, render(report, rows))
    assert page.run(elements) == 2  # the data and the script
    page.run("document.querySelectorAll('#cases tbody button').forEach(button => button.click())")
    assert page.run(elements) == 2
    assert page.run("document.querySelectorAll('pre').length") > 2 * len(ATTACKS) - 10
    assert "onerror=alert(1)" in page.run("document.body.innerText")
    assert page.requests == [(tmp_path / "report.html").as_uri()]
    assert not page.problems


def test_a_script_that_got_in_would_not_run(page: Page, tmp_path: Path) -> None:
    injected = "<script>window.owned = 1</script><img src='https://evil.example/x' onerror='window.owned = 1'></main>"
    open_report(page, tmp_path, full_report(1).replace("</main>", injected))
    assert page.run("window.owned === undefined")
    assert page.problems  # and the browser says so
    assert page.requests == [(tmp_path / "report.html").as_uri()]


@pytest.mark.parametrize("state", STATES)
def test_every_state_opens_without_a_problem(page: Page, tmp_path: Path, state: str) -> None:
    open_report(page, tmp_path, render(STATES[state]))
    assert page.run("document.querySelector('h1').textContent.length > 4")
    assert not page.problems


def test_a_narrow_screen_does_not_scroll_sideways(page: Page, tmp_path: Path) -> None:
    page.call("Emulation.setDeviceMetricsOverride", width=360, height=800, deviceScaleFactor=1, mobile=True)
    open_report(page, tmp_path, render(STATES["several_tasks"]))
    assert page.run("document.documentElement.scrollWidth <= 360")
    page.call("Emulation.clearDeviceMetricsOverride")


def axe() -> str:
    """Return axe-core's script, which the package of this name carries."""
    package = find_spec("axe_playwright_python")
    if package is None or package.origin is None:
        pytest.skip("needs axe-core: pip install --no-deps axe-playwright-python")
    return Path(package.origin).with_name("axe.min.js").read_text(encoding="utf-8")


AXE = """axe.run(document, {resultTypes: ["violations"]}).then((found) =>
  found.violations.map((each) => `${each.id}: ${each.nodes.map((node) => node.target.join(" ")).join()}`))"""


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("state", ["blocked", "several_tasks", "could_not_evaluate", "floating_names"])
def test_axe_finds_nothing_with_every_case_open(page: Page, tmp_path: Path, state: str, scheme: str) -> None:
    script = axe()
    page.call("Emulation.setEmulatedMedia", features=[{"name": "prefers-color-scheme", "value": scheme}])
    open_report(page, tmp_path, render(STATES[state].model_copy(update={"outputs": "full"}), [*samples(8)]))
    page.run("document.querySelectorAll('#cases tbody button').forEach(button => button.click())")
    page.run(script + "\n;0")
    assert page.run(AXE) == []
    page.call("Emulation.setEmulatedMedia", features=[])


def test_what_changed_in_json_and_tool_calls_is_told_by_path(page: Page, tmp_path: Path) -> None:
    rows = [sample("tree", "baseline", "Done.", True), sample("tree", "candidate", "Done.", False)]
    for row, arguments in zip(rows, ('{"city": "Rome", "days": 3.50}', '{"days": 3.5, "city": "Oslo"}'), strict=True):
        row["completion"]["tool_calls"] = [{"id": "1", "name": "book", "arguments": arguments}]
    rows += [sample("list", "baseline", '{"a": [1, 2, 3], "b": {"x y": null}}', True)]
    rows += [sample("list", "candidate", '{"b": {"x y": true}, "a": [0, 1, 2, 3]}', False)]
    rows += [
        sample("same", "baseline", '{"a": 1, "b": 2}', True),
        sample("same", "candidate", '{"b": 2, "a": 1}', False),
    ]
    open_report(page, tmp_path, render(STATES["unchanged"].model_copy(update={"outputs": "full"}), rows))
    page.run("document.querySelectorAll('#cases tbody button').forEach(button => button.click())")
    told = page.run(
        "[...document.querySelectorAll('.tree tbody tr')].map(row => [...row.cells].map(c => c.textContent))"
    )
    assert told == [
        ["$.calls[0].arguments.city", '"Rome"', '"Oslo"'],
        ["$.calls[0].arguments.days", "3.50", "3.5"],
        ["$.a[0]", "absent", "0"],
        ['$.b["x y"]', "null", "true"],
    ]
    assert not page.problems


def test_the_lifetimes_of_both_models_are_drawn_and_told(page: Page, tmp_path: Path) -> None:
    open_report(page, tmp_path, render(STATES["blocked"]))
    assert page.run("document.querySelectorAll('.lifetime rect').length") == 2
    assert "shut down on 2027-04-01" in page.run("document.querySelector('.lifetime svg').getAttribute('aria-label')")


def test_printing_shows_every_row_and_no_controls(page: Page, tmp_path: Path) -> None:
    open_report(page, tmp_path, full_report(300))
    page.call("Emulation.setEmulatedMedia", media="print")
    page.run("window.dispatchEvent(new Event('beforeprint'))")
    assert page.run("document.querySelectorAll('#cases tbody tr').length") >= 303
    assert page.run("getComputedStyle(document.getElementById('filters')).display") == "none"
    page.call("Emulation.setEmulatedMedia", media="")
