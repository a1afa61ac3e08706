"""Deployments and the versions beside them: in Bicep, Terraform, ARM, the .NET resource models, PowerShell."""

# ruff: noqa: E501 - a row holds a whole file

from __future__ import annotations

from tests.unit.scan.reading import Row, found_in, of_rows

ROWS: list[Row] = [
    (
        "main.bicep",
        "param modelName string = 'gpt-4o'\n@description('The version to deploy')\nparam modelVersion string = '2024-08-06'",
        ("gpt-4o selection pinned",),
    ),
    (
        "a.py",
        'if model_version == "gpt-4":\n    m = ChatOpenAI(model_name=model_version, temperature=0)\nelse:\n    m = ChatOpenAI(model_name="gpt-4", max_tokens=4096)',
        ("gpt-4 compare floating", "gpt-4 selection floating"),
    ),
    (
        "a.py",
        'chat_model_version = "0613"\nask(model=chat_model)\nchat_model = "gpt-4"',
        ("gpt-4 selection pinned",),
    ),
    (
        "main.bicep",
        "param chatModelName string = 'gpt-4o'\nparam chatModelId string = '2024-08-06'\nmodule ai 'ai.bicep' = {\n  params: {\n    deployments: [\n      { name: 'chat', model: { format: 'OpenAI', name: chatModelName, version: chatModelId } }\n    ]\n  }\n}\n",
        ("gpt-4o selection pinned",),
    ),
    (
        "a.lua",
        'anthropic = { model = "claude-3-5-haiku-latest", headers = { anthropic_version = "2023-06-01" } }',
        ("claude-3-5-haiku-latest selection floating",),
    ),
    (
        "main.bicep",
        "param chatModelName string = 'gpt-4o'\nparam judgeModelName string = 'gpt-4o'\nmodule ai 'ai.bicep' = {\n  params: {\n    deployments: [\n      {\n        model: {\n          format: 'OpenAI'\n          name: chatModelName\n          version: '2024-08-06'\n        }\n      }\n      {\n        model: { format: 'OpenAI', name: judgeModelName }\n      }\n    ]\n  }\n}\n",
        ("gpt-4o selection pinned", "gpt-4o selection floating"),
    ),
    (
        "main.tf",
        'locals {\n  chat_model = "gpt-4o"\n}\nresource "azurerm_cognitive_deployment" "d" {\n  model {\n    format  = "OpenAI"\n    name    = local.chat_model\n    version = "2024-08-06"\n  }\n}\n',
        ("gpt-4o selection pinned",),
    ),
    (
        "azuredeploy.json",
        '{"$schema": "https://schema.management.azure.com/schemas/2019-04-01/deploymentTemplate.json#", "parameters": {"chatModelName": {"type": "string", "defaultValue": "gpt-35-turbo"}}}',
        ("gpt-35-turbo selection floating",),
    ),
    (
        "a.bicepparam",
        "using './main.bicep'\nparam openAiModelName = readEnvironmentVariable('MODEL', 'gpt-4o')",
        ("gpt-4o selection floating",),
    ),
    (
        "main.parameters.json",
        '{"parameters": {"chatModelName": {"value": "gpt-4o"}, "chatModelVersion": {"value": "2024-08-06"}, "chatDeploymentName": {"value": "gpt-4o"}}}',
        ("gpt-4o selection pinned", "gpt-4o selection unknown"),
    ),
    (
        "a.tf",
        'resource "azurerm_cognitive_deployment" "d" {\n  name = "gpt-4o"\n  model {\n    format = "OpenAI"\n    name = "gpt-4o"\n    version = "2024-08-06"\n  }\n}\n',
        ("gpt-4o selection unknown", "gpt-4o selection pinned"),
    ),
    (
        "a.tf",
        'resource "azurerm_cognitive_deployment" "d" {\n  name = "gpt-4o"\n  model {\n    format = "OpenAI"\n    name = "gpt-4o"\n  }\n}\n',
        ("gpt-4o selection unknown", "gpt-4o selection floating"),
    ),
    (
        "a.tf",
        'resource "azurerm_cognitive_deployment" "d" {\n  name = "gpt-4o"\n  version_upgrade_option = "OnceNewDefaultVersionAvailable"\n  model {\n    format = "OpenAI"\n    name = "gpt-4o"\n    version = "2024-08-06"\n  }\n}\n',
        ("gpt-4o selection unknown", "gpt-4o selection floating"),
    ),
    (
        "a.tf",
        'module "openai" {\n  deployment = {\n    "chat" = {\n      name = "gpt-4o"\n      model_format = "OpenAI"\n      model_name = "gpt-4o"\n      model_version = "2024-08-06"\n    }\n  }\n}\n',
        ("gpt-4o selection pinned", "gpt-4o selection pinned"),
    ),
    (
        "a.tfvars",
        'chat_model_name = "gpt-4o"\nchat_model_version = "2024-08-06"\nembedding_model = "text-embedding-3-small"',
        ("gpt-4o selection pinned", "text-embedding-3-small selection undated"),
    ),
    ("d.ps1", '[string]$ModelName = "gpt-4o",', ("gpt-4o selection floating",)),
    (
        "a.py",
        'x = ChatAnthropic(model="claude-3-5-sonnet-latest", anthropic_version="2023-06-01")',
        ("claude-3-5-sonnet-latest selection floating",),
    ),
    ("a.py", 'x = C(model="gpt-4o", api_version="2024-10-21")', ("gpt-4o selection unknown",)),
    (
        "a.ts",
        'const x = f({ model: "gpt-4o", apiVersion: "2024-10-21", version: "1.0" });',
        ("gpt-4o selection floating",),
    ),
    (
        "web.config",
        '<configuration><appSettings><add key="OpenAIModel" value="gpt-4o" /><add key="AzureOpenAIDeployment" value="gpt-4" /></appSettings></configuration>',
        ("gpt-4o selection floating", "gpt-4 selection unknown"),
    ),
    (
        "x.bicep",
        "module openAi 'ai.bicep' = {\n  params: {\n    deployments: concat([\n      {\n        name: chatGpt.deploymentName\n        model: {\n          format: 'OpenAI'\n          name: chatGpt.modelName\n          version: chatGpt.deploymentVersion\n        }\n      }\n    ])\n  }\n}\nvar chatGpt = {\n  modelName: !empty(m) ? m : 'gpt-4o-mini'\n  deploymentName: !empty(d) ? d : 'gpt-4o-mini'\n  deploymentVersion: !empty(v) ? v : '2024-07-18'\n}\n",
        ("gpt-4o-mini selection pinned", "gpt-4o-mini selection pinned"),
    ),
    (
        "x.tf",
        'module "aoai" {\n  cognitive_deployments = {\n    "gpt-4o" = {\n      name = "gpt-4o"\n      model = { format = "OpenAI", name = "gpt-4o", version = "2024-08-06" }\n      scale = { type = "Standard" }\n    }\n  }\n}\n',
        ("gpt-4o data floating", "gpt-4o selection pinned"),
    ),
    (
        "A.cs",
        'new Deployment("d", new DeploymentArgs { Properties = new DeploymentPropertiesArgs { Model = new DeploymentModelArgs { Format = "OpenAI", Name = "gpt-4o", Version = "2024-08-06" } } });',
        ("gpt-4o selection pinned",),
    ),
    (
        "A.cs",
        'openai.AddDeployment("chat", "gpt-4o", "2024-08-06"); openai.AddDeployment(name: "chat", modelName: "gpt-4o", modelVersion: "2024-08-06");',
        ("gpt-4o selection pinned", "gpt-4o selection pinned"),
    ),
    (
        "A.cs",
        'var d = new AzureDeployment("gpt-4o", "gpt-4o", "2024-08-06");',
        ("gpt-4o selection pinned", "gpt-4o selection pinned"),
    ),
    ("agent.yaml", "version: 1\nmodel: gpt-4o\n", ("gpt-4o selection floating",)),
    (
        "main.json",
        '{"parameters": {"chatModelName": {"type": "string", "defaultValue": "gpt-4o"}, "chatDeploymentName": {"type": "string", "defaultValue": "gpt-4o"}}}',
        ("gpt-4o selection floating", "gpt-4o selection unknown"),
    ),
    (
        "A.java",
        'class A { @ConfigProperty(name = "AZURE_OPENAI_DEPLOYMENT_NAME", defaultValue = "gpt-4o") String name; }',
        (),
    ),
    ("a.py", 'model = os.getenv("AZURE_OPENAI_DEPLOYMENT", "gpt-4o")', ("gpt-4o selection unknown",)),
    ("a.bicep", "param completionModel string = 'gpt-35-turbo'\n", ("gpt-35-turbo selection floating",)),
    ("a.bicep", "param deploymentName string = 'gpt-35-turbo'\n", ("gpt-35-turbo selection unknown",)),
]


@of_rows(ROWS)
def test_a_version_counts_where_it_is_the_one_of_the_model(path: str, text: str, found: tuple[str, ...]) -> None:
    assert found_in(path, text) == found
