"""Files that are nearly right: every one is read or ends in a clear error, never in a traceback or fewer cases."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from pinward.errors import ConfigError, PinwardError
from pinward.evals.importers.table import import_file
from pinward.evals.suite import load_suite
from pinward.prompts.registry import load_prompts
from pinward.prompts.templates import prompt_variables
from tests.support.trees import MemoryTree

SUITE = b"""version: 1
defaults: {category: format, checks: [json_valid], repeats: 2}
cases:
  - id: first
    input: {text: "one", photo: {image: cat.png}}
    expected: {a: 1}
    checks:
      - json_equals
      - {any: [{contains: x}, {regex: '[a-z]+'}], weight: 2}
      - judge: {rubric: r, labels: {a: 1, b: 0}}
  - {input: three, checks: [{numeric: {value: 4, tolerance: 0.5}}, {tool_call: {name: f, schema: {type: object}}}]}
cases_from: [{file: rows.csv, map: {input: q, expected: a}, checks: [equals]}]
"""
PROMPTS = b"""versions:
  - {version: 1, models: [openai/*], template: "Say {{ text }}", params: {max_tokens: 5}}
  - version: 2
    messages: [{role: system, content: Be brief}, {insert: history}, {role: user, content: "{% if a %}b{% endif %}"}]
    tools: [{name: f, parameters: {type: object}}]
"""
PROMPTFOO = b"""prompts: ['Say {{ text }}']
providers: [openai:gpt-4o]
defaultTest: {assert: [{type: latency, threshold: 100}]}
tests:
  - vars: {text: [a, b]}
    assert: [{type: llm-rubric, value: 'is {{ text }}', threshold: 0.5}, {type: is-json, value: {type: object}}]
  - file://rows.csv
"""
PLATFORM = b"""{"testing_criteria": [{"type": "string_check", "name": "n", "input": "{{ sample.output_text }}",
"operation": "eq", "reference": "{{ item.a }}"}, {"type": "score_model", "input": [{"role": "user", "content": "x"}],
"range": [1, 5], "pass_threshold": 3}], "data_source": {"input_messages": {"template": [{"role": "user",
"content": "{{ item.q }}"}]}, "source": {"content": [{"item": {"q": "x", "a": "y"}}]}}}"""
REGISTRY = b"""x.v0: {class: 'evals.elsuite.modelgraded.classify:ModelBasedClassify',
  args: {samples_jsonl: s.jsonl, modelgraded_spec: fact}}
y.v0: {class: 'evals.elsuite.basic.match:Match', args: {samples_jsonl: s.jsonl}}
"""
BESIDE: dict[str, str | bytes] = {
    "rows.csv": "q,a\none,1\ntwo,2\n",
    "cat.png": b"\x89PNG1",
    "r/modelgraded/fact.yaml": "fact: {prompt: x, choice_strings: AB, input_outputs: {input: completion}}\n",
    "r/data/s.jsonl": '{"input": "a", "ideal": "b"}\n',
}
NOISE = (
    b"",
    b"\x00",
    b"\xff",
    b"'",
    b'"',
    b"{",
    b"}",
    b"[",
    b"]",
    b":",
    b"- ",
    b"\n",
    b"\t",
    b"&a ",
    b"*a",
    b"!!x ",
    b"|\n",
)
EDITS = st.lists(
    st.tuples(st.integers(0, 900), st.integers(0, 12), st.sampled_from(NOISE) | st.binary(max_size=3)),
    min_size=1,
    max_size=4,
)


def edited(data: bytes, edits: list[tuple[int, int, bytes]]) -> bytes:
    for at, length, new in edits:
        place = at % (len(data) + 1)
        data = data[:place] + new + data[place + length :]
    return data


def outcome(read: object, tree: MemoryTree, path: str) -> PinwardError | None:
    try:
        read(tree, path)  # type: ignore[operator] # one of the readers below
    except PinwardError as error:
        return error
    return None


def _prompts(tree: MemoryTree, path: str) -> None:
    for version in load_prompts(tree, path).versions:
        prompt_variables(version)


@pytest.mark.parametrize(
    ("read", "path", "good"),
    [
        (load_suite, "s.yml", SUITE),
        (_prompts, "p.yml", PROMPTS),
        (import_file, "promptfooconfig.yaml", PROMPTFOO),
        (load_suite, "promptfooconfig.yaml", PROMPTFOO),
        (import_file, "eval.json", PLATFORM),
        (import_file, "r/evals/x.yaml", REGISTRY),
    ],
)
@given(edits=EDITS)
@settings(max_examples=60, deadline=None)
def test_a_damaged_file_is_read_or_ends_in_a_clear_error(
    read: object, path: str, good: bytes, edits: list[tuple[int, int, bytes]]
) -> None:
    assert outcome(read, MemoryTree({**BESIDE, path: good}), path) is None
    error = outcome(read, MemoryTree({**BESIDE, path: edited(good, edits)}), path)
    assert error is None or (isinstance(error, ConfigError) and error.message and error.hint)


@pytest.mark.parametrize("place", range(0, len(SUITE), 7))
def test_a_suite_that_is_cut_short_never_has_fewer_cases_in_silence(place: int) -> None:
    """What is left of a file after a broken transfer is refused, or the cut fell between two cases or keys."""
    tree = MemoryTree({**BESIDE, "s.yml": SUITE[:place]})
    error = outcome(load_suite, tree, "s.yml")
    if error is None:
        cases = [case for case in load_suite(tree, "s.yml").cases if "rows" not in case.where]
        assert SUITE[:place].count(b"\n  - ") == len(cases)
