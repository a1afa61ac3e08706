"""Names as users write them: small programs of every language, with all that is found in each.

A row is a path, its text, and what is found: name, role and pin, in the order of the file.
"""

# ruff: noqa: E501 - a row holds a whole file

from __future__ import annotations

import pytest

from tests.unit.scan.reading import uses

Row = tuple[str, str, tuple[str, ...]]

ROWS: list[Row] = [
    ("a.py", 'ask(model="gpt-" + "4o")', ("gpt-4o selection floating",)),
    ("a.ts", 'const r = ask({ model: "gpt-" + "4o" });', ("gpt-4o selection floating",)),
    ("A.java", 'class A { Object m = b.modelName("gpt-" + "4o").build(); }', ("gpt-4o selection floating",)),
    ("a.go", 'package m\nvar r = Request{Model: "gpt-" + "4o"}', ("gpt-4o selection floating",)),
    ("a.py", 'FAMILY = "gpt-4o"\nask(model=f"openai/{FAMILY}")', ("gpt-4o selection floating",)),
    ("a.py", 'SIZE = "mini"\nask(model=f"gpt-4o-{SIZE}")', ("gpt-4o-mini selection floating",)),
    ("a.ts", 'const V = "4o";\nconst r = ask({ model: `gpt-${V}` });', ("gpt-4o selection floating",)),
    ("a.py", 'V = "4o"\nask(model="gpt-" + V)', ("gpt-4o selection floating",)),
    (
        "a.py",
        'MODELS = ["gpt-4o", "gpt-4o-mini"]\nfor m in MODELS:\n    client.chat.completions.create(model=m, messages=[])\n',
        ("gpt-4o selection floating", "gpt-4o-mini selection floating"),
    ),
    (
        "a.ts",
        'const models = ["gpt-4o", "gpt-4o-mini"];\nfor (const m of models) {\n  await client.create({ model: m });\n}\n',
        ("gpt-4o selection floating", "gpt-4o-mini selection floating"),
    ),
    (
        "a.ts",
        'const models = ["gpt-4o", "gpt-4o-mini"];\nawait Promise.all(models.map((m) => client.create({ model: m })));\n',
        ("gpt-4o selection floating", "gpt-4o-mini selection floating"),
    ),
    (
        "a.py",
        'models = ["gpt-4o", "gpt-4o-mini"]\nresults = [ask(model=m) for m in models]\n',
        ("gpt-4o selection floating", "gpt-4o-mini selection floating"),
    ),
    (
        "a.py",
        'MODELS = ["gpt-4o", "gpt-4o-mini"]\nparser.add_argument("--model", choices=MODELS)\n',
        ("gpt-4o catalog floating", "gpt-4o-mini catalog floating"),
    ),
    ("a.ts", 'const model = createOpenAI({ apiKey })("gpt-4o");', ("gpt-4o selection floating",)),
    (
        "a.ts",
        'const { text } = await generateText({ model: openai.chat("gpt-4o"), prompt });',
        ("gpt-4o selection floating",),
    ),
    ("a.ts", 'const m = azure("gpt-4o");', ("gpt-4o selection unknown",)),
    (
        "a.ts",
        'return wrapLanguageModel({ model: anthropic("claude-3-5-sonnet-latest"), middleware });',
        ("claude-3-5-sonnet-latest selection floating",),
    ),
    ("a.py", 'llm = init_chat_model("gpt-4o", model_provider="openai")', ("gpt-4o selection floating",)),
    ("a.py", 'llm = ChatOpenAI("gpt-4o")', ("gpt-4o selection floating",)),
    ("a.py", 'def get_model():\n    return "gpt-4o"\n', ("gpt-4o selection floating",)),
    ("a.py", 'def default_llm():\n    return ChatOpenAI(model_name="gpt-4o")\n', ("gpt-4o selection floating",)),
    ("a.py", 'agent = Agent("openai:gpt-4o", system_prompt="x")', ("openai:gpt-4o selection floating",)),
    ("a.py", 'model = genai.GenerativeModel("gemini-1.5-pro")', ("gemini-1.5-pro selection floating",)),
    ("a.py", 'lm = dspy.LM("openai/gpt-4o-mini")', ("openai/gpt-4o-mini selection floating",)),
    ("a.py", 'm = llm.get_model("gpt-4o")', ("gpt-4o selection floating",)),
    ("a.py", 'enc = tiktoken.encoding_for_model("gpt-4o")', ("gpt-4o compare floating",)),
    (
        "App.vue",
        '<script setup lang="ts">\nconst model = ref("gpt-4o")\n</script>\n<template><p>gpt-4o</p></template>',
        ("gpt-4o selection floating", "gpt-4o prose floating"),
    ),
    (
        "App.vue",
        '<template>\n<select v-model="m"><option value="gpt-4o">GPT-4o</option></select>\n</template>\n<script>export default { data() { return { model: "gpt-4o-mini" } } }</script>',
        ("gpt-4o prose floating", "gpt-4o-mini selection floating"),
    ),
    ("A.svelte", '<script>\n  let model = "gpt-4o";\n</script>\n', ("gpt-4o selection floating",)),
    ("a.tsx", 'export const C = () => <Chat model="gpt-4o" title="x" />;', ("gpt-4o selection floating",)),
    ("a.tsx", 'export const C = () => <option value="gpt-4o">GPT-4o</option>;', ("gpt-4o catalog floating",)),
    ("a.tsx", 'const [model, setModel] = useState("gpt-4o");', ("gpt-4o selection floating",)),
    ("a.tsx", 'const [model, setModel] = useState<string>("gpt-4o");', ("gpt-4o selection floating",)),
    (
        "a.go",
        'package m\nfunc f() { model := os.Getenv("MODEL"); if model == "" { model = "gpt-4o" } }',
        ("gpt-4o selection floating",),
    ),
    ("a.go", 'package m\nconst defaultModel = "gpt-4o"\n', ("gpt-4o selection floating",)),
    (
        "a.go",
        "package m\nvar r = openai.ChatCompletionNewParams{Model: openai.F(openai.ChatModelGPT4o)}",
        ("gpt-4o selection floating",),
    ),
    (
        "a.go",
        "package m\nvar r = anthropic.MessageNewParams{Model: anthropic.ModelClaude3_5SonnetLatest}",
        ("claude-3-5-sonnet-latest selection floating",),
    ),
    ("a.go", 'package m\nfunc f(m string) { switch m {\ncase "gpt-4o":\n x()\n} }', ("gpt-4o compare floating",)),
    (
        "a.go",
        'package m\nfunc f() { m := client.GenerativeModel("gemini-1.5-pro") }',
        ("gemini-1.5-pro selection floating",),
    ),
    ("A.java", 'class A { @Value("${openai.model:gpt-4o}") private String model; }', ("gpt-4o selection floating",)),
    (
        "A.java",
        "class A { void f() { ChatCompletionCreateParams.builder().model(ChatModel.GPT_4O).build(); } }",
        ("gpt-4o selection floating",),
    ),
    (
        "A.java",
        "class A { void f() { OpenAiChatOptions.builder().withModel(OpenAiApi.ChatModel.GPT_4_O.getValue()).build(); } }",
        ("gpt-4o selection floating",),
    ),
    ("A.java", 'class A { private static final String MODEL_NAME = "gpt-4o"; }', ("gpt-4o selection floating",)),
    (
        "A.java",
        "class A { Object o = OpenAiChatModel.builder().modelName(OpenAiChatModelName.GPT_4_O_MINI).build(); }",
        ("gpt-4o-mini selection floating",),
    ),
    (
        "A.kt",
        'val r = ChatCompletionRequest(model = ModelId("gpt-4o"), messages = listOf())',
        ("gpt-4o selection floating",),
    ),
    ("A.kt", "val agent = AIAgent(executor = e, llmModel = OpenAIModels.Chat.GPT4o)", ("gpt-4o selection floating",)),
    ("A.kt", 'companion object { const val DEFAULT_MODEL = "gpt-4o" }', ("gpt-4o selection floating",)),
    ("A.kt", 'val m = when (x) { "gpt-4o" -> 1 else -> 2 }', ("gpt-4o compare floating",)),
    ("A.scala", "object A { val body = CreateCompletionBody(model = ModelId.gpt_4o) }", ("gpt-4o selection floating",)),
    (
        "A.scala",
        "object A { val body = ChatBody(model = ChatCompletionModel.GPT4o, messages = Seq()) }",
        ("gpt-4o selection floating",),
    ),
    ("a.rb", 'client.chat(parameters: { model: "gpt-4o", messages: [] })', ("gpt-4o selection floating",)),
    ("a.rb", 'RubyLLM.chat(model: "claude-3-5-sonnet-latest")', ("claude-3-5-sonnet-latest selection floating",)),
    ("a.rb", 'DEFAULT_MODEL = "gpt-4o".freeze', ("gpt-4o selection floating",)),
    ("a.rb", 'model = ENV.fetch("OPENAI_MODEL", "gpt-4o")', ("gpt-4o selection floating",)),
    ("a.rb", 'x if name.start_with?("gpt-4o")', ("gpt-4o compare floating",)),
    ("a.rb", 'config.default_model = "gpt-4o"', ("gpt-4o selection floating",)),
    (
        "a.rs",
        'fn main() { let r = CreateChatCompletionRequestArgs::default().model("gpt-4o").build(); }',
        ("gpt-4o selection floating",),
    ),
    (
        "a.rs",
        'fn f() { let m = std::env::var("MODEL").unwrap_or_else(|_| "gpt-4o".to_string()); }',
        ("gpt-4o selection floating",),
    ),
    (
        "a.rs",
        'impl Default for C { fn default() -> Self { Self { model: "gpt-4o".into() } } }',
        ("gpt-4o selection floating",),
    ),
    ("a.rs", 'fn default_model() -> String { "gpt-4o".to_string() }', ("gpt-4o selection floating",)),
    (
        "a.rs",
        '#[derive(Parser)]\nstruct A { #[arg(long, default_value = "gpt-4o")]\n model: String }',
        ("gpt-4o selection floating",),
    ),
    ("a.rs", 'match m { "gpt-4o" => 1, _ => 2 }', ("gpt-4o compare floating",)),
    (
        "A.cs",
        'class A { void F() { var c = new ChatClient(model: "gpt-4o", apiKey: k); } }',
        ("gpt-4o selection floating",),
    ),
    ("A.cs", 'class A { void F() { var c = new ChatClient("gpt-4o", k); } }', ("gpt-4o selection floating",)),
    ("A.cs", 'class A { void F() { b.AddOpenAIChatCompletion("gpt-4o", k); } }', ("gpt-4o selection floating",)),
    (
        "A.cs",
        'class A { void F() { b.AddAzureOpenAIChatCompletion("gpt-4o", ep, k); } }',
        ("gpt-4o selection unknown",),
    ),
    ("A.cs", 'class A { public string Model { get; set; } = "gpt-4o"; }', ("gpt-4o selection floating",)),
    ("A.cs", 'class A { const string Model = "gpt-4o"; }', ("gpt-4o selection floating",)),
    ("A.cs", 'class A { void F() { var m = config["OpenAI:Model"] ?? "gpt-4o"; } }', ("gpt-4o selection floating",)),
    (
        "a.php",
        "<?php\n$r = OpenAI::chat()->create(['model' => 'gpt-4o', 'messages' => []]);",
        ("gpt-4o selection floating",),
    ),
    ("a.php", "<?php\nreturn ['model' => env('OPENAI_MODEL', 'gpt-4o')];", ("gpt-4o selection floating",)),
    ("a.php", "<?php\nclass A { private string $model = 'gpt-4o'; }", ("gpt-4o selection floating",)),
    (
        "a.php",
        "<?php\nPrism::text()->using(Provider::OpenAI, 'gpt-4o')->withPrompt('x')->asText();",
        ("gpt-4o selection floating",),
    ),
    ("a.swift", "let q = ChatQuery(messages: [], model: .gpt4_o)", ("gpt-4o selection floating",)),
    ("a.swift", "let q = ChatQuery(messages: [], model: .gpt4)", ("gpt-4 selection floating",)),
    ("a.swift", "let p = Params(messages: m, model: .gpt41106Preview)", ("gpt-4-1106-preview selection pinned",)),
    ("a.swift", '@AppStorage("model") var model = "gpt-4o"', ("gpt-4o selection floating",)),
    ("a.swift", 'enum M: String { case gpt4o = "gpt-4o" }', ("gpt-4o catalog floating",)),
    ("a.ex", 'LangChain.ChatOpenAI.new!(%{model: "gpt-4o"})', ("gpt-4o selection floating",)),
    ("a.ex", '@default_model "gpt-4o"', ("gpt-4o selection floating",)),
    ("config/config.exs", 'import Config\nconfig :app, model: "gpt-4o"', ("gpt-4o selection floating",)),
    (
        "config/runtime.exs",
        'config :app, :openai, model: System.get_env("MODEL", "gpt-4o")',
        ("gpt-4o selection floating",),
    ),
    ("a.ex", 'def model("gpt-4o"), do: 1', ("gpt-4o compare floating",)),
    ("a.lua", 'require("chatgpt").setup({ openai_params = { model = "gpt-4o" } })', ("gpt-4o selection floating",)),
    ("a.lua", 'local model = opts.model or "gpt-4o"', ("gpt-4o selection floating",)),
    (
        "a.dart",
        'void f() { final c = ChatOpenAI(defaultOptions: ChatOpenAIOptions(model: "gpt-4o")); }',
        ("gpt-4o selection floating",),
    ),
    ("a.dart", 'class A { static const String model = "gpt-4o"; }', ("gpt-4o selection floating",)),
    (
        "a.sh",
        'curl https://api.openai.com/v1/chat/completions -d \'{"model": "gpt-4o", "messages": []}\'',
        ("gpt-4o selection floating",),
    ),
    ("a.sh", 'curl x -d "{\\"model\\": \\"gpt-4o\\"}"', ("gpt-4o selection floating",)),
    ("a.sh", 'llm --model \\\n  gpt-4o "hi"', ("gpt-4o selection floating",)),
    ("a.sh", "export OPENAI_MODEL=gpt-4o", ("gpt-4o selection floating",)),
    (
        "a.sh",
        'MODELS=("gpt-4o" "gpt-4o-mini")\nfor m in "${MODELS[@]}"; do llm -m "$m" hi; done',
        ("gpt-4o selection floating", "gpt-4o-mini selection floating"),
    ),
    (
        "a.sh",
        'for m in gpt-4o gpt-4o-mini; do llm -m "$m" hi; done',
        ("gpt-4o selection floating", "gpt-4o-mini selection floating"),
    ),
    ("a.sh", "ollama pull llama3", ("llama3 selection floating",)),
    ("bin/run", '#!/usr/bin/env python3\nask(model="gpt-4o")\n', ("gpt-4o selection floating",)),
    ("bin/run", "#!/bin/sh\nllm -m gpt-4o hi\n", ("gpt-4o selection floating",)),
    (
        "deploy.sh",
        'az cognitiveservices account deployment create --name a \\\n  --deployment-name gpt-4o \\\n  --model-name gpt-4o \\\n  --model-version "2024-08-06" \\\n  --model-format OpenAI\n',
        ("gpt-4o selection pinned", "gpt-4o selection pinned"),
    ),
    ("a.py", 'AzureOpenAI(azure_endpoint=e).chat.completions.create(model="gpt-4o")', ("gpt-4o selection unknown",)),
    (
        "a.py",
        'client = AzureOpenAI(api_key=k)\nr = client.chat.completions.create(model="gpt-4o", messages=m)\n',
        ("gpt-4o selection unknown",),
    ),
    (
        "a.py",
        'client = AnthropicBedrock()\nclient.messages.create(model="anthropic.claude-3-5-sonnet-20240620-v1:0")\n',
        ("anthropic.claude-3-5-sonnet-20240620-v1:0 selection pinned",),
    ),
    (
        "a.py",
        'client = AnthropicVertex(region=r)\nclient.messages.create(model="claude-3-5-sonnet@20240620")\n',
        ("claude-3-5-sonnet@20240620 selection pinned",),
    ),
    (
        "a.py",
        'm = AutoModel.from_pretrained("mistralai/Mistral-7B-v0.1", revision="26bca36bde8333b5d7f72e9ed20ccda6a618af24")',
        ("mistralai/Mistral-7B-v0.1 selection pinned",),
    ),
    (
        "a.py",
        'MODEL_PRICES = {"gpt-4o": 2.5, "gpt-4o-mini": 0.15}',
        ("gpt-4o catalog floating", "gpt-4o-mini catalog floating"),
    ),
    (
        "a.py",
        'if "gpt-4o" in model or model.startswith("gpt-4o-mini"): pass',
        ("gpt-4o compare floating", "gpt-4o-mini compare floating"),
    ),
    ("a.py", 'model = "gpt-4o" if fast else "o1"', ("gpt-4o selection floating", "o1 selection floating")),
    ("a.py", 'ask(model=f"{provider}/gpt-4o")', ("gpt-4o selection floating",)),
    ("a.py", 'os.environ["OPENAI_MODEL"] = "gpt-4o"', ("gpt-4o selection floating",)),
    (
        "a.py",
        'class S(BaseSettings):\n    model: str = "gpt-4o"\n    embed: str = Field(default="gpt-4o-mini", description="x")\n',
        ("gpt-4o selection floating", "gpt-4o-mini selection floating"),
    ),
    (
        "a.py",
        '@click.option("--model", default="gpt-4o", show_default=True)\ndef f(): pass',
        ("gpt-4o selection floating",),
    ),
    (
        "a.py",
        'model = st.selectbox("Model", ["gpt-4o", "gpt-4o-mini"])',
        ("gpt-4o catalog floating", "gpt-4o-mini catalog floating"),
    ),
    ("a.py", 'subprocess.run("llm -m gpt-4o hi", shell=True)', ("gpt-4o selection floating",)),
    (
        "a.py",
        'payload = {"model": "gpt-4o", "messages": []}\nrequests.post(u, json=payload)',
        ("gpt-4o selection floating",),
    ),
    (
        "a.py",
        'logger.info("using gpt-4o")\nprint("gpt-4o")\nraise ValueError("gpt-4o is bad")',
        ("gpt-4o prose floating", "gpt-4o prose floating", "gpt-4o prose floating"),
    ),
    (
        "a.py",
        'CONFIG = {"chat": {"model": "gpt-4o"}, "embed": {"model": "gpt-4o-mini"}}',
        ("gpt-4o selection floating", "gpt-4o-mini selection floating"),
    ),
    ("a.py", 'llm_config = {"config_list": [{"model": "gpt-4o", "api_key": k}]}', ("gpt-4o selection floating",)),
    (
        "a.py",
        'config_list = [{"model": "gpt-4o", "api_key": k}, {"model": "gpt-4o-mini", "api_key": k}]',
        ("gpt-4o selection floating", "gpt-4o-mini selection floating"),
    ),
    ("a.py", 'model_client = OpenAIChatCompletionClient(model="gpt-4o")', ("gpt-4o selection floating",)),
    (
        "a.ts",
        'export const MODELS = [{ id: "gpt-4o", label: "GPT-4o" }, { id: "gpt-4o-mini", label: "mini" }];',
        ("gpt-4o catalog floating", "gpt-4o-mini catalog floating"),
    ),
    ("a.ts", 'const body = JSON.stringify({ model: "gpt-4o", messages });', ("gpt-4o selection floating",)),
    (
        "a.ts",
        'export const myProvider = customProvider({ languageModels: { "chat-model": openai("gpt-4o"), "title": openai("gpt-4o-mini") } });',
        ("gpt-4o selection floating", "gpt-4o-mini selection floating"),
    ),
    ("a.ts", 'type M = "gpt-4o" | "gpt-4o-mini";', ("gpt-4o catalog floating", "gpt-4o-mini catalog floating")),
    (
        "a.ts",
        'const schema = z.object({ model: z.enum(["gpt-4o", "gpt-4o-mini"]).default("gpt-4o") });',
        ("gpt-4o catalog floating", "gpt-4o-mini catalog floating", "gpt-4o selection floating"),
    ),
    ("a.ts", 'const model = searchParams.get("model") || "gpt-4o";', ("gpt-4o selection floating",)),
    ("a.ts", 'const { model = "gpt-4o" } = options;', ("gpt-4o selection floating",)),
    ("a.ts", 'function f({ model = "gpt-4o" }: P) {}', ("gpt-4o selection floating",)),
    ("a.ts", 'program.option("-m, --model <model>", "model to use", "gpt-4o");', ("gpt-4o selection floating",)),
    ("a.ts", 'const isO = model.includes("gpt-4o");', ("gpt-4o compare floating",)),
    ("a.js", 'const m = process.env.OPENAI_MODEL || "gpt-4o";', ("gpt-4o selection floating",)),
    ("conf.ps1", '$model = "gpt-4o"\n', ("gpt-4o selection floating",)),
    ("a.r", 'chat <- ellmer::chat_openai(model = "gpt-4o")\n', ("gpt-4o selection floating",)),
    ("a.jl", 'model = "gpt-4o"\n', ("gpt-4o selection floating",)),
    ("a.nix", '{ model = "gpt-4o"; }\n', ("gpt-4o selection floating",)),
    ("a.el", '(setq gptel-model "gpt-4o")\n', ("gpt-4o selection floating",)),
    ("init.vim", 'let g:model = "gpt-4o"\n', ("gpt-4o selection floating",)),
    ("a.clj", '(create {:model "gpt-4o"})', ("gpt-4o selection floating",)),
    ("a.hs", 'defaultModel = "gpt-4o"', ("gpt-4o selection floating",)),
    ("a.ml", 'let default_model = "gpt-4o"', ("gpt-4o selection floating",)),
    ("a.zig", 'const model = "gpt-4o";', ("gpt-4o selection floating",)),
    ("a.cpp", 'std::string model = "gpt-4o";', ("gpt-4o selection floating",)),
    ("a.gd", 'var model := "gpt-4o"', ("gpt-4o selection floating",)),
    ("a.vitest.ts", 'ask({model: "gpt-4o"})', ("gpt-4o test floating",)),
    (
        "SemanticKernel.UnitTests/A.cs",
        'class A { void F() { b.AddOpenAIChatCompletion("gpt-4o", k); } }',
        ("gpt-4o test floating",),
    ),
    (
        "a.ts",
        'const fallbacks = ["gpt-4o", "gpt-4o-mini"];',
        ("gpt-4o selection floating", "gpt-4o-mini selection floating"),
    ),
    (
        "A.java",
        "class A { void f() { AnthropicChatOptions.builder().model(AnthropicApi.ChatModel.CLAUDE_3_5_SONNET).build(); } }",
        ("claude-3-5-sonnet-latest selection floating",),
    ),
    ("A.groovy", 'def m = OpenAiChatModel.builder().modelName("gpt-4o").build()', ("gpt-4o selection floating",)),
    (
        "a.rs",
        "use rig::providers::openai::{self, GPT_4O};\nfn f() { let a = client.agent(GPT_4O); }",
        ("gpt-4o selection floating",),
    ),
    (
        "deploy.ps1",
        'az cognitiveservices account deployment create --name $n `\n  --model-name gpt-4o `\n  --model-version "2024-08-06" `\n  --model-format OpenAI\n',
        ("gpt-4o selection pinned",),
    ),
    (
        "a.sh",
        'models="gpt-4o gpt-4o-mini"\nfor m in $models; do llm -m $m; done\n',
        ("gpt-4o selection floating", "gpt-4o-mini selection floating"),
    ),
    (
        "a.py",
        'models = os.getenv("MODELS", "gpt-4o,gpt-4o-mini").split(",")\n',
        ("gpt-4o selection floating", "gpt-4o-mini selection floating"),
    ),
]


@pytest.mark.parametrize(
    ("path", "text", "found"), ROWS, ids=lambda value: value[:60] if isinstance(value, str) else ""
)
def test_every_name_gets_its_role_and_pin(path: str, text: str, found: tuple[str, ...]) -> None:
    assert tuple(f"{use.model.written} {use.role} {use.model.pin}" for use in uses(path, text)) == found
