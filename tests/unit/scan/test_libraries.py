"""Constants, enumerations, annotations and look-ups as the libraries of compiled languages have them."""

# ruff: noqa: E501 - a row holds a whole file

from __future__ import annotations

import pytest

from tests.unit.scan.reading import Row, found_in, of_rows, uses

ROWS: list[Row] = [
    ("A.java", 'class A { void f() { limits.put("gpt-4o", 128000); } }', ("gpt-4o catalog floating",)),
    (
        "A.java",
        'class A { Map<String,Integer> m = Map.ofEntries(Map.entry("gpt-4o", 1), Map.entry("gpt-4", 2)); }',
        ("gpt-4o catalog floating", "gpt-4 catalog floating"),
    ),
    (
        "A.java",
        'class A { Object o = FoundationModel.fromFoundationModelId(this, "M", FoundationModelIdentifier.ANTHROPIC_CLAUDE_3_5_SONNET_20240620_V1_0); }',
        ("anthropic.claude-3-5-sonnet-20240620-v1:0 selection pinned",),
    ),
    ("A.kt", "val agent = AIAgent(e, AnthropicModels.Sonnet_3_7)", ("claude-3-7-sonnet-latest selection floating",)),
    ("A.kt", "val agent = AIAgent(e, AnthropicModels.Sonnet_4)", ("claude-sonnet-4-0 selection floating",)),
    ("A.kt", "val agent = AIAgent(e, OllamaModels.Meta.LLAMA_3_2)", ("llama-3.2 selection floating",)),
    (
        "A.kt",
        '@Deprecated(message = "no gpt-4") const val DEFAULT_MODEL = "gpt-4o"',
        ("gpt-4 prose floating", "gpt-4o selection floating"),
    ),
    (
        "A.kt",
        "val models = listOf(OpenAIModels.Chat.GPT4o, OpenAIModels.Chat.GPT4_1)",
        ("gpt-4o catalog floating", "gpt-4.1 catalog floating"),
    ),
    ("app/src/androidTest/java/A.kt", 'val a = f(model = "gpt-4o")', ("gpt-4o test floating",)),
    (
        "a.go",
        "package m\nvar r = openai.ChatCompletionNewParams{Model: shared.ChatModelO4Mini}",
        ("o4-mini selection floating",),
    ),
    (
        "a.go",
        'package m\ntype C struct { Model string `env:"MODEL" envDefault:"gpt-4o"` }',
        ("gpt-4o selection floating",),
    ),
    (
        "a.go",
        'package m\ntype C struct { Model string `yaml:"model" default:"gpt-4o" json:"model"` }',
        ("gpt-4o selection floating",),
    ),
    (
        "a.go",
        'package m\nfunc f() { log.Printf("using %s", "gpt-4o"); t.Fatalf("gpt-4o") }',
        ("gpt-4o prose floating", "gpt-4o prose floating"),
    ),
    (
        "a.go",
        'package m\nfunc f() { ai.WithModelName("googleai/gemini-2.0-flash") }',
        ("googleai/gemini-2.0-flash selection floating",),
    ),
    (
        "a.rs",
        'fn f() { let client = ollama::Client::new(); let a = client.agent("deepseek-r1").build(); }',
        ("deepseek-r1 selection floating",),
    ),
    (
        "a.rs",
        '#[derive(Serialize)]\nenum M { #[serde(rename = "gpt-4o")] Gpt4o, #[serde(rename = "gpt-4")] Gpt4 }',
        ("gpt-4o catalog floating", "gpt-4 catalog floating"),
    ),
    ("a.rs", "fn f() { let r = Req { model: Model::Gpt4o, x: 1 }; }", ("gpt-4o selection floating",)),
    (
        "a.cs",
        'var p = new Dictionary<string,int> { ["gpt-4o"] = 1, { "gpt-4", 2 } };',
        ("gpt-4o catalog floating", "gpt-4 catalog floating"),
    ),
    (
        "a.cs",
        'logger.LogInformation("using {Model}", "gpt-4o"); Console.WriteLine("gpt-4o"); throw new ArgumentException("gpt-4o");',
        ("gpt-4o prose floating", "gpt-4o prose floating", "gpt-4o prose floating"),
    ),
    ("a.cs", 'var t = TiktokenTokenizer.CreateForModel("gpt-4o");', ("gpt-4o compare floating",)),
    (
        "a.cs",
        '[Description("gpt-4o")] public string Model = "gpt-4o-mini";',
        ("gpt-4o prose floating", "gpt-4o-mini selection floating"),
    ),
    ("a.cs", '[InlineData("gpt-4o")] public void T(string model) {}', ("gpt-4o test floating",)),
    (
        "config/openai.php",
        '<?php return ["default" => env("OPENAI_MODEL", "gpt-4o"), "models" => ["gpt-4", "gpt-4o"]];',
        ("gpt-4o selection floating", "gpt-4 catalog floating", "gpt-4o catalog floating"),
    ),
    ("a.php", "<?php $config->model = OpenAIChatModel::Gpt4Omni->value;", ("gpt-4o selection floating",)),
    (
        "examples/token-metadata.php",
        '<?php $agent = new Agent($platform, "gpt-4o-mini");',
        ("gpt-4o-mini selection floating",),
    ),
    (
        "a.swift",
        'switch self { case .gpt4o: return "gpt-4o"\n case .gpt4: return "gpt-4" }',
        ("gpt-4o catalog floating", "gpt-4 catalog floating"),
    ),
    (
        "a.swift",
        'Picker("Model", selection: $m) { Text("GPT-4o").tag("gpt-4o")\n Text("GPT-4").tag("gpt-4") }',
        ("gpt-4o catalog floating", "gpt-4 catalog floating"),
    ),
    (
        "a.swift",
        'print("gpt-4o"); Text("gpt-4o"); os_log("gpt-4o")',
        ("gpt-4o prose floating", "gpt-4o prose floating", "gpt-4o prose floating"),
    ),
    (
        "a.swift",
        '@available(*, deprecated, message: "use gpt-4o") let model = "gpt-4"',
        ("gpt-4o prose floating", "gpt-4 selection floating"),
    ),
    ("a.ex", 'def f(a, %Chat{model: "gpt-4o"} = x) do\n 1\nend', ("gpt-4o compare floating",)),
    ("a.ex", 'def f(params, %{multi: true, model: "gpt-4o"}) do\n 1\nend', ("gpt-4o compare floating",)),
    (
        "a.dart",
        "final r = CreateChatCompletionRequest(model: ChatCompletionModel.model(ChatCompletionModels.gpt4o), messages: m);",
        ("gpt-4o selection floating",),
    ),
    ("a.cs", 'AzureOpenAIClient client = new(uri, cred);\nvar c = client.GetChatClient("gpt-4o");', ()),
    (
        "a.go",
        'package m\nfunc f() { c, err := ollama.NewClient(x)\n c.Chat("deepseek-r1") }',
        ("deepseek-r1 selection floating",),
    ),
    (
        "A.java",
        'class A { static final Map<String,Integer> W = new HashMap<>() {{ put("gpt-4o", 128000); put("gpt-4", 8192); }}; }',
        ("gpt-4o catalog floating", "gpt-4 catalog floating"),
    ),
    (
        "A.java",
        'class A { @ParameterizedTest @ValueSource(strings = {"gpt-4o", "gpt-4"}) void t(String m) {} }',
        ("gpt-4o test floating", "gpt-4 test floating"),
    ),
    ("build.gradle.kts", 'buildConfigField("String", "OPENAI_MODEL", "\\"gpt-4o\\"")', ("gpt-4o selection floating",)),
    (
        "a.rs",
        'static MODELS: &[(&str, u32)] = &[("gpt-4o", 128000), ("gpt-4", 8192)];',
        ("gpt-4o catalog floating", "gpt-4 catalog floating"),
    ),
    (
        "a.rs",
        'fn f() { map.insert("gpt-4o", 1); map.insert("model", "gpt-4o"); }',
        ("gpt-4o catalog floating", "gpt-4o selection floating"),
    ),
    (
        "a.rs",
        'impl Model { fn id(&self) -> &str { match self { Model::Gpt4o => "gpt-4o", Model::Gpt4 => "gpt-4" } } }',
        ("gpt-4o compare floating", "gpt-4o catalog floating", "gpt-4 compare floating", "gpt-4 catalog floating"),
    ),
    (
        "a.rs",
        '#[derive(clap::ValueEnum)]\nenum M { #[value(name = "gpt-4o")] Gpt4o, #[clap(name = "gpt-4")] Gpt4 }',
        ("gpt-4o catalog floating", "gpt-4 catalog floating"),
    ),
    (
        "a.php",
        '<?php Log::info("gpt-4o"); error_log("gpt-4o"); throw new Exception("gpt-4o"); __("gpt-4o");',
        ("gpt-4o prose floating", "gpt-4o prose floating", "gpt-4o prose floating", "gpt-4o selection floating"),
    ),
    (
        "a.ex",
        '@model_limits [{"gpt-4o", 128_000}, {"gpt-4", 8_192}]',
        ("gpt-4o catalog floating", "gpt-4 catalog floating"),
    ),
    (
        "a.lua",
        'return { "gpt.nvim", opts = { model = "gpt-4o", models = { "gpt-4o", "gpt-4" } } }',
        ("gpt-4o selection floating", "gpt-4o catalog floating", "gpt-4 catalog floating"),
    ),
    (
        "a.dart",
        'void f(String m) { if (m == "gpt-4o" || m.startsWith("gpt-4") || ["o1-mini"].contains(m)) { debugPrint("gpt-4o"); } }',
        ("gpt-4o compare floating", "gpt-4 compare floating", "o1-mini compare floating", "gpt-4o prose floating"),
    ),
    (
        "a.go",
        'package m\nfunc f() { &cli.StringFlag{Name: "model", Value: "gpt-4o", Usage: "gpt-4"} }',
        ("gpt-4o selection floating", "gpt-4 prose floating"),
    ),
    (
        "a.cs",
        'enum M { [EnumMember(Value = "gpt-4o")] Gpt4o, [JsonStringEnumMemberName("gpt-4")] Gpt4 }',
        ("gpt-4o catalog floating", "gpt-4 catalog floating"),
    ),
    (
        "a.cs",
        'class A { void F() { var json = """\n{"model": "gpt-4o"}\n"""; var j2 = @"{""model"": ""gpt-4""}"; var j3 = "{\\"model\\": \\"gpt-4o-mini\\"}"; } }',
        ("gpt-4o selection floating", "gpt-4 selection floating", "gpt-4o-mini selection floating"),
    ),
    ("a.scala", "val m = Model.Predefined(Models.`Gpt-4o-mini`)", ("gpt-4o-mini selection floating",)),
    (
        "a.ex",
        'def validate(changeset, opts) do\n  check(changeset, fn _ ->\n    ask(model: Keyword.get(opts, :model, "gpt-4o"))\n  end)\nend\n',
        ("gpt-4o selection floating",),
    ),
    ("a.ex", 'def price(model) when model in ["gpt-4o"], do: 1', ("gpt-4o compare floating",)),
    (
        "a.lua",
        'providers = {\n  openai = {\n    endpoint = "https://api.openai.com/v1",\n    model = "gpt-4o",\n    context_window = 128000,\n    supports_tools = true,\n  },\n}\n',
        ("gpt-4o selection floating",),
    ),
    (
        "A.kt",
        'class Id(val id: String) {\n    companion object {\n        val CODEX_MINI_LATEST = of("codex-mini-latest")\n    }\n    fun known() = when (this) {\n        CODEX_MINI_LATEST -> Known.CODEX_MINI_LATEST\n        else -> null\n    }\n}\n',
        ("codex-mini-latest catalog floating",),
    ),
    (
        "a.go",
        'package m\nconst (\n\tImageModelGptImage1Dot5 = "gpt-image-1.5"\n\tTTSModelGPT4oMini       = "gpt-4o-mini-tts"\n)\n',
        ("gpt-image-1.5 catalog floating", "gpt-4o-mini-tts catalog floating"),
    ),
    (
        "TikTokensUtil.java",
        "class TikTokensUtil { ModelType of(String name) { return ModelType.GPT_4; } }",
        ("gpt-4 compare floating",),
    ),
    ("a.lua", 'opts = { model = "opencode/claude-sonnet-4-5" }', ("opencode/claude-sonnet-4-5 selection floating",)),
    ("a.rs", 'fn f() { let t = load("EleutherAI/gpt-j-6b"); }', ()),
    (
        "a.lua",
        'providers = {\n  mistral = { model = "mistral-large-latest" },\n  ["openai-gpt-4o-mini"] = { inherits = "openai", model = "gpt-4o-mini" },\n}\n',
        ("mistral-large-latest selection floating", "gpt-4o-mini selection floating"),
    ),
    (
        "a.rs",
        "fn f() { let llm = OpenAI::default().with_model(OpenAIModel::Gpt35); }",
        ("gpt-3.5-turbo selection floating",),
    ),
    (
        "a.rs",
        'impl M { fn id(&self) -> &str { match self { M::Gpt35 => "gpt-3.5-turbo" } } }',
        ("gpt-3.5-turbo catalog floating",),
    ),
    (
        "a.dart",
        "const kGpt3TurboInstruct = 'gpt-3.5-turbo-instruct';\nconst kO1 = 'o1';\n",
        ("gpt-3.5-turbo-instruct catalog floating", "o1 catalog floating"),
    ),
    (
        "a.cs",
        'class A { void F() { var c = new OpenAIConfig { TextModel = "gpt-4o-mini", EmbeddingModel = "text-embedding-ada-002" }; } }',
        ("gpt-4o-mini selection floating", "text-embedding-ada-002 selection undated"),
    ),
    (
        "a.cs",
        'var m = new OpenAIClient(key,\n    new OpenAIClientOptions { Endpoint = new Uri("http://localhost:11434/v1") })\n    .GetChatClient("llama3.1");\n',
        ("llama3.1 selection floating",),
    ),
    (
        "a.ex",
        'input_tokens_req = %{model: "gpt-4o-mini", input: "How many?"}\n',
        ("gpt-4o-mini selection floating",),
    ),
    (
        "run.php",
        "---\ntitle: It's a page about gpt-4\n---\n```php\n<?php\nask(model: 'gpt-4o', xml: '<b>');\n?>\n```\nUses gpt-4o-mini.\n",
        ("gpt-4 prose floating", "gpt-4o selection floating", "gpt-4o-mini prose floating"),
    ),
    (
        "page.php",
        '<select><option value="gpt-4"></option></select>\n<?php if ($x): ?>\n<p><?= ask(model: "gpt-4o") ?></p>\n<?php endif; ?>\n',
        ("gpt-4 prose floating", "gpt-4o selection floating"),
    ),
    ("feed.php", '<?php $xml = "<?xml version=\'1.0\'?>"; ask(model: "gpt-4o");', ("gpt-4o selection floating",)),
    (
        "a.go",
        'package m\ntype C struct { Models []string `jsonschema:"example={\\"model\\":\\"gpt-4o\\"}"` }',
        ("gpt-4o prose floating",),
    ),
    (
        "a.dart",
        "class Gpt4oMiniModel extends Model {\n  Gpt4oMiniModel() : super(model: kGpt4oMini);\n}\nfinal r = Req(model: Gpt41Model());",
        ("gpt-4.1 selection floating",),
    ),
    (
        "a.dart",
        "final all = [Home(modelId: 'openai:gpt-4', modelName: 'Chat-4', id: 'openai:gpt-4', name: 'Chat-4')];",
        ("openai:gpt-4 catalog floating", "openai:gpt-4 catalog floating"),
    ),
    (
        "A.java",
        'class A { void f() { var demo = new ChatDemo("gpt-4o-mini", "gpt-4o"); var known = new ModelPair("gpt-4o", "gpt-4"); } }',
        (
            "gpt-4o-mini selection floating",
            "gpt-4o selection floating",
            "gpt-4o catalog floating",
            "gpt-4 catalog floating",
        ),
    ),
    (
        "a.cs",
        "var a = new SpeechRequest(t, model: Model.TTS_GPT_4o_Mini);\nvar b = new R(c, model: Model.Transcribe_GPT_4o_Mini);",
        ("gpt-4o-mini-tts selection floating", "gpt-4o-mini-transcribe selection floating"),
    ),
    (
        "a.rs",
        '#[derive(Serialize, Default)]\nenum M {\n    #[default]\n    #[serde(rename = "gpt-4o")]\n    Gpt4o,\n    #[serde(rename = "gpt-4")]\n    Gpt4,\n}',
        ("gpt-4o selection floating", "gpt-4 catalog floating"),
    ),
    (
        "a.go",
        "package m\nfunc f() { viper.Set(modelKey, openai.GPT3Dot5Turbo); s.Set(openai.GPT4o); all := Set(openai.GPT4o, openai.GPT4) }",
        (
            "gpt-3.5-turbo selection floating",
            "gpt-4o selection floating",
            "gpt-4o catalog floating",
            "gpt-4 catalog floating",
        ),
    ),
    (
        "a.dart",
        "enum P { mistral(name: 'Mistral', defaultModel: 'mistral-small'); }",
        ("mistral-small selection floating",),
    ),
    (
        "a.swift",
        'struct P { static let allSelections = [fallback, "gpt-4"] }',
        ("gpt-4 catalog floating",),
    ),
    (
        "A.java",
        'class A { void f() { String[] used = "gpt-4o,gpt-4".split(","); for (String m : used) { ask(b.model(m)); } String[] known = "o1,o3-mini".split(","); } }',
        ("gpt-4o selection floating", "gpt-4 selection floating", "o1 catalog floating", "o3-mini catalog floating"),
    ),
    (
        "a.php",
        "<?php $a = new Agent(new Claude(Claude::SONNET_35)); $b = new Agent(new Claude(Claude::OPUS_4));",
        ("claude-3-5-sonnet-latest selection floating", "claude-opus-4-0 selection floating"),
    ),
    ("a.swift", "let q = Query(model: .gpt4omini)", ("gpt-4o-mini selection floating",)),
    (
        "a.py",
        'model_map = {"openai": "gpt-4o", "deepseek": "deepseek-chat"}\nmodel_mapping = {"4": "gpt-4", "deepseek": "deepseek-reasoner"}',
        (
            "gpt-4o selection floating",
            "deepseek-chat selection floating",
            "gpt-4 catalog floating",
            "deepseek-reasoner catalog floating",
        ),
    ),
    (
        "a.kt",
        'fun f() { for (m in listOf("gpt-4o", "gpt-4")) { ask(model = m) } }',
        ("gpt-4o selection floating", "gpt-4 selection floating"),
    ),
    (
        "a.py",
        'for m in "gpt-4o,gpt-4".split(","):\n    ask(model=m)\nfor n in ["o1", "o3-mini"]:\n    print(n)',
        ("gpt-4o selection floating", "gpt-4 selection floating", "o1 catalog floating", "o3-mini catalog floating"),
    ),
    (
        "A.java",
        'class A { void f() { String[] used = "gpt-4o,gpt-4".split(","); for (String m : used) { ask(b.set_model_id(m)); } } }',
        ("gpt-4o selection floating", "gpt-4 selection floating"),
    ),
    (
        "A.java",
        'class A { void f() { String[] used = "gpt-4o,gpt-4".split(","); for (String m : used) { ask(b.withModel(m)); } } }',
        ("gpt-4o selection floating", "gpt-4 selection floating"),
    ),
    ("a.py", 'translate_all(texts, model="gpt-4o")', ("gpt-4o selection floating",)),
    ("a.py", 'ALL_IN_ONE_MODEL = "gpt-4o"', ("gpt-4o selection floating",)),
    ("a.py", 'ALL_MODELS = ["gpt-4o", "gpt-4"]', ("gpt-4o catalog floating", "gpt-4 catalog floating")),
]


@of_rows(ROWS)
def test_names_in_libraries_and_their_users_get_their_roles(path: str, text: str, found: tuple[str, ...]) -> None:
    assert found_in(path, text) == found


@pytest.mark.parametrize(
    ("path", "text"),
    [
        ("A.java", "import static a.OpenAiChatModelName.*;\nclass A { Object m = b.modelName(GPT_4_O).build(); }"),
        ("a.rs", "use a::openai::{self, GPT_4O};\nfn f() { client.agent(GPT_4O); }"),
        ("a.ps1", '$chatModel = "gpt-4o"\r\n'),
        ("application.properties", "openai.model=gpt-4o\n"),
        ("a.bicep", "var models = {\n  chat: 'gpt-4o'\n}\n"),
    ],
)
def test_a_byte_order_mark_moves_only_the_columns_of_the_first_line(path: str, text: str) -> None:
    plain, marked = uses(path, text), uses(path, "\ufeff" + text)
    assert [(u.model, u.role, u.slot, u.location.line) for u in marked] == [
        (u.model, u.role, u.slot, u.location.line) for u in plain
    ]
    assert [u.location.column for u in marked] == [u.location.column + (u.location.line == 1) for u in plain]
    assert plain[0].role == "selection"
