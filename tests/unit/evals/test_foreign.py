from __future__ import annotations

import pytest

from pinward.core.evidence import Message
from pinward.errors import ConfigError
from pinward.evals.foreign import load_prompts
from pinward.evals.suite import load_suite
from pinward.prompts.templates import render
from tests.support.trees import MemoryTree

CONFIG = """\
prompts: ['Answer {{ question }}']
providers: [openai:gpt-4o-mini]
tests:
  - vars: {question: q}
    assert: [{type: contains, value: a}, {type: javascript, value: output}]
"""
TREE = MemoryTree({"promptfooconfig.yaml": CONFIG})


def test_a_suite_may_be_another_tools_file_and_says_what_is_not_carried() -> None:
    suite = load_suite(TREE, "promptfooconfig.yaml")
    assert [(case.id, case.checks[0].grader, case.where) for case in suite.cases] == [
        ("test 1", "contains", "promptfooconfig.yaml:1")
    ]
    assert suite.notes == ("promptfooconfig.yaml: not carried: test 1: `javascript` has no counterpart",)


def test_its_prompts_may_be_named_as_they_are() -> None:
    prompts = load_prompts(TREE, "promptfooconfig.yaml")
    assert render(prompts.versions[0], {"question": "q"}) == (Message("user", "Answer q"),)


def test_our_own_files_are_never_taken_for_another_tools() -> None:
    own = MemoryTree({"promptfooconfig.prompts.yml": 'versions: [{version: 1, template: "{{ input }}"}]'})
    assert load_prompts(own, "promptfooconfig.prompts.yml").versions[0].version == "1"


@pytest.mark.parametrize(
    ("files", "said"),
    [
        ({"promptfooconfig.yaml": CONFIG.replace("contains", "javascript")}, "nothing in it can be run here"),
        (
            {"promptfooconfig.yaml": "a: {class: 'evals.x:Match', args: {}}\nb: {class: 'evals.x:Match', args: {}}\n"},
            "holds 2 suites of openai-evals",
        ),
    ],
)
def test_what_cannot_stand_for_a_suite_is_refused(files: dict[str, str | bytes], said: str) -> None:
    with pytest.raises(ConfigError, match=said):
        load_suite(MemoryTree(files), "promptfooconfig.yaml")
