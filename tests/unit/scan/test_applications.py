"""How applications choose a model: screens and their previews, settings, databases, scripts, tables of their own."""

# ruff: noqa: E501 - a row holds a whole file

from __future__ import annotations

from tests.unit.scan.reading import Row, found_in, of_rows

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

COUNTED: list[Row] = [
    ("a.py", 'n = count_tokens(messages, m.name if m else "gpt-4")', ("gpt-4 compare floating",)),
    ("a.py", 'class Tiktoken:\n    def count(self, text, model="gpt-4"): ...', ("gpt-4 compare floating",)),
    (
        "a.py",
        'def parts(text, model="gpt-4"):\n    e = tiktoken.encoding_for_model(model)\n    return e.encode(text)',
        ("gpt-4 compare floating",),
    ),
    (
        "a.py",
        'def parts(text, model="gpt-4"):\n    e = tiktoken.encoding_for_model(model)\n    return ask(model=model)',
        ("gpt-4 selection floating",),
    ),
    (
        "a.py",
        'def pick(key, model="gpt-4"):\n    return next(m for m in KNOWN if m.name == model)',
        ("gpt-4 selection floating",),
    ),
    ("a.py", 'def token_cost(tokens=0, model="gpt-4"): ...', ("gpt-4 compare floating",)),
    (
        "a.py",
        (
            "def window_of_model(name):\n    for p, n in ROWS:\n        if name.startswith(p): return n\n\n"
            'def is_chat(name):\n    for p in {"gpt-3.5-turbo-", "gpt-4-"}:\n        if name.startswith(p): return True'
        ),
        ("gpt-3.5-turbo catalog floating", "gpt-4 catalog floating"),
    ),
    ("a.py", 'model = "gpt-4"\nassert is_chat_model(model)', ("gpt-4 compare floating",)),
    ("a.py", 'template = get_conv_template("grok-2")', ("grok-2 compare floating",)),
]
SHOWN: list[Row] = [
    (
        "a.tsx",
        'const python = `import openai\nclient = openai.OpenAI()\nclient.ask(\n    model="gpt-4o",\n)`;',
        ("gpt-4o prose floating",),
    ),
    ("a.tsx", 'const v = <Endpoint body={`{\n  "model": "gpt-4o"\n}`} />;', ("gpt-4o prose floating",)),
    ("a.dat", '  "name": "OpenAI: o1",\n', ("o1 prose floating",)),
    ("a.ts", 'span.set({ "gen_ai.request.model": "gpt-4o" })', ("gpt-4o data floating",)),
    ("a.py", 'span.set_attribute("llm.model_name", "gpt-4o")', ("gpt-4o data floating",)),
    ("a.ts", 'span.setAttributes({ "ai.model.id": "gpt-4o" })', ("gpt-4o data floating",)),
    ("a.py", 'model = settings.get("llm.model", "gpt-4o")', ("gpt-4o selection floating",)),
    ("application.properties", "ai.model=gpt-4o\n", ("gpt-4o selection floating",)),
    ("a.yaml", "llm.model: gpt-4o\n", ("gpt-4o selection floating",)),
    ("a.ts", 'const rows = [{ key: "gen_ai.request.model", value: "gpt-4o" }]', ("gpt-4o data floating",)),
    (
        "a.js",
        "var a=3;" * 3000 + 'var s="gpt-4o",o={model:"gpt-4"},q=c.createElement("option",{value:"gpt-4o"});',
        ("gpt-4o prose floating", "gpt-4 selection floating", "gpt-4o prose floating"),
    ),
]
PLACES: list[Row] = [
    (
        "a.ts",
        "const url = `${base}/v1beta/models/gemini-2.0-flash:generateContent`",
        ("gemini-2.0-flash selection floating",),
    ),
    (
        "a.yml",
        "endpoint: https://x.openai.azure.com/openai/deployments/gpt-4o/chat/completions?a=1",
        ("gpt-4o selection unknown",),
    ),
    ("a.tf", 'variable "model_deployment_name" { default = "gpt-4o" }', ("gpt-4o selection unknown",)),
    ("a.tf", 'resource "azurerm_cognitive_deployment" "gpt-4o" {\n  name = "x"\n}', ("gpt-4o catalog floating",)),
    ("a.py", 'model = "gpt-4o"\nask(Parameters(deployment_name=model))', ("gpt-4o selection unknown",)),
    (
        "a.yml",
        "deployments:\n  - name: gpt-4o-mini\n    model:\n      format: OpenAI\n      name: gpt-4o-mini\n    sku:\n      name: S\n",
        ("gpt-4o-mini data floating", "gpt-4o-mini selection floating"),
    ),
    (
        "a.ipynb",
        '{"cells": [{"cell_type": "code", "source": ["chat_model_name = \\"gpt-4o\\"\\n",\n "chat_model_version = \\"2024-08-06\\"\\n",\n "ask(model=chat_model_name)"]}]}',
        ("gpt-4o selection pinned",),
    ),
    (
        "a.py",
        'ask(model="anthropic/claude-3.5-sonnet", base_url="https://openrouter.ai/api/v1")',
        ("anthropic/claude-3.5-sonnet selection floating",),
    ),
    (
        "a.py",
        'a = OpenAI()\nb = AzureOpenAI()\na.ask(model="gpt-4o")\nb.ask(model="gpt-4o")',
        ("gpt-4o selection floating", "gpt-4o selection unknown"),
    ),
    (
        "a.py",
        'client = OpenAI()\nclient.ask(model="gpt-4o")\n\n\ndef other():\n    client = AzureOpenAI()\n    client.ask(model="gpt-4o")',
        ("gpt-4o selection floating", "gpt-4o selection unknown"),
    ),
]
SEVERAL: list[Row] = [
    (
        "a.ts",
        "export const models = ["
        + ", ".join(f'{{ model: "{m}", providers: [1] }}' for m in ("gpt-4o", "gpt-4", "o3", "o1"))
        + "]",
        ("gpt-4o catalog floating", "gpt-4 catalog floating", "o3 catalog floating", "o1 catalog floating"),
    ),
    (
        "ollama.ts",
        "function list() { return done([{ id: 'llava', name: 'Lava' }, { id: 'codellama', name: 'Code Llama' }]) }",
        ("llava catalog floating", "codellama catalog floating"),
    ),
    (
        "a.ts",
        "const DEFAULT_MODELS = { propose: 'gpt-4o', judge: 'gpt-4o-mini' }",
        ("gpt-4o selection floating", "gpt-4o-mini selection floating"),
    ),
    ("a.ts", "const DEFAULT_MODELS = ['gpt-4o', 'gpt-4']", ("gpt-4o catalog floating", "gpt-4 catalog floating")),
    (
        "a.agent.md",
        "---\nname: a\nmodel: ['gpt-4o', 'gpt-4']\n---\n",
        ("gpt-4o selection floating", "gpt-4 selection floating"),
    ),
]

NAMED_BY_OTHERS: list[Row] = [
    (
        "a.yaml",
        (
            "nodes:\n- id: writer\n  config:\n    provider: openai\n    name: gpt-4o\n    role: You write.\n"
            "- id: judge\n  config:\n    name: gpt-4\n    provider: openai\n    role: You judge.\n"
        ),
        ("gpt-4o selection floating", "gpt-4 selection floating"),
    ),
    (
        "a.json",
        '{"activeModels": [{"name": "gpt-4o", "provider": "openai"}, {"name": "gpt-4", "provider": "openai"}]}',
        ("gpt-4o catalog floating", "gpt-4 catalog floating"),
    ),
    (
        "main.parameters.json",
        (
            '{"parameters": {"chatModelName": {"value": "${CHAT_MODEL=gpt-4o}"},\n'
            '"chatDeploymentVersion": {"value": "${CHAT_VERSION=2024-08-06}"},\n'
            '"evalModelName": {"value": "${EVAL_MODEL=gpt-4}"},\n'
            '"evalDeploymentVersion": {"value": "${EVAL_VERSION=turbo-2024-04-09}"}}}'
        ),
        ("gpt-4o selection pinned", "gpt-4 selection pinned"),
    ),
    ("a.dat", '"chatModel": {\n  "type": "string",\n  "defaultValue": "gpt-4o"\n}', ("gpt-4o selection floating",)),
    (
        "a.ts",
        "const rows = [{ id: 'openai:o1-mini', label: 'o1-mini' }]",
        ("openai:o1-mini catalog floating", "o1-mini prose floating"),
    ),
    ("a.py", 'gpt4 = models.OpenAI("gpt-4")', ("gpt-4 selection floating",)),
    ("a.py", 'plugin.add_option("model_image", type="combo", value="gpt-4o")', ("gpt-4o selection floating",)),
    ("a.sh", "oaieval gpt-4,gpt-4o match", ("gpt-4 selection floating", "gpt-4o selection floating")),
    ("a.ts", 'fail(`  agents: { main: new Agent({ model: "openai/gpt-4o" }) }\\n`)', ("openai/gpt-4o prose floating",)),
]

TOLD_BY_THE_LINE: list[Row] = [
    (".env.sample", 'INTENT_MAPPING_MODEL="gpt-4o-mini"', ("gpt-4o-mini selection floating",)),
    (
        "a.json",
        '{"models": {"fast": "gpt-4o-mini", "reasoning": "gpt-5"}}',
        ("gpt-4o-mini selection floating", "gpt-5 selection floating"),
    ),
    ("a.js", 'console.log(chalk.gray("    GEMINI_MODEL=gemini-1.5-flash"))', ("gemini-1.5-flash prose floating",)),
    (
        "a.js",
        'chatCommand.addHelpText("after", `\n  $ ask chat --model gemini-1.5-pro\n`)',
        ("gemini-1.5-pro prose floating",),
    ),
    ("a.sh", 'echo "OPENAI_DEPLOYMENT=gpt-4o" >> .env', ("gpt-4o selection unknown",)),
    ("a.ts", 'const o = { modelName: process.env.DEPLOYMENT_NAME ?? "gpt-4o" }', ("gpt-4o selection unknown",)),
    ("a.bicep", "resource chatDeployment 'x/deployments@1' = {\n  name: 'gpt-4o'\n}", ("gpt-4o selection unknown",)),
    ("a.sh", 'render_row "gpt-4o" "$SECONDS"', ("gpt-4o prose floating",)),
    (
        "a.py",
        'card(model="deepseek-chat", link="https://a.com/models/deepseek-v3")',
        ("deepseek-chat selection floating", "deepseek-v3 prose floating"),
    ),
    ("a.js", 'models.set("gpt-4o", { speed: 2 })', ("gpt-4o catalog floating",)),
    (
        "a.vue",
        "<script>\nconst log = { request: '{\"model\": \"gpt-4o\"}', response: '{}', status_code: 200 }\n</script>",
        ("gpt-4o data floating",),
    ),
    (
        "a.json",
        '{"azureml://registries/a/models/gpt-4o": {"name": "gpt-4o", "subdir": "a"}}',
        ("gpt-4o prose floating", "gpt-4o catalog floating"),
    ),
    (
        "a.py",
        'MODEL = "gpt-4o"\nclient = AzureOpenAI()\nclient.chat.create(model=MODEL)',
        ("gpt-4o selection unknown",),
    ),
]


@of_rows(
    PREVIEWS,
    DEFAULTS,
    STATEMENTS,
    TABLES,
    QUESTIONS,
    COUNTED,
    SHOWN,
    PLACES,
    SEVERAL,
    NAMED_BY_OTHERS,
    TOLD_BY_THE_LINE,
)
def test_a_model_of_an_application_has_the_role_that_its_surroundings_give_it(
    path: str, text: str, found: tuple[str, ...]
) -> None:
    assert found_in(path, text) == found
