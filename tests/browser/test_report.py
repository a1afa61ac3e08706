from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from pinward.render.html import render
from tests.browser.chromium import Page, find_chromium
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
    return render(STATES["blocked"].model_copy(update={"outputs": "full"}), samples(cases))


def test_2000_cases_are_under_5_mb_and_interactive_within_a_second(page: Page, tmp_path: Path) -> None:
    html = full_report(2000)
    assert len(html.encode()) < 5_000_000
    open_report(page, tmp_path, html)
    assert page.run(SHOWN) == "2003 of 2003 cases"
    milliseconds = page.run("performance.getEntriesByType('navigation')[0].loadEventEnd")
    assert 0 < milliseconds < 1000
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
    page.run("document.getElementById('status').value = 'fell'")
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
    assert page.run("[...document.querySelectorAll('del')].map(e => e.textContent)") == ["1204"]
    assert page.run("[...document.querySelectorAll('ins')].map(e => e.textContent)") == ['"1,204', ' EUR"']
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
