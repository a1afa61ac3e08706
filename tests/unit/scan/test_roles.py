"""What a name is used for, by what surrounds it. Each case is a small file of its own."""

from __future__ import annotations

import pytest

from tests.unit.scan.reading import roles, selections, uses

SELECTIONS = {
    "a keyword argument": ("a.py", 'client.chat.completions.create(model="gpt-4o")'),
    "a constant": ("a.py", 'DEFAULT_MODEL = "gpt-4o"'),
    "a constant that becomes the model": ("a.py", 'BEST = "gpt-4o"\nclient.create(model=BEST)'),
    "a default": ("a.py", 'def ask(question, model="gpt-4o"): ...'),
    "the default of a variable of the environment": ("a.py", 'm = os.environ.get("CHAT_MODEL", "gpt-4o")'),
    "the default of a flag": ("a.py", 'parser.add_argument("--model", default="gpt-4o", help="which")'),
    "a flag and its value in a list": ("a.py", 'run(["llm",\n "--model",\n "gpt-4o",\n "hi"])'),
    "an implicit concatenation": ("a.py", 'ask(model="gpt-" "4o")'),
    "a format of a constant": ("a.py", 'SIZE = "4o"\nask(model="gpt-{}".format(SIZE))'),
    "a format of a literal": ("a.py", 'ask(model="gpt-{0}".format("4o"))'),
    "a format of a keyword": ("a.py", 'SIZE = "4o"\nask(model="gpt-{size}".format(size=SIZE))'),
    "a format with a percent sign": ("a.py", 'ask(model="gpt-%s" % "4o")'),
    "a format with a percent sign and a tuple": ("a.py", 'SIZE = "4"\nask(model="gpt-%s%s" % (SIZE, "o"))'),
    "a template of a literal": ("a.ts", 'ask({ model: `gpt-${"4o"}` })'),
    "a template of a constant": ("a.ts", 'const SIZE = "4o";\nask({ model: `gpt-${SIZE}` })'),
    "a fallback of an or": ("a.py", 'model = config.model or "gpt-4o"'),
    "a value behind a key": ("a.ts", 'const options = { model: "gpt-4o", temperature: 0 };'),
    "a nullish default": ("a.ts", 'const model = process.env.MODEL ?? "gpt-4o";'),
    "a call with the name alone": ("a.ts", 'const answer = generateText({ model: openai("gpt-4o") });'),
    "a name that is shown and sent": (
        "a.tsx",
        'const BEST = "gpt-4o";\nconst A = () => <p onClick={() => ask(BEST)}>{BEST}</p>;',
    ),
    "a call in an element": ("a.tsx", 'const A = () => <p>{ask({ model: "gpt-4o" })}</p>;'),
    "a default handed to an element": ("a.tsx", 'const A = ({ id }) => <p><Chat model={id ?? "gpt-4o"} /></p>;'),
    "a field of a class": ("a.ts", 'class Agent { private model = "gpt-4o"; }'),
    "a URL": ("a.ts", 'fetch("https://example.openai.com/v1/models/gpt-4o:generate")'),
    "a Go struct": ("a.go", 'package m\nvar r = Request{Model: "gpt-4o"}'),
    "a Go constant of the library": ("a.go", "package m\nvar r = Request{Model: openai.GPT4o}"),
    "a Java builder": ("A.java", 'class A { Object m = Chat.builder().modelName("gpt-4o").build(); }'),
    "a Java constant of the library": (
        "A.java",
        "import static dev.x.OpenAiChatModelName.GPT_4_O;\nclass A { Object m = b.modelName(GPT_4_O); }",
    ),
    "a Kotlin argument": ("A.kt", 'val r = Request(model = ModelId("gpt-4o"))'),
    "a Kotlin default": ("A.kt", 'class Agent(val model: String = "gpt-4o")'),
    "a Scala argument": ("A.scala", 'val r = Request(model = "gpt-4o")'),
    "a Ruby hash": ("a.rb", 'client.chat(parameters: { model: "gpt-4o" })'),
    "a Rust builder": ("a.rs", 'fn main() { let r = Args::default().model("gpt-4o").build(); }'),
    "a Rust constant": ("a.rs", 'const MODEL: &str = "gpt-4o";'),
    "a C# initializer": ("A.cs", 'class A { object o = new Options { Model = "gpt-4o" }; }'),
    "a PHP array": ("a.php", '<?php $r = $client->chat(["model" => "gpt-4o"]);'),
    "a Swift argument": ("a.swift", 'let r = Query(model: "gpt-4o")'),
    "a Swift constant of the library": ("a.swift", "let q = Query(model: .gpt4_o)"),
    "an Elixir keyword": ("a.ex", 'Chat.create(model: "gpt-4o")'),
    "a Lua field": ("a.lua", 'ask({ model = "gpt-4o" })'),
    "a Dart argument": ("a.dart", 'void main() { ask(model: "gpt-4o"); }'),
    "a shell flag": ("a.sh", "llm -m gpt-4o 'hello'"),
    "a shell flag with a sign": ("a.sh", "llm --model=gpt-4o 'hello'"),
    "a shell default": ("a.sh", 'MODEL="gpt-4o"'),
    "a comment that argc reads": ("a.sh", "# @option --model=gpt-4o  The model"),
    "a YAML value": ("a.yaml", "llm:\n  model: gpt-4o\n"),
    "a workflow input": (
        ".github/workflows/a.yml",
        "jobs:\n  a:\n    steps:\n      - with:\n          openai_model: gpt-4o\n",
    ),
    "the default of an action's input": ("action.yml", "inputs:\n  model:\n    default: gpt-4o\n"),
    "a matrix": (
        ".github/workflows/a.yml",
        "jobs:\n  a:\n    strategy:\n      matrix:\n        model: [gpt-4o, o3-mini]\n",
    ),
    "a promptfoo provider": ("promptfooconfig.yaml", "providers:\n  - id: openai:gpt-4o\n"),
    "a JSON value": ("a.json", '{"model": "gpt-4o"}'),
    "a TOML value": ("a.toml", '[llm]\nmodel = "gpt-4o"\n'),
    "an INI value": ("a.ini", "[llm]\nmodel = gpt-4o\n"),
    "a .env value": (".env.example", "OPENAI_MODEL=gpt-4o\n"),
    "a properties value": ("application.properties", "spring.ai.openai.chat.options.model=gpt-4o\n"),
    "a Dockerfile variable": ("Dockerfile", "FROM x\nENV CHAT_MODEL=gpt-4o\n"),
    "a Makefile variable": ("Makefile", "MODEL ?= gpt-4o\n"),
    "a Terraform default": ("a.tf", 'variable "chat_model" {\n  default = "gpt-4o"\n}\n'),
    "front matter": ("agents/review.md", "---\nmodel: gpt-4o\n---\nUse gpt-4o.\n"),
    "a BAML client": ("a.baml", 'client<llm> Fast {\n  options {\n    model "gpt-4o"\n  }\n}\n'),
    "a default inside a placeholder": ("application.yaml", "chat:\n  model: ${CHAT_MODEL:gpt-4o}\n"),
    "a shell expansion": ("a.sh", 'llm -m "${MODEL:-gpt-4o}"'),
    "a model for each provider": ("a.ts", 'const DEFAULTS = { openai: "gpt-4o", cohere: "command-r" }'),
    "a Bicep parameter": ("main.bicep", "param chatModelName string = 'gpt-4o'\n"),
    "the default of a placeholder": ("main.parameters.json", '{"chat": {"value": "${OPENAI_CHAT_MODEL=gpt-4o}"}}'),
    "a fallback in an unknown language": ("a.razor", 'var chatModel = settings["X"] ?? "gpt-4o";'),
    "a list of the environment": ("compose.yml", "services:\n  a:\n    environment:\n      - CHAT_MODEL=gpt-4o\n"),
    "a placeholder of the environment": (
        "compose.yml",
        "services:\n  a:\n    environment:\n      - CHAT_MODEL=${CHAT_MODEL:-gpt-4o}\n",
    ),
    "a loop that asks each model": ("a.py", 'for m in ["gpt-4o", "o3-mini"]:\n    ask(model=m)'),
    "a request body in a shell": ("a.sh", 'curl -d "{\\"model\\": \\"gpt-4o\\"}" https://x'),
    "a value beside its name": ("a.yaml", "env:\n  - name: CHAT_MODEL\n    value: gpt-4o\n  - name: X\n    value: y\n"),
    "an XML element": ("a.xml", "<options><model>gpt-4o</model></options>\n"),
    "a component's script": ("a.vue", "<template>gpt-4o</template>\n<script>\nconst model = 'gpt-4o'\n</script>\n"),
    "settings inside a string": ("a.go", "package m\nvar t = `provider_id=openai:gpt-4o\nfile=x`\n"),
    "a key deep in a provider's section": ("a.json", '{"OpenAI": {"Deployments": {"Chat": "gpt-4o"}}}'),
    "an id with its provider": ("a.yaml", "providers:\n  - id: openai:gpt-4o\n"),
    "a provider with its model": ("a.yaml", "provider: openai:gpt-4o\n"),
    "a target with its provider": ("a.py", 'run({"target": "openai:gpt-4o"})'),
    "a map from providers": ("a.py", 'model_map = {"openai": "gpt-4o", "mistral": "mistral-large-2411"}'),
    "a mapping from providers": ("a.py", 'model_mapping = {"openai": "gpt-4o", "mistral": "mistral-large-2411"}'),
    "mappings from providers": ("a.py", 'MAPPINGS = {"openai": "gpt-4o", "mistral": "mistral-large-2411"}'),
    "a row of options": ("A.java", 'class A { Object[] o = {"model", "m", "gpt-4o"}; }'),
    "a record with its endpoint": ("a.sh", "P=(\n  openai,gpt-4o,https://api.openai.com/v1\n)\n"),
    "an embedded Clojure-like keyword": ("a.clj", '(ask {:model "gpt-4o"})'),
    "an unknown language": ("a.jl", 'ask(prompt; model = "gpt-4o")'),
}
OTHERS = {
    "a comparison": ("a.py", 'if model == "gpt-4o": pass', "compare"),
    "a membership": ("a.py", 'if model in ("gpt-4o", "o3-mini"): pass', "compare"),
    "a prefix": ("a.py", 'if model.startswith("gpt-4o"): pass', "compare"),
    "a strict comparison": ("a.ts", 'if (model === "gpt-4o") {}', "compare"),
    "a text of the user interface": ("web/locales/en.json", '{"model": "gpt-4o"}', "prose"),
    "a constant of a class of models": ("a.py", 'class ChatModels:\n    FAST = "gpt-4o"', "catalog"),
    "a case": ("a.ts", 'switch (model) { case "gpt-4o": run() }', "compare"),
    "a Go case": ("a.go", 'package m\nfunc f() { switch m { case "gpt-4o": g() } }', "compare"),
    "a Rust pattern": ("a.rs", 'fn f(m: &str) -> u32 { match m { "gpt-4o" => 1, _ => 0 } }', "compare"),
    "a Kotlin branch": ("A.kt", 'fun f(m: String) = when (m) { "gpt-4o" -> 1\nelse -> 2 }', "compare"),
    "a shell test": ("a.sh", 'if [ "$m" = "gpt-4o" ]; then x; fi', "compare"),
    "a constant that is only compared": ("a.py", 'OLD = "gpt-4o"\nif model == OLD: pass', "compare"),
    "the key of a table": ("a.py", 'PRICES = {"gpt-4o": 2.5}', "catalog"),
    "a table of aliases": ("a.py", 'MODEL_ALIASES = {"fast": "gpt-4o", "smart": "o3-mini"}', "catalog"),
    "a list of names": ("a.py", 'MODELS = ["gpt-4o", "o3-mini"]', "catalog"),
    "a record about a model": (
        "a.ts",
        'const m = [{ id: "gpt-4o", label: "GPT-4o", contextWindow: 128000 }]',
        "catalog",
    ),
    "an enumeration": ("a.ts", 'enum Model { Big = "gpt-4o" }', "catalog"),
    "a type": ("a.ts", 'type Model = "gpt-4o" | "o3-mini"', "catalog"),
    "an enumeration in Kotlin": ("A.kt", 'enum class M(val id: String) { BIG("gpt-4o") }', "catalog"),
    "a constant named after its model": ("a.py", 'GPT_4O = "gpt-4o"', "catalog"),
    "an API description": (
        "openapi.yaml",
        "openapi: 3.1.0\npaths:\n  /a:\n    example:\n      model: gpt-4o\n",
        "prose",
    ),
    "a class of constants": ("A.cs", 'class Models { static Model Best => new Model("gpt-4o"); }', "catalog"),
    "a record with a title": ("a.ts", 'const m = { modelId: "gpt-4o", modelName: "GPT-4o", hosted: true }', "catalog"),
    "an Elixir documentation": ("a.ex", 'defmodule A do\n  @moduledoc """\n  model: "gpt-4o"\n  """\nend', "prose"),
    "a quoted example in data": ("a.yaml", 'help:\n  x: |\n    curl -d {\n      "model": "gpt-4o"\n', "prose"),
    "a block of constants": (
        "a.go",
        'package m\nconst (\n A = "gpt-4o"\n B = "o3-mini"\n C = "o1"\n)',
        "catalog",
    ),
    "a file of aliases": ("aliases.json", '{"fast": {"openai": "gpt-4o"}}', "catalog"),
    "an entry of a menu": ("a.tsx", 'const a = <SelectItem value="gpt-4o" />', "catalog"),
    "one of several records": (
        "a.go",
        'package m\nvar m = map[P][]I{ModelOpenAI: {{Name: "gpt-4o", Tools: true}, {Name: "o3", Tools: true}}}',
        "catalog",
    ),
    "a registration": ("a.py", 'register(AsyncChat("gpt-4o"), aliases=("4o",))', "catalog"),
    "a command of a recorded run": (
        "a.yml",
        "- command: aider --model gpt-4o\n  pass_rate_1: 50\n  total_cost: 1\n",
        "data",
    ),
    "an object named after its model": ("A.kt", 'object GPT_4O : ModelType("gpt-4o", 8192)', "catalog"),
    "a splitter by tokens": ("A.kt", 'val s = TokenTextSplitter(modelType = "gpt-4o")', "compare"),
    "choices": ("a.py", 'p.add_argument("--model", choices=["gpt-4o", "o3-mini"])', "catalog"),
    "a comment": ("a.py", "x = 1  # try gpt-4o", "prose"),
    "a docstring": ("a.py", 'def f():\n    """Ask gpt-4o."""', "prose"),
    "help": ("a.py", 'f(help="gpt-4o or another")', "prose"),
    "a printed text": ("a.py", 'print("gpt-4o")', "prose"),
    "an error": ("a.py", 'raise ValueError("gpt-4o")', "prose"),
    "a placeholder": ("a.tsx", 'const a = <input placeholder="gpt-4o" />', "prose"),
    "shown text": ("a.tsx", "const a = <p>We use gpt-4o here</p>", "prose"),
    "documentation": ("README.md", "Set `model: gpt-4o`.", "prose"),
    "a commented setting": ("a.yaml", "llm:\n  # model: gpt-4o\n  x: 1\n", "prose"),
    "a test": ("tests/test_a.py", 'ask(model="gpt-4o")', "test"),
    "an inline test": ("a.rs", '#[cfg(test)]\nmod tests { fn t() { ask("gpt-4o"); } }', "test"),
    "a table by providers": ("a.py", 'MODEL_TABLE = {"openai": "gpt-4o", "mistral": "mistral-large-2411"}', "catalog"),
    "a counter of tokens": ("a.py", 'TOKEN_COUNT_MODEL = "gpt-4o"', "compare"),
    "a key in a section of no provider": ("a.json", '{"Other": {"Deployments": {"Chat": "gpt-4o"}}}', "data"),
    "a title in a provider's section": ("a.json", '{"OpenAI": {"Deployments": {"Title": "gpt-4o"}}}', "prose"),
    "a list in a provider's section": ("a.json", '{"OpenAI": {"A": {"Chat": ["gpt-4o", "o3-mini"]}}}', "catalog"),
    "a record without an endpoint": ("a.sh", "P=(\n  openai,gpt-4o,fast\n)\n", "prose"),
    "an address in a sentence": ("a.py", 'note("gpt-4o, see https://x.example")', "prose"),
    "a page about a model": ("a.py", 'register(URL, "https://platform.openai.com/docs/models/gpt-4o")', "prose"),
    "the version of an app": ("a.py", 'record(rag, app_version="gpt-4o")', "catalog"),
    "a name that an element shows": (
        "a.tsx",
        'const A = ({ id }) => <code>run {id ?? "gpt-4o"}</code>;',
        "prose",
    ),
    "a test function": ("a.py", 'def test_ask():\n    ask(model="gpt-4o")', "test"),
    "a recorded result": ("bench/results/a.json", '{"model": "gpt-4o", "score": 1}', "data"),
    "a finding of a baseline": (
        "a.json",
        '{"findings": [{"fingerprint": "f", "rule": "r", "model": "gpt-4o"}]}',
        "data",
    ),
    "a response": ("a.json", '{"model": "gpt-4o", "usage": {"total_tokens": 3}}', "data"),
}


@pytest.mark.parametrize(("path", "text"), SELECTIONS.values(), ids=SELECTIONS)
def test_what_is_sent_to_a_provider_is_a_selection(path: str, text: str) -> None:
    assert "gpt-4o" in {name.removeprefix("openai:") for name in selections(path, text)}


@pytest.mark.parametrize(("path", "text", "role"), OTHERS.values(), ids=OTHERS)
def test_what_is_not_sent_has_another_role(path: str, text: str, role: str) -> None:
    assert {found for name, found in roles(path, text) if name == "gpt-4o"} == {role}


@pytest.mark.parametrize(
    ("section", "role"),
    [
        *((name, "selection") for name in ("agent", "agents", "assistant", "assistants")),
        *((name, "selection") for name in ("bots", "personas", "characters")),
        ("rows", "catalog"),
    ],
)
def test_a_record_with_a_title_is_an_agent_where_its_section_says_so(section: str, role: str) -> None:
    text = f"{section}:\n  a:\n    name: A\n    model: gpt-4o\n    title: x\n    description: d\n"
    assert {found for name, found in roles("a.yaml", text) if name == "gpt-4o"} == {role}


def test_every_use_says_why() -> None:
    for path, text in SELECTIONS.values():
        assert all(use.role_why for use in uses(path, text))


@pytest.mark.parametrize("key", ["candidate", "fallbacks"])
@pytest.mark.parametrize("models", [["openai/gpt-4.1"], ["openai/gpt-4.1", "openai/gpt-4o"]])
def test_every_model_that_may_be_called_next_is_selected_be_it_one_or_several(key: str, models: list[str]) -> None:
    text = f"tasks:\n  t:\n    {key}: [{', '.join(models)}]\n"
    assert selections("pinward.yml", text) == models
