"""How applications choose a model: screens and their previews, settings, databases, scripts, tables of their own.

A row is a path, its text, and what is found: name, role and pin, in the order of the file.
"""

# ruff: noqa: E501 - a row holds a whole file

from __future__ import annotations

import pytest

from tests.unit.scan.reading import uses

Row = tuple[str, str, tuple[str, ...]]

PREVIEWS: list[Row] = [
    (
        "A.swift",
        'struct V_Previews: PreviewProvider {\n static var previews: some View { V(model: "gpt-4o") } }',
        ("gpt-4o test floating",),
    ),
    (
        "A.swift",
        '#Preview("a") {\n V(x: .init(modelName: "gpt-4o"))\n}\n\n#Preview("b") {\n V(modelName: "gpt-4")\n}\n',
        ("gpt-4o test floating", "gpt-4 test floating"),
    ),
    (
        "A.kt",
        '@Preview(showBackground = true)\n@Composable\nfun Screen() { Chat(model = "gpt-4o") }',
        ("gpt-4o test floating",),
    ),
    ("A.kt", '@Composable\nfun Screen() { Chat(model = "gpt-4o") }', ("gpt-4o selection floating",)),
    (
        "A.java",
        'class A { @Test void works() { ask("gpt-4o"); } void runs() { ask("gpt-4"); } }',
        ("gpt-4o test floating", "gpt-4 selection floating"),
    ),
    (
        "A.cs",
        'class A { [Fact] public void F() { Ask("gpt-4o"); } [HttpGet] public void G() { Ask("gpt-4"); } }',
        ("gpt-4o test floating", "gpt-4 selection floating"),
    ),
]
DEFAULTS: list[Row] = [
    (
        "A.kt",
        'fun modelFor(p: P) = when (p) { P.A -> "gpt-4o"\n else -> "gpt-4" }',
        ("gpt-4o selection floating", "gpt-4 selection floating"),
    ),
    ("A.kt", 'val x = when (model) { "gpt-4o" -> 1\n else -> 2 }', ("gpt-4o compare floating",)),
    (
        "A.kt",
        'enum class P(val t: String, val m: String) { OPENAI("OpenAI", "gpt-4o"), MISTRAL("mistral-large-latest", "Large") }',
        ("gpt-4o selection floating", "mistral-large-latest catalog floating"),
    ),
    (
        "A.swift",
        'enum M: String { case gpt4o = "gpt-4o"\n case gpt4 = "gpt-4"\n static let `default`: M = .gpt4o }',
        ("gpt-4o catalog floating", "gpt-4 catalog floating", "gpt-4o selection floating"),
    ),
    (
        "A.java",
        'enum M {\n GPT_4O("gpt-4o"),\n GPT_4("gpt-4");\n static M first() { return GPT_4O; } }',
        ("gpt-4o catalog floating", "gpt-4 catalog floating", "gpt-4o selection floating"),
    ),
    (
        "a.php",
        '<?php enum M: string { case GPT41 = "gpt-4.1"; static function defaultModel(): static { return self::GPT41; } }',
        ("gpt-4.1 catalog floating", "gpt-4.1 selection floating"),
    ),
    (
        "a.go",
        'package m\nvar rows = []Row{{"model", "m", "gpt-4o", "the model"}, {"key", "k", "", "a key"}}',
        ("gpt-4o selection floating",),
    ),
    ("a.tf", 'variable "m" { default = "gpt-4o" }', ("gpt-4o selection floating",)),
    ("app/build.gradle", 'buildConfigField "String", "OPENAI_MODEL", "\\"gpt-4o\\""', ("gpt-4o selection floating",)),
    ("app/build.gradle", "resValue('string', 'model', 'gpt-4o')", ("gpt-4o selection floating",)),
    ("appsettings.json", '{"OpenAI": {"Completion": "gpt-4o"}}', ("gpt-4o selection floating",)),
    ("appsettings.json", '{"Files": {"Chosen": "gpt-4o"}}', ("gpt-4o data floating",)),
    ("appsettings.json", '{"FileSelect": {"Provider": "openai", "Model": "gpt-4o"}}', ("gpt-4o selection floating",)),
    ("a.cs", "var r = new Request { Model = ChatModel.OpenAi.Gpt5.V5Mini };", ("gpt-5-mini selection floating",)),
    ("a.dart", "final r = Ask(model: Gpt4oMiniChatModel());", ("gpt-4o-mini selection floating",)),
]
STATEMENTS: list[Row] = [
    ("a.py", "db.execute(\"INSERT INTO rooms (name, model) VALUES ('a', 'gpt-4o')\")", ("gpt-4o selection floating",)),
    (
        "a.dart",
        "void f() { db.execute('''\n INSERT OR IGNORE INTO rooms (title, model)\n VALUES ('a', 'gpt-4o')'''); }",
        ("gpt-4o selection floating",),
    ),
    (
        "A.kt",
        "val m = db.execSQL(\"ALTER TABLE chats ADD COLUMN model TEXT NOT NULL DEFAULT 'gpt-4o'\")",
        ("gpt-4o selection floating",),
    ),
    (
        "a.ts",
        "db.query(`UPDATE bots SET model = 'gpt-4o' WHERE model = 'gpt-4'`)",
        ("gpt-4o selection floating", "gpt-4 compare floating"),
    ),
    ("a.ts", "db.query(`SELECT id FROM bots WHERE model = 'gpt-4o'`)", ("gpt-4o compare floating",)),
    ("a.ts", "ask('update the text so that it says \"gpt-4o\"')", ("gpt-4o prose floating",)),
]
TABLES: list[Row] = [
    ("A.swift", 'let one = Model(id: "gpt-4o", name: "GPT-4o")', ("gpt-4o catalog floating",)),
    ("A.cs", 'var m = new ModelInfo("gpt-4o", "GPT-4o");', ("gpt-4o catalog floating",)),
    (
        "A.java",
        'class A { Object m = modelConfig("gpt-4o", "gpt-4o", "chat"); }',
        ("gpt-4o catalog floating", "gpt-4o catalog floating"),
    ),
    (
        "a.dart",
        'final m = {"gpt-4": Model("gpt-4", vision: true)};\nvoid f() { var models = m; ask(models: models); }',
        ("gpt-4 catalog floating", "gpt-4 catalog floating"),
    ),
    (
        "a.rb",
        'Model.create!(name: "gpt-4o", label: "GPT-4o")\nAssistant.create!(name: "Helper", model: "gpt-4o")',
        ("gpt-4o catalog floating", "gpt-4o selection floating"),
    ),
    ("a.scala", "val request = Ask(messages, ModelId.gpt_4o)", ("gpt-4o selection floating",)),
    (
        "a.yml",
        "assistants:\n- name: GPT-4o\n  description: quick\n  icon: a\n  model_name: gpt-4o\n",
        ("gpt-4o selection floating",),
    ),
    (
        "a.yml",
        "models:\n- name: GPT-4o\n  description: quick\n  icon: a\n  model_name: gpt-4o\n",
        ("gpt-4o catalog floating",),
    ),
    (
        "a.yml",
        "models:\n- name: openai-gpt4o\n  provider: openai\n  modelName: gpt-4o\n  baseUrl: https://x\n",
        ("openai-gpt4o selection unknown", "gpt-4o selection floating"),
    ),
]
QUESTIONS: list[Row] = [
    (
        "a.py",
        'a = get_provider("gpt-4o")\nb = supports_vision("gpt-4o")\nc = get_model("gpt-4o")',
        ("gpt-4o compare floating", "gpt-4o compare floating", "gpt-4o selection floating"),
    ),
    (
        "A.java",
        'class A { Object a = isReasoning("o1"); Object b = withModelVersion("gpt-4o"); Object c = new ModelFamily("gpt-4o"); }',
        ("o1 compare floating", "gpt-4o selection floating", "gpt-4o selection floating"),
    ),
    (
        "a.sh",
        "if echo \"$model\" | grep -qi 'gpt-4o'; then ask --model gpt-4; fi",
        ("gpt-4o compare floating", "gpt-4 selection floating"),
    ),
    ("a.sh", 'm="$(latest_of_family gpt-4o)"', ("gpt-4o compare floating",)),
]


@pytest.mark.parametrize(("path", "text", "expected"), [*PREVIEWS, *DEFAULTS, *STATEMENTS, *TABLES, *QUESTIONS])
def test_a_model_of_an_application_has_the_role_that_its_surroundings_give_it(
    path: str, text: str, expected: tuple[str, ...]
) -> None:
    assert tuple(f"{u.model.written} {u.role} {u.model.pin}" for u in uses(path, text)) == expected
