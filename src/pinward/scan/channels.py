"""Which provider the code around a name speaks to: the client class, a sibling field, or a name on the way out.

Only channels that change what a name means are told; `openai` and `anthropic` follow from the names themselves.
"""

from __future__ import annotations

import re
from functools import lru_cache

from pinward.scan.lines import OLLAMA
from pinward.scan.mentions import Mention, Step
from pinward.scan.vocabulary import ENVIRONMENT, PROVIDERS, words

_PROVIDER_KEYS = re.compile(
    r"(?i)^(?:model_?)?(?:provider|vendor|backend|client|api_?type|platform|service|type|llm_?provider)$"
)
_URL_KEYS = re.compile(r"(?i)^(?:.*base_?url|api_?base|.*endpoint|host|.*url|base)$")
_HOSTS = (
    ("openrouter.ai", "openrouter"),
    ("groq.com", "groq"),
    ("openai.azure.com", "azure"),
    ("cognitiveservices.azure.com", "azure"),
    (":11434", "ollama"),
    ("mistral.ai", "mistral"),
    ("api.deepseek.com", "deepseek"),
    ("api.x.ai", "xai"),
    ("aiplatform.googleapis.com", "vertex"),
    ("generativelanguage.googleapis.com", "gemini"),
    ("bedrock", "bedrock"),
    ("cohere", "cohere"),
)
# Words of a class, key or function that tell the channel, wherever they stand around a name.
_WORDS = (
    ("ollama", "ollama"),
    ("bedrock", "bedrock"),
    ("vertex", "vertex"),
    ("vertexai", "vertex"),
    ("openrouter", "openrouter"),
    ("groq", "groq"),
    ("azure", "azure"),
    ("mistral", "mistral"),
    ("mistralai", "mistral"),
    ("cohere", "cohere"),
    ("deepseek", "deepseek"),
    ("xai", "xai"),
)
# What a variable is made by, and what stands before its `=`. The search starts at the sign, which is rare.
_MADE = re.compile(r"=\s*(?:await\s+)?(?:new\s+)?(?P<class>(?:\w+(?:\.|::)){0,3}\w+)\(")
_VARIABLE = re.compile(r"(?:(?P<type>\w+)\s+)?\b(?P<name>\w+)(?:\s*,\s*\w+)?\s*(?::\s*[\w.<>:]+)?\s*:?$")
_VARIABLE_ROOM = 100
_SEMICOLONS = (".cs", ".java", ".php", ".dart")  # where statements end with one
_STATEMENT = 500  # how far back the statement around a name is looked at
_DEPLOYMENT = re.compile(r"(?i)deployment")
# `process.env.DEPLOYMENT ?? "gpt-4o"`, `echo "DEPLOYMENT=gpt-4o"`
_DEPLOYMENT_BEFORE = re.compile(r"(?i)deployment(?:_?name|_?id)?[)\]]?(?:\s*(?:\?\?|\|\||\bor\b)\s*[\"'`]|=)$")
_DEPLOYED = re.compile(r"(?i)model_?-?(?:name|version|format)$")
_HOLDERS = frozenset({"", "value", "default", "defaultValue"})  # hold the value of what lies around them


def channel_of(mention: Mention, path: str, text: str = "") -> str | None:
    """Return the provider that the surrounding code tells, or None. `text` is the file's, where clients are made."""
    if "ollama" in mention.literal and OLLAMA.search(mention.literal[: max(mention.offset, 0)]):
        return "ollama"
    if _is_of_a_deployment(mention, text):
        return "azure"
    if mention.carrier == "constant" and (told := _in_words(mention.literal)):
        return told
    for i, step in enumerate(mention.steps):
        told = _by_siblings(step) or _by_words(step, mention.steps[:i]) or _by_client(step, text, mention.start)
        if told == "azure" and step.kind == "pair" and not _DEPLOYMENT.search(step.name):
            return None  # settings keep the model's own name and the deployment's apart
        if told:
            return told
    if "ollama" in words(path.rsplit("/", 1)[-1]):
        return "ollama"
    called = path.endswith(_SEMICOLONS) and mention.steps and mention.steps[0].kind == "argument"
    return _by_flow(mention.flow, text) or (_in_statement(text, mention.start) if called else None)


def _is_of_a_deployment(mention: Mention, text: str) -> bool:
    """Tell whether a name is a deployment's, by its URL, its variable, its key, or what stands beside it."""
    if mention.literal[: max(mention.offset, 0)].endswith("/deployments/"):
        return True
    if mention.literal.startswith("${") and _DEPLOYMENT.search(mention.literal):
        return True
    if _DEPLOYMENT_BEFORE.search(text, max(0, mention.start - _VARIABLE_ROOM), mention.start):
        return True
    bound = next((s for s in mention.steps if s.name not in _HOLDERS and s.kind in ("pair", "assign", "default")), None)
    if bound is not None and _DEPLOYMENT.search(bound.name) and bound.name.lower() != "deployments":
        return True
    return _names_a_deployment(mention.steps)


def _in_statement(text: str, offset: int) -> str | None:
    """Return the channel whose host, or whose name, stands before an offset in the same statement."""
    before = text[max(0, offset - _STATEMENT) : offset]
    before = before[max(before.rfind(sign) for sign in (";", "\n\n", "}\n")) + 1 :]
    host = next((channel for host, channel in _HOSTS if host in before), None) if "://" in before else None
    return host or ("ollama" if "ollama" in before.lower() else None)


def _by_flow(flow: tuple[tuple[Step, ...], ...], text: str) -> str | None:
    """Tell the channel of the calls that a variable is handed to, where all are of one: `Ollama(model=chat_model)`."""
    handed = [step for steps in flow for step in steps[:1] if step.kind == "argument"]
    calls = {
        "azure" if _DEPLOYMENT.search(step.name) else _in_words(step.owner) or _by_client(step, text, len(text))
        for step in handed
    }
    return calls.pop() if len(calls) == 1 else None


def _names_a_deployment(steps: tuple[Step, ...]) -> bool:
    """Tell whether a name is that of a deployment, beside the model that it deploys."""
    if not steps or steps[0].kind not in ("pair", "argument") or not steps[0].name:
        return False
    siblings = steps[0].siblings.items()
    variable = steps[1].name if len(steps) > 1 and steps[1].kind == "scope" else ""
    if steps[0].name == "default" and _DEPLOYMENT.search(variable.removeprefix("variable.")):
        return True  # Terraform
    if steps[0].name in _HOLDERS:
        return any(_DEPLOYMENT.search(value) for key, value in siblings if key.lower() in ("name", "key"))
    if steps[0].name.lower() != "name":
        return False
    block = steps[1].name.lower() if len(steps) > 1 and steps[1].kind == "pair" else ""
    if "deployment" in block and block != "deployments":
        return True  # Bicep: `resource chatDeployment '...' = {name: 'gpt-4o'}`
    described = any(_DEPLOYED.match(key) for key, _ in siblings)
    return described or any(step.kind == "scope" and "cognitive_deployment" in step.name for step in steps[1:2])


def _by_siblings(step: Step) -> str | None:
    return next((told for key, value in step.siblings.items() if (told := _by_sibling(key, value))), None)


@lru_cache(maxsize=32768)
def _by_sibling(key: str, value: str) -> str | None:
    if _PROVIDER_KEYS.match(key):
        return _in_words(value)
    if _URL_KEYS.match(key):
        return next((channel for host, channel in _HOSTS if host in value), None)
    return "azure" if key.lower() in ("azure_endpoint", "azure_deployment", "api_version") else None


def _by_words(step: Step, inner: tuple[Step, ...]) -> str | None:
    if step.kind == "argument":
        if _DEPLOYMENT.search(step.name) or _reads_a_deployment(step):
            return "azure"
        if step.position == 1 and _DEPLOYMENT.search(step.items[0]) and not step.items[0].startswith("-"):
            return "azure"  # `os.getenv("AZURE_OPENAI_DEPLOYMENT", "gpt-4o")`
        return _in_words(step.owner) or _in_words(step.name)
    told = _in_words(step.name) if step.kind in ("pair", "assign", "default", "scope") else None
    # A function or section named after Azure may well read the model's own name; a deployment is named as such.
    if told == "azure" and not _DEPLOYMENT.search(" ".join([step.name, *(s.name for s in inner)])):
        return None
    return told


def _reads_a_deployment(step: Step) -> bool:
    """Tell whether a name is the default of a setting that names a deployment: `getenv("DEPLOYMENT", "gpt-4o")`."""
    reads = step.position > 0 and step.owner.rsplit(".", 1)[-1].lower() in ENVIRONMENT
    return reads and _DEPLOYMENT.search(step.items[0]) is not None


def _by_client(step: Step, text: str, offset: int) -> str | None:
    """Follow `client.messages.create(model=...)` to the `client = AnthropicBedrock()` before it in the same file."""
    if step.kind != "argument" or "." not in step.owner:
        return None
    made = (_clients(text).get(word) for word in step.owner.split(".")[:-1])
    return next((told for places in made if places and (told := _last_before(places, offset))), None)


def _last_before(places: list[tuple[int, str | None]], offset: int) -> str | None:
    """Return what was made last before an offset; what is made behind all uses (in a constructor) counts for all."""
    return next((told for at, told in reversed(places) if at < offset), places[0][1])


@lru_cache(maxsize=4)
def _clients(text: str) -> dict[str, list[tuple[int, str | None]]]:
    """Map each variable that holds a client to where it is made, and its channel by the class or the host."""
    found: dict[str, list[tuple[int, str | None]]] = {}
    for match in _MADE.finditer(text):
        if text[text.rfind("\n", 0, match.start()) + 1 : match.start()].lstrip().startswith(("//", "#", "*")):
            continue
        given = text[match.end() : match.end() + 300].split("\n\n")[0]
        host = next((channel for host, channel in _HOSTS if host in given), None) if "://" in given else None
        variable = _VARIABLE.search(text, max(0, match.start() - _VARIABLE_ROOM), match.start())
        if variable is None:
            continue
        made = variable["type"] if match["class"] == "new" else match["class"]  # C#: `AzureOpenAIClient client = new(`
        told = _in_words(made or "") or host
        if told or any(provider in (made or "").lower() for provider in PROVIDERS):
            found.setdefault(variable["name"], []).append((match.start(), told))
    return found


@lru_cache(maxsize=32768)
def _in_words(text: str) -> str | None:
    found = words(text)
    return next((channel for word, channel in _WORDS if word in found), None)
