import hashlib
import json
import re
from pathlib import Path

from pinward.commands.demo import PULL_REQUESTS, RECORDING, application, examples, run
from pinward.evals.suite import load_suite
from pinward.providers.replay import SCHEMA
from tests.support.trees import MemoryTree


def rows() -> list[dict[str, object]]:
    lines = (examples() / RECORDING).read_text(encoding="utf-8").splitlines()
    return [json.loads(line) for line in lines]


def test_the_suite_has_at_least_24_cases_and_each_category_at_least_six() -> None:
    cases = load_suite(MemoryTree(application()), "evals/extract_ticket.yml").cases
    counts = dict.fromkeys(("happy_path", "edge_case", "format", "regression"), 0)
    for case in cases:
        counts[case.category] += 1
    assert len(cases) >= 24
    assert min(counts.values()) >= 6


def test_every_expected_value_stands_in_its_ticket() -> None:
    for case in load_suite(MemoryTree(application()), "evals/extract_ticket.yml").cases:
        assert isinstance(case.input, str)
        assert isinstance(case.expected, dict)
        text = case.input.replace('"', "")
        assert all(str(value) in text for value in case.expected.values()), case.id


def test_no_example_of_a_prompt_is_a_case_of_the_suite() -> None:
    files = application()
    patches = [(examples() / change.patch).read_text() for change in PULL_REQUESTS]
    prompts = files["prompts/extract_ticket.yml"].decode() + "".join(patches)
    for case in load_suite(MemoryTree(files), "evals/extract_ticket.yml").cases:
        assert isinstance(case.expected, dict)
        assert str(case.expected["order"]) not in prompts, case.id


def test_the_recording_names_its_models_their_weights_and_its_day() -> None:
    header, *answers = rows()
    assert header["schema"] == SCHEMA
    assert header["command"] == "python -m scripts.record_demo"
    models = header["models"]
    assert isinstance(models, list)
    for model in models:
        assert set(model) == {"name", "weights_file", "weights_sha256", "package", "runtime", "recorded_on"}
        assert len(model["weights_sha256"]) == hashlib.sha256().digest_size * 2
    assert {model["name"] for model in models} == {answer["model"] for answer in answers}


def test_the_recording_holds_no_path_of_a_machine() -> None:
    text = (examples() / RECORDING).read_text(encoding="utf-8")
    assert not re.search(r"/(home|root|tmp|usr|var|Users)\b|[A-Z]:\\\\|127\.0\.0\.1|site-packages", text)


def test_one_pull_request_is_blocked_and_one_passes_as_announced(tmp_path: Path) -> None:
    said: list[str] = []
    assert run(tmp_path, said.append) == 0
    reports = [json.loads((tmp_path / change.folder / "report.json").read_bytes()) for change in PULL_REQUESTS]
    assert [report["verdict"] for report in reports] == ["fail", "pass"]
    blocked, passed = (report["tasks"][0] for report in reports)
    assert blocked["cases"] == blocked["valid"] == passed["valid"] == 28
    assert blocked["pass_rate"]["baseline"] == passed["pass_rate"]["baseline"]
    assert blocked["regressed"] == round(blocked["pass_rate"]["baseline"] * 28)
    assert blocked["pass_rate"]["candidate"] == 0
    assert passed["regressed"] == 0
    printed = "".join(said)
    assert "gpt-4o" in printed
    for change in PULL_REQUESTS:
        assert (tmp_path / change.folder / "comment.md").read_text().strip() in printed
