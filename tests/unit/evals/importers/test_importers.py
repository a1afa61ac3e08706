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
from pinward.evals.importers.judged import without_judge
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
  - name: polite
    llm:
      modelId: openai/gpt-4o
      prompt: "Is {{completion}} polite to {{input}}?"
      choices: [{choice: "yes", score: 1}, {choice: "no", score: 0}]
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
    assert draft.notes == ["modelParameters: `seed` is left out"]
    assert [check.grader for check in cases[0].checks] == ["starts_with", "judge", "judge"]
    alike, polite = (check.argument for check in cases[0].checks[1:])
    assert isinstance(alike, dict)
    assert (alike["range"], alike["min"], alike["reference"]) == ([1, 5], 3, "Hi")
    assert isinstance(polite, dict)
    assert (polite["rubric"], polite["labels"]) == ("Is (see ANSWER) polite to hello?", {"yes": 1, "no": 0})


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
    assert "names no `modelgraded_spec`" in by_name["judged.dev.v0"].notes[0]
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
        *("samples_jsonl", "testing_criteria", "input", "reference", "operation", "labels", "range", "data_source"),
        *("modelgraded_spec", "name", "item", "source", "template", "input_messages", "pass_threshold"),
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


JUDGED = """\
prompts: ['Answer {{ question }}']
providers: [openai:gpt-4o-mini]
tests:
  - vars: {question: q}
    assert:
      - {type: llm-rubric, value: 'Is about {{ question }}', provider: openai:gpt-4}
      - {type: llm-rubric, value: Kind, threshold: 0.8}
      - {type: not-llm-rubric, value: Rude}
      - {type: factuality, value: Paris is the capital}
      - {type: model-graded-closedqa, value: names a city}
      - {type: g-eval, value: [Clear, Short]}
  - vars: {question: r}
    assert: [{type: contains, value: r}, {type: llm-rubric, value: Good}]
"""


def test_model_graded_assertions_become_a_judge() -> None:
    (draft,) = imported({"promptfooconfig.yaml": JUDGED}, "promptfooconfig.yaml")
    checks = load_suite(MemoryTree({"s.json": json.dumps(draft.suite)}), "s.json").cases[0].checks
    assert [check.grader for check in checks] == ["judge", "judge", "not", "judge", "judge", "all"]
    plain, ranged, _, fact, closed, _ = (check.argument for check in checks)
    assert isinstance(plain, dict)
    assert plain["rubric"] == "Is about q"
    assert isinstance(ranged, dict)
    assert (ranged["range"], ranged["min"]) == ([0, 1], 0.8)
    assert isinstance(fact, dict)
    assert fact["reference"] == "Paris is the capital"
    assert fact["labels"] == {"subset": 1, "superset": 1, "same": 1, "disagreement": 0, "immaterial": 1}
    assert isinstance(closed, dict)
    assert "names a city" in str(closed["rubric"])
    assert draft.notes == []


def test_without_a_judge_its_checks_are_listed_and_a_case_with_nothing_else_is_left_out() -> None:
    (draft,) = imported({"promptfooconfig.yaml": JUDGED}, "promptfooconfig.yaml")
    kept = without_judge(draft)
    assert [case["checks"] for case in kept.cases] == [[{"contains": {"all": ["r"], "ignore_case": False}}]]
    assert kept.notes == [
        "test 1: a check by a model is left out: `policy.judge.model` names no judge",
        "test 1: left out: no check is left, so any answer would pass",
        "test 2: a check by a model is left out: `policy.judge.model` names no judge",
    ]


PLATFORM: dict[str, Json] = {
    "object": "eval",
    "name": "Tickets",
    "data_source_config": {"type": "custom", "schema": {}},
    "testing_criteria": [
        {"type": "string_check", "name": "label", "input": "{{ sample.output_text }}", "operation": "eq",
         "reference": "{{ item.label }}"},
        {"type": "string_check", "name": "like", "input": "{{sample.output_text}}", "operation": "ilike",
         "reference": "Hard"},
        {"type": "string_check", "name": "field", "input": "{{ sample.output_json.order.id }}", "operation": "eq",
         "reference": "{{ item.order }}"},
        {"type": "text_similarity", "name": "near", "input": "{{ sample.output_text }}", "pass_threshold": 0.8,
         "reference": "{{ item.label }}", "evaluation_metric": "fuzzy_match"},
        {"type": "text_similarity", "name": "bleu", "input": "{{ sample.output_text }}", "pass_threshold": 0.8,
         "reference": "{{ item.label }}", "evaluation_metric": "bleu"},
        {"type": "score_model", "name": "score", "model": "gpt-4o", "range": [1, 7], "pass_threshold": 5.5,
         "input": [{"role": "system", "content": "Rate {{ sample.output_text }} for {{ item.ticket }}"}]},
        {"type": "label_model", "name": "tone", "model": "gpt-4o", "labels": ["kind", "neutral", "rude"],
         "passing_labels": ["kind", "neutral"],
         "input": [{"role": "developer", "content": {"type": "input_text", "text": "Name the tone."}}]},
        {"type": "python", "name": "code", "source": "def grade(sample, item): return 1.0"},
        {"type": "string_check", "name": "self", "input": "{{ sample.output_text }}", "operation": "eq",
         "reference": "{{ sample.output_text }}"},
    ],
    "data_source": {
        "type": "completions",
        "model": "gpt-4o",
        "sampling_params": {"temperature": 0, "max_completions_tokens": 50, "seed": 42},
        "input_messages": {"type": "template", "template": [
            {"role": "developer", "content": "Sort the ticket."}, {"role": "user", "content": "{{ item.ticket }}"}]},
    },
}  # fmt: skip
ITEMS = '{"item": {"ticket": "Screen is dark", "label": "Hardware", "order": 17}}\n{"item": {"ticket": "x"}}\n'


def test_an_eval_of_the_openai_platform_becomes_a_suite_with_its_prompt() -> None:
    files: dict[str, str | bytes] = {
        "e/tickets.json": json.dumps(PLATFORM),
        "e/tickets.jsonl": ITEMS,
        "e/other.jsonl": "",
    }
    (draft,) = imported(files, "e/tickets.json")
    tree = MemoryTree({"s.json": json.dumps(draft.suite), "p.json": json.dumps(draft.prompts)})
    first, second = load_suite(tree, "s.json").cases
    assert [c.grader for c in first.checks] == ["equals", "contains", "json_equals", "levenshtein", "judge", "judge"]
    equals, _, field, near, score, tone = (check.argument for check in first.checks)
    assert (equals, near) == ("Hardware", {"value": "Hardware", "min": 0.8})
    assert isinstance(field, dict)
    assert (field["path"], field["value"]) == ("$.order.id", 17)
    assert isinstance(score, dict)
    assert (score["rubric"], score["range"], score["min"]) == ("Rate (see ANSWER) for Screen is dark", [1, 7], 5.5)
    assert isinstance(tone, dict)
    assert tone["labels"] == {"kind": 1, "neutral": 1, "rude": 0}
    version = load_prompts(tree, "p.json").versions[0]
    assert render(version, first.input) == (Message("system", "Sort the ticket."), Message("user", "Screen is dark"))
    assert version.params == {"temperature": 0, "max_tokens": 50, "seed": 42}
    assert [check.grader for check in second.checks] == ["contains", "judge", "judge"]
    notes = "\n".join(draft.notes)
    assert "e/tickets.jsonl:1: grader `code`: `python` runs code" in notes
    assert "grader `bleu`: the metric `bleu` has no counterpart" in notes
    assert "grader `self`: it compares the answer with itself" in notes
    assert "e/tickets.jsonl:2: grader `label`" in notes


def test_a_platform_eval_without_data_says_where_they_belong() -> None:
    with pytest.raises(ConfigError, match="there is no data beside the eval") as caught:
        imported({"e/tickets.json": json.dumps(PLATFORM)}, "e/tickets.json")
    assert "e/tickets.jsonl" in caught.value.hint


MODELGRADED = """\
closedqa:
  prompt: "[Task]: {input} [Submission]: {completion} [Criterion]: {criteria}"
  choice_strings: "YN"
  choice_scores: {"Y": 1.0, "N": 0.0}
  input_outputs: {input: completion}
likert:
  prompt: "How funny is {completion}?"
  choice_strings: "12345"
  choice_scores: from_strings
  input_outputs: {input: completion}
battle:
  prompt: "{completion1} or {completion2}?"
  choice_strings: ["Yes", "No"]
  choice_scores: {"Yes": 1.0, "No": 0.0}
  input_outputs: {input1: completion1, input2: completion2}
"""


@pytest.mark.parametrize(
    ("spec", "sample", "check"),
    [
        (
            "closedqa",
            {"input": "a task", "criteria": "short"},
            {"rubric": "[Task]: a task [Submission]: (see ANSWER) [Criterion]: short", "labels": {"Y": 1.0, "N": 0.0}},
        ),
        ("likert", {"input": "x"}, {"rubric": "How funny is (see ANSWER)?", "range": [1.0, 5.0], "min": 3.0}),
        ("battle", {"input": "x"}, "`battle` compares several answers"),
        ("gone", {"input": "x"}, "there is no `gone`"),
        ("closedqa", {"input": "x"}, "the sample has no `criteria`"),
    ],
)
def test_model_graded_evals_become_a_judge_where_their_choices_have_scores(
    spec: str, sample: dict[str, Json], check: Json
) -> None:
    args = f"{{samples_jsonl: x/s.jsonl, modelgraded_spec: {spec}, eval_type: cot_classify}}"
    files: dict[str, str | bytes] = {
        "r/evals/x.yaml": f"x.v0: {{class: 'evals.elsuite.modelgraded.classify:ModelBasedClassify', args: {args}}}\n",
        "r/modelgraded/all.yaml": MODELGRADED,
        "r/data/x/s.jsonl": json.dumps(sample) + "\n",
    }
    (draft,) = imported(files, "r/evals/x.yaml")
    if isinstance(check, str):
        assert not draft.cases
        assert check in draft.notes[0]
    else:
        assert draft.cases[0]["checks"] == [{"judge": check}]
        assert load_suite(MemoryTree({"s.json": json.dumps(draft.suite)}), "s.json").cases


def multiplied(tests: Json, scenarios: Json) -> Draft:
    file: Json = {"prompts": ["{{ a }}"], "providers": ["openai:x"], "tests": tests, "scenarios": scenarios}
    (draft,) = imported({"promptfooconfig.json": json.dumps(file)}, "promptfooconfig.json")
    return draft


def test_t23_a_file_whose_few_lines_multiply_to_millions_of_cases_is_cut_with_a_note() -> None:
    check: Json = [{"type": "equals", "value": "x"}]
    configs: list[Json] = [{"vars": {"a": n}} for n in range(2_000)]
    tests: list[Json] = [{"vars": {"b": n}, "assert": check} for n in range(2_000)]
    draft = multiplied([], [{"config": configs, "tests": tests}])
    assert (draft.cases, draft.notes) == ([], ["a scenario: left out: this file multiplies to more than 10,000 cases"])
    words: list[Json] = [f"w{n}" for n in range(90)]
    two: Json = {"vars": {"a": words, "b": words}, "assert": check}
    draft = multiplied([two, two], [])
    assert len(draft.cases) == 8_100
    assert draft.notes == ["test 2: left out: this file multiplies to more than 10,000 cases"]


def test_cases_that_are_written_out_are_no_product_however_many_they_are() -> None:
    tests: list[Json] = [{"vars": {"a": n}, "assert": [{"type": "equals", "value": "x"}]} for n in range(12_000)]
    assert len(multiplied([], [{"config": [{"vars": {}}], "tests": tests}]).cases) == 12_000


def test_cases_of_one_name_get_numbers_in_linear_time() -> None:
    draft = Draft("d")
    for _ in range(50_000):
        draft.add({}, "same")
    draft.add({}, "same (7)")
    assert [draft.cases[n]["id"] for n in (0, 1, 49_999, 50_000)] == [
        "same",
        "same (2)",
        "same (50000)",
        "same (7) (2)",
    ]
