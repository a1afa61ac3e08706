"""Names in settings and data, as users write them: small files of every file format, with all that is found in each."""

# ruff: noqa: E501 - a row holds a whole file

from __future__ import annotations

from tests.unit.scan.reading import Row, found_in, of_rows

ROWS: list[Row] = [
    ("a.ini", "[a]\nmodel = gpt-4o ; the fast one\n", ("gpt-4o selection floating",)),
    ("a.hs", 'model = "gpt-4o" -- the fast one\n', ("gpt-4o selection floating",)),
    ("a.j2", "model: gpt-4o {# the fast one #}\n", ("gpt-4o selection floating",)),
    ("a.properties", "! model=gpt-4o\nmodel=gpt-4.1\n", ("gpt-4o prose floating", "gpt-4.1 selection floating")),
    ("config.yaml", "SUMMARY_MODEL_NAME: gpt-4o\n", ("gpt-4o selection floating",)),
    (".env", "GEN_AI_MODEL_VERSION=gpt-4o\n", ("gpt-4o selection floating",)),
    ("env_template.txt", "# gpt-4\nMODEL=gpt-4o\n", ("gpt-4 prose floating", "gpt-4o selection floating")),
    ("environment.txt", "MODEL=gpt-4o\n", ("gpt-4o prose floating",)),
    (
        "api.yml",
        "types:\n  Judge:\n    examples:\n      - value:\n          model: gpt-4o\n",
        ("gpt-4o prose floating",),
    ),
    (
        "a.sql",
        "INSERT INTO models (id, model_name, pattern) VALUES ('a', 'gpt-4o', 'x');",
        ("gpt-4o catalog floating",),
    ),
    ("a.sql", "UPDATE models SET model_name = 'gpt-4o' WHERE id = 1;", ("gpt-4o catalog floating",)),
    ("a.sql", "UPDATE bots SET model_name = 'gpt-4o' WHERE id = 1;", ("gpt-4o selection floating",)),
    (
        "a.ipynb",
        '{"cells": [{"cell_type": "code", "source": ["MODEL = \\"gpt-4o\\""], "outputs": []}, {"cell_type": "code", "source": ["%%bash\\n", "[ $MODEL == x ] && f=$(jq \\".uri\\" a)"], "outputs": []}]}',
        ("gpt-4o selection floating",),
    ),
    ("a.sql", "UPDATE settings SET model = 'gpt-4o' WHERE id = 1;", ("gpt-4o selection floating",)),
    ("a.sql", "UPDATE bots SET name = 'x', chat_model='gpt-4o', t = 1;", ("gpt-4o selection floating",)),
    ("a.sql", "ALTER TABLE t ALTER COLUMN model SET DEFAULT 'gpt-4o';", ("gpt-4o selection floating",)),
    (
        "a.sql",
        "CREATE TABLE t (\n  model VARCHAR(64) NOT NULL DEFAULT 'gpt-4o',\n  x int\n);",
        ("gpt-4o selection floating",),
    ),
    ("a.sql", "SELECT * FROM t WHERE model = 'gpt-4o';", ("gpt-4o compare floating",)),
    ("a.sql", "INSERT INTO agents (name, model) VALUES ('helper', 'gpt-4o');", ("gpt-4o selection floating",)),
    ("a.sql", "SELECT ai.openai_chat_complete('gpt-4o', jsonb_build_array());", ("gpt-4o selection floating",)),
    (
        "a.sql",
        "INSERT INTO model_prices (model, price) VALUES ('gpt-4o', 2.5), ('gpt-4o-mini', 0.1);",
        ("gpt-4o catalog floating", "gpt-4o-mini catalog floating"),
    ),
    (
        "a.yaml",
        "agents:\n  - name: x\n    model: gpt-4o\n  - name: y\n    model: gpt-4o-mini\n",
        ("gpt-4o selection floating", "gpt-4o-mini selection floating"),
    ),
    (
        "litellm_config.yaml",
        "model_list:\n  - model_name: gpt-4o\n    litellm_params:\n      model: openai/gpt-4o\n      api_key: x\n",
        ("gpt-4o selection floating", "openai/gpt-4o selection floating"),
    ),
    (
        "litellm_config.yaml",
        "model_list:\n  - model_name: gpt-4o\n    litellm_params:\n      model: azure/gpt-4o-deploy\n      api_base: x\n",
        ("gpt-4o selection floating", "azure/gpt-4o-deploy selection unknown"),
    ),
    (
        "litellm_config.yaml",
        'router_settings:\n  fallbacks: [{"gpt-4o": ["claude-3-5-sonnet-latest"]}]\n',
        ("gpt-4o catalog floating", "claude-3-5-sonnet-latest selection floating"),
    ),
    (
        "litellm_config.yaml",
        "litellm_settings:\n  fallbacks:\n    - gpt-4o:\n        - claude-3-5-sonnet-latest\n",
        ("gpt-4o catalog floating", "claude-3-5-sonnet-latest selection floating"),
    ),
    (
        "promptfooconfig.yaml",
        "providers:\n  - openai:chat:gpt-4o\n  - anthropic:messages:claude-3-5-sonnet-latest\n",
        ("openai:chat:gpt-4o selection floating", "anthropic:messages:claude-3-5-sonnet-latest selection floating"),
    ),
    (
        "promptfooconfig.yaml",
        "providers:\n  - id: openai:gpt-4o\n    config: {temperature: 0}\ndefaultTest:\n  options:\n    provider: openai:gpt-4o-mini\n",
        ("openai:gpt-4o selection floating", "openai:gpt-4o-mini selection floating"),
    ),
    (
        "docker-compose.yml",
        "services:\n  app:\n    environment:\n      OPENAI_MODEL: gpt-4o\n      X: y\n",
        ("gpt-4o selection floating",),
    ),
    ("docker-compose.yml", 'services:\n  app:\n    command: ["--model", "gpt-4o"]\n', ("gpt-4o selection floating",)),
    ("docker-compose.yml", "services:\n  app:\n    command: serve --model gpt-4o\n", ("gpt-4o selection floating",)),
    (
        "k8s/deploy.yaml",
        'spec:\n  containers:\n    - env:\n        - name: OPENAI_MODEL\n          value: "gpt-4o"\n',
        ("gpt-4o selection floating",),
    ),
    ("k8s/cm.yaml", "kind: ConfigMap\ndata:\n  OPENAI_MODEL: gpt-4o\n", ("gpt-4o selection floating",)),
    ("chart/values.yaml", "llm:\n  provider: openai\n  model: gpt-4o\n", ("gpt-4o selection floating",)),
    (
        "chart/templates/d.yaml",
        'env:\n  {{- if .Values.x }}\n  - name: MODEL\n    value: {{ .Values.model | default "gpt-4o" }}\n  {{- end }}\n',
        ("gpt-4o selection floating",),
    ),
    ("a.json", '{"llm": {"provider": "openai", "config": {"model": "gpt-4o"}}}', ("gpt-4o selection floating",)),
    (".vscode/settings.json", '{\n  // comment\n  "chat.model": "gpt-4o",\n}\n', ("gpt-4o selection floating",)),
    ("a.jsonc", '{"defaultModel": "gpt-4o"}', ("gpt-4o selection floating",)),
    (
        "a.json",
        '{"models": [{"id": "gpt-4o", "name": "GPT-4o", "contextWindow": 128000}]}',
        ("gpt-4o catalog floating",),
    ),
    (
        "package.json",
        '{"contributes": {"configuration": {"properties": {"ext.model": {"type": "string", "default": "gpt-4o", "enum": ["gpt-4o", "gpt-4o-mini"]}}}}}',
        ("gpt-4o selection floating", "gpt-4o catalog floating", "gpt-4o-mini catalog floating"),
    ),
    ("a.toml", '[model]\nname = "gpt-4o"\n', ("gpt-4o selection floating",)),
    ("a.toml", '[tool.x]\nmodel = "gpt-4o" # default\n', ("gpt-4o selection floating",)),
    (
        "a.ini",
        "[openai]\nmodel=gpt-4o\n;model=gpt-4o-mini\n",
        ("gpt-4o selection floating", "gpt-4o-mini prose floating"),
    ),
    (
        ".env",
        'OPENAI_MODEL="gpt-4o"\n#OPENAI_MODEL=gpt-4o-mini\n',
        ("gpt-4o selection floating", "gpt-4o-mini prose floating"),
    ),
    (".env.local", "export LLM=openai/gpt-4o\n", ("openai/gpt-4o selection floating",)),
    (
        ".env.sample",
        "MODEL_NAME=gpt-4o # or gpt-4o-mini\n",
        ("gpt-4o selection floating", "gpt-4o-mini prose floating"),
    ),
    (
        "Dockerfile",
        'FROM python\nARG MODEL=gpt-4o\nENV OPENAI_MODEL gpt-4o\nCMD ["python", "a.py", "--model", "gpt-4o"]\n',
        ("gpt-4o selection floating", "gpt-4o selection floating", "gpt-4o selection floating"),
    ),
    ("Makefile", "run:\n\tpython a.py --model gpt-4o\n", ("gpt-4o selection floating",)),
    ("Makefile", "MODEL := gpt-4o\nrun:\n\tpython a.py --model $(MODEL)\n", ("gpt-4o selection floating",)),
    ("justfile", 'model := "gpt-4o"\n', ("gpt-4o selection floating",)),
    (
        "main.tf",
        'resource "azurerm_cognitive_deployment" "d" {\n  name = "chat"\n  model {\n    format = "OpenAI"\n    name = "gpt-4o"\n    version = "2024-08-06"\n  }\n  version_upgrade_option = "NoAutoUpgrade"\n}\n',
        ("gpt-4o selection pinned",),
    ),
    (
        "main.tf",
        'resource "azurerm_cognitive_deployment" "d" {\n  name = "chat"\n  model {\n    format = "OpenAI"\n    name = "gpt-4o"\n    version = "2024-08-06"\n  }\n  version_upgrade_option = "OnceNewDefaultVersionAvailable"\n}\n',
        ("gpt-4o selection floating",),
    ),
    (
        "main.tf",
        'resource "azurerm_cognitive_deployment" "d" {\n  name = "chat"\n  model {\n    format = "OpenAI"\n    name = "gpt-4o"\n  }\n}\n',
        ("gpt-4o selection floating",),
    ),
    (
        "main.tf",
        'module "x" {\n  deployment = {\n    "gpt-4o" = {\n      model_format = "OpenAI"\n      model_name = "gpt-4o"\n      model_version = "2024-08-06"\n    }\n  }\n}\n',
        ("gpt-4o selection pinned",),
    ),
    ("a.tfvars", 'chat_model_name = "gpt-4o"\nchat_model_version = "2024-08-06"\n', ("gpt-4o selection pinned",)),
    ("a.tfvars", 'openai_model = "gpt-4o"\n', ("gpt-4o selection floating",)),
    (
        "main.bicep",
        "resource d 'Microsoft.CognitiveServices/accounts/deployments@2023-05-01' = {\n  name: 'chat'\n  properties: {\n    model: {\n      format: 'OpenAI'\n      name: 'gpt-4o'\n      version: '2024-08-06'\n    }\n    versionUpgradeOption: 'NoAutoUpgrade'\n  }\n}\n",
        ("gpt-4o selection pinned",),
    ),
    (
        "main.bicep",
        "resource d 'x@1' = {\n  name: 'chat'\n  properties: {\n    model: {\n      format: 'OpenAI'\n      name: 'gpt-4o'\n      version: '2024-08-06'\n    }\n    versionUpgradeOption: 'OnceNewDefaultVersionAvailable'\n  }\n}\n",
        ("gpt-4o selection floating",),
    ),
    (
        "main.bicep",
        "param chatModel string = 'gpt-4o'\nparam chatModelVersion string = '2024-08-06'\n",
        ("gpt-4o selection pinned",),
    ),
    (
        "main.bicep",
        "@description('chat')\n@allowed([\n  'gpt-4o'\n  'gpt-4o-mini'\n])\nparam modelName string = 'gpt-4o'\n",
        ("gpt-4o prose floating", "gpt-4o-mini prose floating", "gpt-4o selection floating"),
    ),
    ("main.bicepparam", "param chatModel = 'gpt-4o'\n", ("gpt-4o selection floating",)),
    (
        "azuredeploy.json",
        '{"resources": [{"type": "Microsoft.CognitiveServices/accounts/deployments", "properties": {"model": {"format": "OpenAI", "name": "gpt-4o", "version": "2024-08-06"}, "versionUpgradeOption": "NoAutoUpgrade"}}]}',
        ("gpt-4o selection pinned",),
    ),
    (
        "main.parameters.json",
        '{"parameters": {"chatModelName": {"value": "gpt-4o"}, "chatModelVersion": {"value": "2024-08-06"}}}',
        ("gpt-4o selection pinned",),
    ),
    (
        ".github/workflows/a.yml",
        "jobs:\n  a:\n    env:\n      MODEL: gpt-4o\n    steps:\n      - run: llm -m gpt-4o hi\n      - run: |\n          python a.py --model gpt-4o\n",
        ("gpt-4o selection floating", "gpt-4o selection floating", "gpt-4o selection floating"),
    ),
    (
        ".github/workflows/a.yml",
        "on:\n  workflow_dispatch:\n    inputs:\n      model:\n        type: choice\n        default: gpt-4o\n        options: [gpt-4o, gpt-4o-mini]\n",
        ("gpt-4o selection floating", "gpt-4o catalog floating", "gpt-4o-mini catalog floating"),
    ),
    (".github/workflows/a.yml", "env:\n  MODEL: ${{ vars.MODEL || 'gpt-4o' }}\n", ("gpt-4o selection floating",)),
    (
        "a.prompt",
        "---\nmodel: openai/gpt-4o\nconfig:\n  temperature: 0\n---\nHello\n",
        ("openai/gpt-4o selection floating",),
    ),
    (
        "a.prompty",
        "---\nname: x\nmodel:\n  api: chat\n  configuration:\n    type: openai\n    name: gpt-4o\n---\nsystem: hi\n",
        ("gpt-4o selection floating",),
    ),
    ("a.prompt.yml", "name: x\nmodel: openai/gpt-4o\nmessages: []\n", ("openai/gpt-4o selection floating",)),
    (
        "clients.baml",
        'client<llm> GPT4o {\n  provider openai\n  options {\n    model "gpt-4o"\n    api_key env.K\n  }\n}\nfunction F(x: string) -> string {\n  client "openai/gpt-4o-mini"\n  prompt #"x"#\n}\n',
        ("gpt-4o selection floating", "openai/gpt-4o-mini selection floating"),
    ),
    (
        ".claude/agents/x.md",
        "---\nname: x\nmodel: claude-sonnet-4-5\n---\nbody\n",
        ("claude-sonnet-4-5 selection floating",),
    ),
    (
        "a.ipynb",
        '{"cells": [{"cell_type": "code", "source": ["client.create(\\n", "  model=\\"gpt-4o\\",\\n", ")"], "outputs": [{"text": ["model=gpt-4o-mini"]}]}, {"cell_type":"markdown","source":["use `gpt-4o`"]}]}',
        ("gpt-4o selection floating", "gpt-4o prose floating"),
    ),
    (
        "a.ipynb",
        '{"cells": [{"cell_type": "code", "source": ["!llm -m gpt-4o hi\\n", "%env OPENAI_MODEL=gpt-4o\\n", "m = \\"gpt-4o\\"\\n", "ask(model=m)"], "outputs": []}]}',
        ("gpt-4o selection floating",) * 3,
    ),
    (
        "a.ipynb",
        '{"cells": [{"cell_type": "code", "source": ["%%bash\\n", "export OPENAI_MODEL=gpt-4o\\n", "# gpt-4\\n"], "outputs": []}, {"cell_type": "code", "source": ["ask(model=\\"gpt-4o-mini\\")"], "outputs": []}]}',
        ("gpt-4o selection floating", "gpt-4 prose floating", "gpt-4o-mini selection floating"),
    ),
    (
        "a.ipynb",
        '{"cells": [{"cell_type": "code", "source": ["!curl https://x \\\\\\n", "  -d \'{\\"model\\": \\"gpt-4o\\"}\'\\n"], "outputs": []}]}',
        ("gpt-4o selection floating",),
    ),
    ("a.sql", "INSERT INTO settings (key, value) VALUES ('default_model', 'gpt-4o');", ("gpt-4o selection floating",)),
    ("a.sql", "INSERT INTO settings (key, value) VALUES ('greeting', 'gpt-4o');", ("gpt-4o data floating",)),
    ("a.sql", "ALTER TABLE bots ADD COLUMN model text DEFAULT 'gpt-4o';", ("gpt-4o selection floating",)),
    (
        "a.sql",
        "INSERT INTO bots (name, model, created_at) VALUES ('a', 'gpt-4o', now());",
        ("gpt-4o selection floating",),
    ),
    (
        "Dockerfile",
        "FROM python\nENV OPENAI_MODEL=gpt-4o \\\n    X=1\nRUN ollama pull llama3.2\n",
        ("gpt-4o selection floating", "llama3.2 selection floating"),
    ),
    ("Makefile", "run:\n\tOPENAI_MODEL=gpt-4o python run.py\n", ("gpt-4o selection floating",)),
    (
        ".github/workflows/a.yml",
        (
            "jobs:\n  a:\n    steps:\n      - run: |\n"
            "          export OPENAI_MODEL=gpt-4o\n"
            '          echo "LLM_MODEL=gpt-4o" >> "$GITHUB_ENV"\n'
            '          echo "LLM_MODEL=gpt-4o"\n'
            '          curl https://x -d \'{"model": "gpt-4o", "messages": []}\'\n'
            "          ollama pull llama3.2\n"
        ),
        (
            *("gpt-4o selection floating", "gpt-4o selection floating", "gpt-4o prose floating"),
            *("gpt-4o selection floating", "llama3.2 selection floating"),
        ),
    ),
    (
        "chart/templates/a.yaml",
        "{{- if .Values.on }}\nenv:\n  - name: LLM_MODEL\n    value: gpt-4o\n  - name: TITLE\n    value: gpt-4o\n{{- end }}\n",
        ("gpt-4o selection floating", "gpt-4o data floating"),
    ),
    (
        "a.vue",
        '<template><Chat model="gpt-4o" /><Chat :model="\'gpt-4o\'" /><option value="gpt-4o">x</option></template>',
        ("gpt-4o selection floating", "gpt-4o selection floating", "gpt-4o prose floating"),
    ),
    (
        "a.svelte",
        '<p title="model">gpt-4o</p><Chat {id} model={"gpt-4o"} />',
        ("gpt-4o prose floating", "gpt-4o selection floating"),
    ),
    (
        "manifest.json",
        '{"model": {"type": "string", "title": "Model", "description": "x", "enum": ["gpt-4o", "o1"], "default": "gpt-4o"}}',
        ("gpt-4o catalog floating", "o1 catalog floating", "gpt-4o selection floating"),
    ),
    (
        "flow.dag.yaml",
        "nodes:\n- inputs:\n    connection: c\n    deployment_name: gpt-4o\n    model: gpt-4o\n    answer: ${x}\n",
        ("gpt-4o selection unknown", "gpt-4o selection floating"),
    ),
    (
        "runs.yaml",
        "- model: gpt-4o\n  answer: Paris\n  total_tokens: 12\n  temperature: 0\n",
        ("gpt-4o data floating",),
    ),
    ("Context Chat Engine.json", '{"inputs": {"modelName": "gpt-4o"}}', ("gpt-4o selection floating",)),
    ("model_prices.json", '{"chat": {"modelName": "gpt-4o"}}', ("gpt-4o catalog floating",)),
    (
        "config.yaml",
        "models:\n  - name: GPT-4o\n    provider: openai\n    model: gpt-4o\n",
        ("gpt-4o selection floating",),
    ),
    (
        "a.xml",
        '<configuration><appSettings><add key="OpenAI:Model" value="gpt-4o" /></appSettings></configuration>',
        ("gpt-4o selection floating",),
    ),
    ("a.xml", "<llm>\n  <model>gpt-4o</model>\n</llm>", ("gpt-4o selection floating",)),
    ("pom.xml", "<properties><openai.model>gpt-4o</openai.model></properties>", ("gpt-4o selection floating",)),
    (
        "a.properties",
        "langchain4j.open-ai.chat-model.model-name=gpt-4o\n# x=gpt-4o-mini\n",
        ("gpt-4o selection floating", "gpt-4o-mini prose floating"),
    ),
    (
        "application.yml",
        "spring:\n  ai:\n    openai:\n      chat:\n        options:\n          model: gpt-4o\n",
        ("gpt-4o selection floating",),
    ),
    ("appsettings.json", '{"OpenAI": {"ChatModel": "gpt-4o", "Key": ""}}', ("gpt-4o selection floating",)),
    (
        "appsettings.json",
        '{"AzureOpenAI": {"DeploymentName": "gpt-4o", "Endpoint": "x"}}',
        ("gpt-4o selection unknown",),
    ),
    ("local.settings.json", '{"Values": {"AZURE_OPENAI_CHATGPT_DEPLOYMENT": "gpt-4o"}}', ("gpt-4o selection unknown",)),
    (
        "a.livemd",
        '# T\n\n```elixir\nChat.create(model: "gpt-4o")\n```\n\n<!-- livebook:{"output":true} -->\n\n```\ngpt-4o-mini\n```\n',
        ("gpt-4o selection floating", "gpt-4o-mini prose floating"),
    ),
    (
        "a.qmd",
        '# T\n\n```{python}\nask(model="gpt-4o")\n```\nand `gpt-4o`\n',
        ("gpt-4o selection floating", "gpt-4o prose floating"),
    ),
    (
        "infra/ai.yaml",
        'deployments:\n- name: gpt-4o-mini\n  model:\n    format: OpenAI\n    name: gpt-4o-mini\n    version: "2024-07-18"\n  sku:\n    name: GlobalStandard\n    capacity: 20\n- name: gpt-4\n  model:\n    format: OpenAI\n    name: gpt-4o\n',
        (
            "gpt-4o-mini catalog floating",
            "gpt-4o-mini selection pinned",
            "gpt-4 catalog floating",
            "gpt-4o selection floating",
        ),
    ),
    (
        "x.conf",
        'models-supporting-json-schema = [\n  "gpt-5-mini",\n  "o4-mini",\n]\n',
        ("gpt-5-mini catalog floating", "o4-mini catalog floating"),
    ),
    (
        "x.toml",
        'models = [\n  "gpt-4o",\n  "gpt-4o-mini",\n]\n',
        ("gpt-4o catalog floating", "gpt-4o-mini catalog floating"),
    ),
    (
        "x.toml",
        'fallbacks = [\n  "gpt-4o",\n  "gpt-4o-mini",\n]\n',
        ("gpt-4o selection floating", "gpt-4o-mini selection floating"),
    ),
    ("x.toml", 'model = [\n  "gpt-4o",\n]\n', ("gpt-4o selection floating",)),
    ("src/X.IntegrationTests/testsettings.json", '{"OpenAI": {"ModelId": "gpt-4o"}}', ("gpt-4o test floating",)),
    (
        "main.bicep",
        "module openAi 'x' = {\n  params: {\n    deployments: [\n      {\n        name: 'chat'\n        model: {\n          format: 'OpenAI'\n          name: 'gpt-4o'\n          version: '2024-08-06'\n        }\n        sku: {\n          name: 'Standard'\n        }\n      }\n      {\n        name: 'mini'\n        model: {\n          format: 'OpenAI'\n          name: 'gpt-4o-mini'\n        }\n      }\n    ]\n  }\n}\n",
        ("gpt-4o selection pinned", "gpt-4o-mini selection floating"),
    ),
    (
        ".github/workflows/d.yml",
        "jobs:\n  a:\n    steps:\n      - run: |\n          az cognitiveservices account deployment create --model-name gpt-4o --model-version 2024-08-06\n",
        ("gpt-4o selection pinned",),
    ),
    (
        ".github/workflows/a.yml",
        "jobs:\n  a:\n    steps:\n      - run: python eval.py --models gpt-4o,gpt-4o-mini\n",
        ("gpt-4o selection floating", "gpt-4o-mini selection floating"),
    ),
    (
        "main.bicep",
        "var deployments = [\n  { name: 'chat', model: { format: 'OpenAI', name: 'gpt-4o', version: '2024-08-06' } }\n]\n",
        ("gpt-4o selection pinned",),
    ),
]


@of_rows(ROWS)
def test_every_name_gets_its_role_and_pin(path: str, text: str, found: tuple[str, ...]) -> None:
    assert found_in(path, text) == found
