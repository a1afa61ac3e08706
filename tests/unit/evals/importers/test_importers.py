"""Each importer on files of its format that were written for this test; real ones: docs/import.md."""

from __future__ import annotations

import json

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from pinward.core.evidence import Message
from pinward.core.policy import Json
from pinward.errors import ConfigError
from pinward.evals.importers.base import Draft
from pinward.evals.importers.table import IMPORTERS, import_file
from pinward.evals.suite import load_suite
from pinward.prompts.registry import load_prompts
from pinward.prompts.templates import render
from tests.support.trees import MemoryTree

PROMPTFOO = """\
description: an example
prompts:
  - file://prompts.txt
  - '[{"role": "system", "content": "Be brief"}, {"role": "user", "content": "{{ text | dump }} {{ tone }}"}]'
  - file://prompt.py:make
providers: [openai:gpt-4o-mini]
defaultTest:
  vars: {text: hello}
  assert: [{type: latency, threshold: 1500}]
tests:
  - description: greets
    vars: {name: [Ada, Tom]}
    assert:
      - {type: icontains, value: '{{ name }}'}
      - {type: not-contains-any, value: [AI, LLM], weight: 2}
      - {type: javascript, value: output.length > 1}
      - {type: assert-set, threshold: 0.5, assert: [{type: equals, value: a}, {type: regex, value: b}]}
  - vars: {text: file://long.txt}
    threshold: 0.5
    assert: [{type: is-json, value: file://schema.json}, {type: cost, threshold: 0.01}]
  - vars: {text: x}
    options: {transform: output.trim()}
    assert: [{type: equals, value: x}]
  - file://rows.csv
scenarios:
  - config: [{vars: {text: s1}}, {vars: {text: s2}}]
    tests: [{assert: [{type: starts-with, value: S}]}]
"""
FILES: dict[str, str | bytes] = {
    "e/promptfooconfig.yaml": PROMPTFOO,
    "e/prompts.txt": "One {{ text }}\n---\nTwo {{ text }} for {{ name }}",
    "e/long.txt": "a long text",
    "e/schema.json": '{"type": "object"}',
    "e/rows.csv": "text,__expected,__expected2\nbill,equals: 5,contains-any: a\nparcel,shipping,\n",
}


def imported(files: dict[str, str | bytes], path: str) -> list[Draft]:
    return list(import_file(MemoryTree(files), path).drafts)


def test_promptfoo_tests_become_cases_and_what_cannot_be_carried_is_listed() -> None:
    (draft,) = imported(FILES, "e/promptfooconfig.yaml")
    tree = MemoryTree({**FILES, "e/s.json": json.dumps(draft.suite), "e/p.json": json.dumps(draft.prompts)})
    cases = {case.id: case for case in load_suite(tree, "e/s.json").cases}
    assert list(cases) == ["greets", "greets (2)", "test 2", "test 4", "test 5", "test 6", "test 7"]
    checks = [(check.grader, check.weight) for check in cases["greets"].checks]
    assert checks == [("latency", 1), ("contains", 1), ("not", 2), ("all", 1)]
    assert cases["greets (2)"].checks[1].argument == {"all": ["Tom"], "ignore_case": True}
    assert cases["greets"].input == {"name": "Ada", "text": "hello", "tone": ""}
    assert cases["test 2"].checks[0].grader == "all"
    assert cases["test 2"].input == {"name": "", "text": "a long text", "tone": ""}
    assert [check.grader for check in cases["test 4"].checks] == ["latency", "equals", "contains"]
    assert cases["test 5"].checks[1].argument == "shipping"
    notes = "\n".join(draft.notes)
    assert "`javascript` has no counterpart" in notes
    assert "`prompt.py:make` is made by code" in notes
    assert "test 3: left out: `transform`" in notes
    assert "3 prompts became versions" in notes


def test_promptfoo_prompts_render_as_they_did() -> None:
    (draft,) = imported(FILES, "e/promptfooconfig.yaml")
    prompts = load_prompts(MemoryTree({"p.json": json.dumps(draft.prompts)}), "p.json")
    assert render(prompts.versions[1], {"text": "hi", "name": "Ada"}) == (Message("user", "Two hi for Ada"),)
    newest = prompts.select("openai/gpt-4o").prompt
    assert render(newest, {"text": "hi", "tone": "!"}) == (Message("system", "Be brief"), Message("user", '"hi" !'))


GITHUB = """\
name: Greeter
model: openai/gpt-4o
modelParameters: {temperature: 0.2, maxTokens: 100, seed: 4}
messages:
  - {role: system, content: Be kind}
  - {role: user, content: "{{input}}"}
testData:
  - {input: hello, expected: Hi}
  - {input: bye, expected: Bye}
evaluators:
  - {name: begins, string: {startsWith: "{{expected}}"}}
  - {name: alike, uses: github/similarity}
"""


def test_a_github_prompt_becomes_a_suite_and_its_prompt() -> None:
    (draft,) = imported({"greet.prompt.yml": GITHUB}, "greet.prompt.yml")
    tree = MemoryTree({"s.json": json.dumps(draft.suite), "p.json": json.dumps(draft.prompts)})
    cases = load_suite(tree, "s.json").cases
    assert [case.checks[0].argument for case in cases] == ["Hi", "Bye"]
    version = load_prompts(tree, "p.json").versions[0]
    assert (version.params, render(version, cases[0].input)[1].content) == (
        {"temperature": 0.2, "max_tokens": 100},
        "hello",
    )
    assert draft.notes == [
        "modelParameters: `seed` is left out",
        "testData 1: evaluator `alike`: `uses` has no counterpart",
        "testData 2: evaluator `alike`: `uses` has no counterpart",
    ]


REGISTRY = """\
sums: {id: sums.dev.v0, metrics: [accuracy]}
sums.dev.v0: {class: "evals.elsuite.basic.match:Match", args: {samples_jsonl: sums/samples.jsonl}}
words.dev.v0: {class: "evals.elsuite.basic.includes:Includes", args: {samples_jsonl: words.jsonl, ignore_case: true}}
judged.dev.v0: {class: "evals.elsuite.modelgraded.classify:ModelBasedClassify", args: {}}
gone.dev.v0: {class: "evals.elsuite.basic.match:Match", args: {samples_jsonl: gone.jsonl}}
stored.dev.v0: {class: "evals.elsuite.basic.match:Match", args: {samples_jsonl: stored.jsonl}}
"""


def test_evals_of_the_openai_registry_become_suites() -> None:
    drafts = imported(
        {
            "registry/evals/r.yaml": REGISTRY,
            "registry/data/sums/samples.jsonl": '{"input": [{"role": "user", "content": "1+1"}], "ideal": "2"}\n',
            "registry/data/words.jsonl": '{"input": "say", "ideal": ["Yes", "Aye"]}\n{"input": "", "ideal": "x"}\n',
            "registry/data/stored.jsonl": "version https://git-lfs.github.com/spec/v1\noid sha256:0\nsize 9\n",
        },
        "registry/evals/r.yaml",
    )
    by_name = {draft.name: draft for draft in drafts}
    assert by_name["sums.dev.v0"].cases[0]["checks"] == [{"starts_with": ["2"]}]
    assert by_name["words.dev.v0"].cases[0]["checks"] == [{"contains": {"any": ["Yes", "Aye"], "ignore_case": True}}]
    assert "words.jsonl:2: the sample has no input" in by_name["words.dev.v0"].notes[0]
    assert "`ModelBasedClassify` has no counterpart" in by_name["judged.dev.v0"].notes[0]
    assert "gone.jsonl" in by_name["gone.dev.v0"].notes[0]
    assert "Git LFS" in by_name["stored.dev.v0"].notes[0]


def test_a_file_that_nobody_knows_is_refused_with_the_formats() -> None:
    with pytest.raises(ConfigError, match="no importer knows") as caught:
        imported({"x.yml": "a: 1"}, "x.yml")
    assert "promptfoo" in caught.value.hint
    with pytest.raises(ConfigError, match="`promptfo` is not known"):
        import_file(MemoryTree({"x.yml": "a: 1"}), "x.yml", "promptfo")


WORDS = st.sampled_from(
    [
        *("prompts", "providers", "tests", "vars", "assert", "type", "value", "threshold", "scenarios", "config"),
        *("options", "messages", "testData", "evaluators", "string", "equals", "role", "content", "class", "args"),
        "samples_jsonl",
    ]
)
TEXTS = st.sampled_from(
    [
        *("", "a", "{{ a }}", "{% if", "equals", "contains-any", "is-json", "file://x.txt", "file://*"),
        *("evals.a:Match", "..", "[1"),
    ]
)
TREES = st.recursive(
    st.none() | st.booleans() | st.integers(-2, 9) | TEXTS,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(WORDS, inner, max_size=5),
    max_leaves=16,
)


@pytest.mark.parametrize("form", IMPORTERS)
@given(document=st.dictionaries(WORDS, TREES, max_size=6))
@settings(max_examples=50, deadline=None)
def test_any_file_is_imported_or_refused_and_what_is_imported_loads(form: str, document: dict[str, Json]) -> None:
    tree = MemoryTree({"f.json": json.dumps(document), "x.txt": "text"})
    refused, drafts = None, []
    try:
        drafts = [draft for draft in import_file(tree, "f.json", form).drafts if draft.cases]
        for draft in drafts:
            load_suite(MemoryTree({"s.json": json.dumps(draft.suite)}), "s.json")
    except ConfigError as error:
        refused = error
    assert refused is None or refused.message
