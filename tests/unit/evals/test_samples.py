from __future__ import annotations

import tracemalloc
from dataclasses import replace
from random import Random

from hypothesis import given
from hypothesis import strategies as st

from pinward.core.evidence import Call, Completion, Fault, Grade, Sample, ToolCall, Usage
from pinward.evals.samples import Samples

TOKENS = st.integers(0, 10**9)
SAMPLES = st.builds(
    Sample,
    st.builds(Call, st.text(max_size=3), st.text(max_size=3), st.sampled_from(["baseline", "candidate"])),
    st.builds(
        Completion,
        st.sampled_from(["ok", "refused", "infra_error"]),
        text=st.text(),
        tool_calls=st.sampled_from([(), (ToolCall("f", "{}"),)]),
        usage=st.builds(Usage, TOKENS, TOKENS, TOKENS, TOKENS),
        latency=st.floats(0, 100),
        served_model=st.none() | st.text(max_size=3),
        attempts=st.integers(0, 3),
        cost_usd=st.none() | st.floats(0, 10),
        replayed=st.booleans(),
        fault=st.none() | st.builds(Fault, st.just("server"), st.text(max_size=3)),
        answered_by=st.none() | st.just("a/b"),
    ),
    st.none() | st.builds(Grade, st.floats(0, 1), st.booleans(), st.text(max_size=3)),
    st.text(max_size=3),
    st.booleans(),
    st.booleans(),
)


def figures(sample: Sample) -> Sample:
    told = replace(sample.completion, text="", tool_calls=(), fingerprint=None)
    grade = sample.grade and Grade(sample.grade.score, sample.grade.passed)
    return replace(sample, completion=told, grade=grade, key="")


@given(st.lists(SAMPLES, max_size=6), st.integers(0, 6), st.randoms(use_true_random=False))
def test_the_first_samples_stay_whole_and_all_figures_of_the_others_come_back(
    arrived: list[Sample], whole: int, random: Random
) -> None:
    kept = Samples(whole)
    slots = [kept.keep(sample) for sample in arrived]
    expected = [*arrived[:whole], *map(figures, arrived[whole:])]
    order = list(range(len(arrived)))
    random.shuffle(order)
    kept.arrange(slots[place] for place in order)
    assert list(kept) == [expected[place] for place in order]
    assert kept[1:] == list(kept)[1:]


@given(st.lists(SAMPLES, max_size=9), st.integers(0, 9), st.randoms(use_true_random=False))
def test_the_first_sample_of_each_call_is_found_and_the_order_stays(
    arrived: list[Sample], whole: int, random: Random
) -> None:
    kept = Samples(whole)
    slots = [kept.keep(sample) for sample in arrived]
    random.shuffle(slots)
    kept.arrange(slots)
    expected: dict[Call, Sample] = {}
    for sample in kept:
        expected.setdefault(sample.call, sample)
    found = kept.by_call()
    assert (list(found), len(found)) == (list(expected), len(expected))
    assert all(found[call] == sample for call, sample in expected.items())
    strangers = [Call("t", "c", "baseline", "confirm", 7), *(replace(s.call, repeat=9) for s in arrived)]
    assert not any(call in found or found.get(call) for call in strangers)
    assert None not in found


def test_a_sample_of_figures_needs_less_than_a_hundred_bytes() -> None:
    def sample(n: int) -> Sample:
        usage = Usage(1_000 + n, 2_000 + n, 300 + n, 400 + n)
        return Sample(
            call, Completion("ok", f"answer {n}", usage=usage, latency=n / 7, cost_usd=n / 9), Grade(1.0, True)
        )

    call = Call("t", "c", "baseline")
    tracemalloc.start()
    kept = Samples(0)
    kept.arrange([kept.keep(sample(n)) for n in range(10_000)])
    held, _ = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert held < 10_000 * 100
    assert kept[9_999].completion.latency == 9_999 / 7
