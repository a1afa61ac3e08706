from __future__ import annotations

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from pinward.errors import ConfigError
from pinward.scan.names import tokens
from pinward.scan.readers import MAX_NAMES, MAX_NAMES_ON_A_LINE, read_file
from pinward.scan.scanner import MAX_BYTES, MAX_UNJUDGED, scan_file, scan_tree
from tests.unit.scan.reading import catalog, uses


class Files:
    """A tree in memory."""

    label = "memory"

    def __init__(self, files: dict[str, bytes]) -> None:
        self.files = files

    def paths(self) -> list[str]:
        return sorted(self.files)

    def exists(self, path: str) -> bool:
        return path in self.files

    def read(self, path: str) -> bytes:
        if self.files[path] == b"unreadable":
            raise ConfigError(f"{path}: cannot be read", "Check its permissions.")
        return self.files[path]


def test_a_use_stands_at_its_line_and_column() -> None:
    (use,) = uses("a.py", 'x = 1\nask("é😀", model="gpt-4o")\n')
    assert (use.location.line, use.location.column, use.location.end) == (2, 18, 24)


def test_a_slot_survives_line_moves_and_a_change_of_the_model() -> None:
    before = uses("a.py", 'def ask():\n    client.create(model="gpt-4o")\n')
    after = uses("a.py", '# more\n\n\ndef ask():\n    client.create(model="o3-mini")\n')
    assert before[0].slot == after[0].slot
    assert "ask" in before[0].slot


def test_the_client_around_a_name_decides_its_channel() -> None:
    assert uses("a.py", 'ChatOllama(model="llama3")')[0].model.provider == "ollama"
    assert uses("a.py", 'AzureChatOpenAI(model="gpt-4o")')[0].model.pin == "unknown"
    assert uses("a.yaml", "deployment_name: gpt-4o")[0].model.pin == "unknown"
    assert uses("a.yaml", "provider: Ollama\nmodel: llama3.2\n")[0].model.provider == "ollama"
    assert (
        uses("a.py", 'OpenAI(base_url="https://openrouter.ai/api", model="openai/gpt-4o")')[0].model.provider
        == "openrouter"
    )


def test_a_version_beside_a_name_pins_it() -> None:
    bicep = "model: {\n  name: 'gpt-4o'\n  version: '2024-08-06'\n}\n"
    assert uses("main.bicep", bicep)[0].model.pin == "pinned"
    assert uses("main.bicep", bicep.replace("version", "format"))[0].model.pin == "floating"
    terraform = (
        'resource "azurerm_cognitive_deployment" "a" {\n model {\n  name = "gpt-4o"\n  version = "2024-08-06"\n }\n}\n'
    )
    assert uses("main.tf", terraform)[0].model.pin == "pinned"
    parameters = '{"chatModelName": {"value": "gpt-4o"}, "chatModelVersion": {"value": "2024-08-06"}}'
    assert uses("main.parameters.json", parameters)[0].model.pin == "pinned"


def test_a_version_in_a_flag_of_its_own_pins_a_name() -> None:
    text = "az cognitiveservices account deployment create \\\n --model-name gpt-4o \\\n --model-version"
    assert uses("a.sh", f"{text} 2024-08-06")[0].model.pin == "pinned"
    assert uses("a.sh", "az cognitiveservices account deployment create --model-name gpt-4o")[0].model.pin == "floating"


def test_an_upgrade_option_lets_a_version_move() -> None:
    upgrade = "versionUpgradeOption: 'OnceNewDefaultVersionAvailable'"
    text = f"model: {{\n  name: 'gpt-4o'\n  version: '2024-08-06'\n  {upgrade}\n}}\n"
    assert uses("main.bicep", text)[0].model.pin == "floating"


def test_a_computed_name_is_no_name() -> None:
    assert not uses("a.py", 'ask(model=f"gpt-4o-{date}")')
    assert not uses("a.py", 'ask(model="gpt-4o-" + date)')
    assert not uses("a.ts", 'ask({ model: "gpt-4o-" + date })')


@pytest.mark.parametrize("spelling", ['"gpt-4.1-" "mini"', '"gpt-4.1-" + "mini"', '"gpt-4.1-%s" % "mini"'])
def test_a_name_in_parts_is_one_name_although_its_first_part_is_a_name_too(spelling: str) -> None:
    assert [use.model.written for use in uses("a.py", f"ask(model={spelling})")] == ["gpt-4.1-mini"]


def test_an_enumeration_of_this_file_gives_its_constants_their_meaning() -> None:
    text = 'enum class Model(val id: String) { GPT_4O("gpt-4o") }\nval r = ask(model = Model.GPT_4O)\n'
    assert [use.role for use in uses("A.kt", text)] == ["catalog", "selection"]
    display = text.replace('"gpt-4o"', '"The fast one"')
    assert not uses("A.kt", display)


def test_what_cannot_be_read_becomes_a_note_and_nothing_is_lost() -> None:
    files = {
        "a.py": b'ask(model="gpt-4o")',
        "b.py": b"unreadable",
        "c.py": b"gpt-4o\0\xff",
        "d.py": 'ask(model="gpt-4o") # é'.encode("latin-1"),
        "e.ps1": '$model = "gpt-4o"'.encode("utf-16"),
        "f.py": b"gpt-4o" + b" " * MAX_BYTES,
    }
    result = scan_tree(Files(files), catalog())
    assert [use.location.path for use in result.uses if use.role == "selection"] == ["a.py", "d.py", "e.ps1"]
    assert {note.path for note in result.notes} >= {"b.py", "c.py", "d.py", "f.py"}
    assert "cannot be read" in [note.message for note in result.notes]


@pytest.mark.parametrize("ahead", range(5))
def test_of_recorded_text_the_beginning_is_read_and_characters_stay_whole(ahead: int) -> None:
    text = f"é: gpt-4o\n{'x' * ahead}{'😀é' * (MAX_UNJUDGED // 6)}\nmodel: gpt-5.5\n"
    found = scan_file("tests/cassettes/a.yaml", text.encode(), catalog().identify)
    assert [(use.model.written, use.role, use.location.column) for use in found.uses] == [("gpt-4o", "test", 4)]
    assert found.note
    assert found.note.message == f"only its first {MAX_UNJUDGED:,} bytes were read"
    assert len(uses("deploy/a.yaml", text)) == 2


def test_a_file_that_does_not_parse_is_still_read() -> None:
    assert [use.role for use in uses("a.py", 'def (((\nask(model="gpt-4o"')] == ["selection"]
    assert [use.role for use in uses("a.yaml", "{{ if .x }}\nmodel: gpt-4o\n{{ end }}\n")] == ["selection"]


def test_a_line_of_a_megabyte_does_not_stall() -> None:
    text = "var a=[" + '"x",' * 300_000 + '];call({model:"gpt-4o"})'
    (use,) = [u for u in uses("a.js", text) if u.model.written == "gpt-4o"]
    assert use.location.line == 1


@pytest.mark.parametrize("path", ["a.js", "a.json", "a.yaml", "a.env", "a.sql", "a.xml", "a.md"])
def test_a_generated_line_is_judged_at_its_beginning_and_no_name_of_it_is_lost(path: str) -> None:
    names = [f"gpt-4o-2024-05-{day:02}" for day in range(10, 30)] * 20
    line = "{" + ", ".join(f'"model": "{name}"' for name in names) + "}"
    found = uses(path, f"{line}\n")
    assert [use.model.written for use in found] == names
    assert {use.role for use in found[MAX_NAMES_ON_A_LINE:]} == {"prose"}


def test_of_a_generated_file_the_first_names_are_judged_and_the_further_ones_are_listed() -> None:
    found = uses("a.py", "".join(f'm{number} = ask(model="gpt-4o")\n' for number in range(MAX_NAMES + 500)))
    assert [use.role for use in found] == ["selection"] * MAX_NAMES + ["prose"] * 500


def test_a_long_text_in_another_language_than_its_name_promises_is_read_line_by_line() -> None:
    text = "model: 'gpt-4o'  # why not\n" + "a: 4b\n" * 40_000
    found = scan_file("a.py", text.encode(), catalog().identify)
    assert found.note
    assert found.note.message == "does not parse: read line by line"
    assert [use.role for use in found.uses] == ["selection"]


@pytest.mark.parametrize(
    ("path", "text", "found"),
    [
        ("a.yaml", "name: x\n\tmodel: gpt-4o\nmodel: gpt-4.1\n", ["gpt-4o", "gpt-4.1"]),
        ("a.yaml", "a: b: c\nmodel: gpt-4o\n", ["gpt-4o"]),
        ("a.yaml", "<<<<<<< HEAD\nmodel: gpt-4o\n=======\nmodel: gpt-4.1\n>>>>>>> b\n", ["gpt-4o", "gpt-4.1"]),
        ("a.yaml", "model: %NAME%\nsmall_model: gpt-4o\n", ["gpt-4o"]),
        ("a.py", 'x = """abc\nask(model="gpt-4o")\n', ["gpt-4o"]),
        ("a.py", 'def f():\n    """Ask.""\n    return ask(model="gpt-4o")\n', ["gpt-4o"]),
        ("a.vue", "<p>gpt-4</p>\n<script>\nask({ model: 'gpt-4o' })\n", ["gpt-4o"]),
        (
            "a.svelte",
            "<script src='a.js' />\n<p>gpt-4</p>\n<script lang='ts'>\nask({ model: 'gpt-4o' })\n<b>",
            ["gpt-4o"],
        ),
        ("a.prompty", "---\nmodel:\n  configuration:\n    model: gpt-4o\nsystem:\nYou are gpt-4\n", ["gpt-4o"]),
        ("a.md", "---\nname: x\nmodel: gpt-4o\n\nYou are like model: gpt-4\n", ["gpt-4o"]),
        ("a.ipynb", "[{'cell': 'model = gpt-4o'}]", ["gpt-4o"]),
    ],
)
def test_what_does_not_parse_is_read_line_by_line_and_noted(path: str, text: str, found: list[str]) -> None:
    scanned = scan_file(path, text.encode(), catalog().identify)
    assert [use.model.written for use in scanned.uses if use.role == "selection"] == found
    assert scanned.note
    assert not scanned.note.blind


@pytest.mark.parametrize(
    ("path", "text"),
    [
        ("a.md", "---\n\nA rule.\nmodel: gpt-4o\n"),
        ("a.md", "---\n# About\nmodel: gpt-4o\n"),
        ("a.yaml", "# a: b: c\nabout: gpt-4o\n"),
        ("a.vue", "<script src='a.js' />\n<p>model: gpt-4o</p>\n"),
    ],
)
def test_what_parses_is_not_noted(path: str, text: str) -> None:
    scanned = scan_file(path, text.encode(), catalog().identify)
    assert [use.role for use in scanned.uses if use.role == "selection"] == []
    assert scanned.note is None


@settings(max_examples=60, deadline=None)
@given(
    st.sampled_from(["a.yaml", "a.md", "a.prompty", "a"]),
    st.lists(st.sampled_from(["gpt-4o", '"', "{", "}", ": ", "\n", "\n\t", "model", "- ", "[", "---\n", " "])),
)
@example("a.yaml", ["- ", "---\n", "gpt-4o"])
def test_no_name_of_a_text_that_does_not_parse_is_lost(path: str, parts: list[str]) -> None:
    text = "".join(parts)
    names = [(start, name) for start, _, name in tokens(text)]
    assert [(m.start, m.name) for m in read_file(path, text).mentions] == names


@settings(max_examples=60, deadline=None)
@given(
    st.sampled_from(
        ["a.py", "a.ts", "a.yaml", "a.json", "a.toml", "a.ipynb", "a.md", "a.sh", "a.tf", "a.vue", "a.sql", "a"]
    ),
    st.lists(st.sampled_from(["gpt-4o", '"', "'", "{", "}", ":", "\n", "model", "=", "[", "]", "é", "\\", " ", "#"])),
)
def test_no_text_makes_a_reader_fail(path: str, parts: list[str]) -> None:
    text = "".join(parts)
    found = scan_file(path, text.encode(), catalog().identify)
    assert all(1 <= use.location.line <= text.count("\n") + 1 for use in found.uses)
