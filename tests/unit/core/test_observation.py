from __future__ import annotations

from datetime import date

from hypothesis import given, settings
from hypothesis import strategies as st

from pinward.core.observation import MAX_BYTES, MAX_NAME, MAX_NAMES, Observation, appended, names, read, to_line

SCORES = st.dictionaries(
    st.text("0123456789abcdef", min_size=16, max_size=16), st.sampled_from([0.0, 0.25, 1.0]), max_size=4
)
SEEN = st.builds(
    Observation,
    task=st.text(max_size=20),
    model=st.text(max_size=20),
    day=st.dates(),
    scores=SCORES,
    served=st.lists(st.text(max_size=200), max_size=8).map(names),
    fingerprints=st.lists(st.text(max_size=5), max_size=3).map(names),
)


def night(day: int, **more: object) -> Observation:
    return Observation("t", "openai/m", date(2026, 1, day), **more)  # type: ignore[arg-type] # fields by name


@given(SEEN)
@settings(max_examples=50)
def test_a_line_is_read_back_as_it_was(seen: Observation) -> None:
    line = to_line(seen)
    assert "\n" not in line
    assert read(line) == ([seen], 0)


@given(st.text(max_size=200))
@settings(max_examples=50)
def test_t32_any_text_is_read_without_an_error(text: str) -> None:
    seen, left_out = read(text)
    assert len(seen) + left_out <= len(text.splitlines())


def test_t32_hostile_lines_are_left_out_and_counted() -> None:
    good = to_line(night(1, scores={"a" * 16: 1.0}, passed=1))
    bad = [
        "{", "[]", "null", good.replace("night/1", "night/2"), good.replace(":1.0", ":2.0"),
        good.replace(":1.0", ":true"), good.replace(":1.0", ":NaN"), good.replace('"passed":1', '"passed":9'),
        good.replace("a" * 16, "../../etc/passwd"), good.replace("2026-01-01", "2026-99-01"),
        good.replace('"served":[]', '"served":"x"'), "[" * 5000,
    ]  # fmt: skip
    assert read("\n".join([*bad, good])) == ([night(1, scores={"a" * 16: 1.0}, passed=1)], len(bad))


def test_hostile_names_are_kept_short_few_and_on_one_line() -> None:
    found = names([f"{n}\n\x1b[2J\u202e{'x' * 500}" for n in range(50)] + [None, ""])
    assert len(found) == MAX_NAMES
    assert all(len(name) <= MAX_NAME and "\n" not in name and "\x1b" not in name for name in found)


def test_a_second_try_on_one_day_replaces_nothing() -> None:
    first, second = night(1, scores={"a" * 16: 0.0}), night(1, scores={"a" * 16: 1.0}, passed=1)
    text = appended("", [first])
    assert appended(text, [second]) == text
    assert read(text + to_line(second))[0] == [first]


def test_a_full_file_loses_its_oldest_nights_and_stays_below_its_cap() -> None:
    scores = {f"{n:016x}": 1.0 for n in range(1500)}
    text = ""
    for day in range(1, 31):
        text = appended(text, [night(day, scores=scores)])
    kept = read(text)[0]
    assert len(text.encode()) <= MAX_BYTES
    assert kept[-1].day == date(2026, 1, 30)
    assert kept[0].day > date(2026, 1, 1)
