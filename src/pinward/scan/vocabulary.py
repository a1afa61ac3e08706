"""The words by which programs say what a value is for: keys, parameters, functions."""

from __future__ import annotations

import re
from collections.abc import Iterable
from functools import lru_cache

from pinward.scan.mentions import Step

_SPLIT = re.compile(r"[A-Z]+(?![a-z])|[A-Z]?[a-z]+|\d+")

MODEL_WORDS = frozenset(
    {
        *("model", "models", "llm", "llms", "engine", "deployment", "embedding", "embeddings", "embedder", "reranker"),
        *("modelid", "modelname", "judge", "grader", "lm"),
    }
)
# What makes a table of models of a binding whose name also says `model`.
TABLE_WORDS = frozenset(
    {
        *("price", "prices", "pricing", "cost", "costs", "limit", "limits", "context", "window", "windows", "alias"),
        *("aliases", "map", "mapping", "mappings", "info", "infos", "metadata", "capabilities", "capability"),
        *("supported", "supporting"),
        *("available", "allowed", "known", "valid", "choices", "catalog", "catalogue", "registry", "enum"),
        *("families", "variants", "selections", "supports", "legacy", "deprecated", "presets", "lookup"),
        *("encodings", "encoding"),
        *("suggestions", "recommended", "whitelist", "allowlist", "blacklist", "denylist", "unsupported", "prefixes"),
        *("rates", "rate", "tokens", "specs", "table", "dropdown", "menu", "select", "reasoning", "dimensions"),
    }
)
_MODELS_OF_FILES = frozenset({"model", "models", "llm", "llms", "embedding", "embeddings"})
# What a source file of this name is about is a table already, whatever else its name says.
TABLE_FILES = frozenset(
    {
        *("price", "prices", "pricing", "cost", "costs", "rates", "alias", "aliases", "capabilities", "capability"),
        *("catalog", "catalogue", "registry", "encodings", "encoding", "presets", "allowlist", "denylist", "enum"),
    }
)
SHOWN_WORDS = frozenset(
    {
        *("description", "help", "label", "title", "placeholder", "text", "message", "comment", "summary", "doc"),
        "docs",
        *("sample", "samples", "snippet", "snippets"),
        *("example", "examples", "hint", "tooltip", "caption", "usage", "content", "display", "desc", "note", "notes"),
        *("epilog", "about", "readme", "markdown", "subtitle", "heading", "alt", "error", "warning", "aria", "body"),
    }
)
SHOWING_FUNCTIONS = frozenset({"placeholder", "description", "tooltip", "hint", "label", "caption", "usage"})
# Siblings that make a record about a model of what would else be a setting.
RECORD_KEYS = re.compile(
    r"(?i)^(?:.*price.*|.*pricing.*|.*cost.*|.*context_?-?(?:window|length|size|limit).*|display_?name|label|title"
    r"|description|supports?_?.*|capabilities|knowledge_?cutoff|release_?date|.*(?:per_?(?:1k|1m|million|token)).*"
    r"|max_?(?:input|output|context)_?tokens|input|output|family|owned_?by|deprecated|tier|icon|badge)$"
)
RESULT_KEYS = re.compile(
    r"(?i)^(?:usage|score|scores|accuracy|latency|duration|created|timestamp|choices|finish_reason|stop_reason"
    r"|completion_tokens|prompt_tokens|total_tokens|elapsed|cost_usd|passed|wins|object|system_fingerprint"
    r"|.*_at|pass_rate\w*|seconds_per\w*|results?|outputs?|answer|grade|output_tokens|input_tokens|num_correct|total_cost)$"
)
# Of these, what only a provider or a run can have said.
MEASURED_KEYS = re.compile(
    r"(?i)^(?:usage|accuracy|latency|duration|finish_reason|stop_reason|\w+_tokens|elapsed|cost_usd|passed|wins"
    r"|system_fingerprint|pass_rate\w*|seconds_per\w*|num_correct|total_cost|.*_at)$"
)
# Beside a model in a program, these say that a run is described, not asked for.
RAN_KEYS = re.compile(
    r"(?i)^(?:(?:finished|completed|ended|failed)_?(?:at|on)|end_?time|(?:total|prompt|completion)_?tokens|latency(?:_?ms)?)$"
)
RESULT_PARENTS = frozenset({"response", "responses", "output", "outputs", "result", "results", "usage", "log", "logs"})

# Functions that only look the tokens or the price of a model up.
COUNTS = re.compile(
    r"(?i)(?:count|num|number|estimate|calculate|calc|compute|trim|truncate|limit)\w*_?tokens?|tokens?_?(?:count|cost)|tokeni[sz]er?$"
    r"|(?:count|num|number|estimate|calculate|calc|compute|get)\w*_?(?:cost|price|pricing)s?(?![a-z])"
)
PROVIDERS = frozenset(
    {
        *("openai", "anthropic", "google", "gemini", "cohere", "groq", "mistral", "ollama", "azure", "bedrock", "xai"),
        *("deepseek", "openrouter", "perplexity", "together", "fireworks", "vertex", "vertexai", "huggingface", "aws"),
    }
)
COMPARES = frozenset(
    {
        *("startswith", "starts_with", "start_with", "hasprefix", "endswith", "ends_with", "end_with", "hassuffix"),
        *("includes", "include", "contains", "contain", "indexof", "equals", "equal", "equalsignorecase", "equalfold"),
        *("match", "matches", "test", "search", "eq", "ne", "is_in", "isin", "removeprefix", "removesuffix"),
        "trimprefix",
        *("in_array", "str_contains", "str_starts_with", "strpos", "preg_match", "regexp", "compile", "fnmatch"),
        "glob",
        *("encoding_for_model", "encodingformodel", "get_encoding", "encoding_name_for_model", "split", "replace"),
        *("strcmp", "string_match", "matchstring", "mustcompile", "has", "containskey", "contains_key", "index"),
        "find",
        *("assertequal", "assert_eq", "assert_equal", "expect", "tobe", "toequal", "assertequals", "assertin"),
        "assert",
        *("count", "getencodingformodel", "encoding_for", "countof", "is_member", "member"),
    }
)
# Asked of a list about each of its items: `["o1", "o3"].some(...)`.
QUANTIFIERS = frozenset({"some", "every", "any"})
SEARCHES = frozenset({"grep", "egrep", "fgrep", "rg", "sed", "awk"})  # programs that search for what they are given
LOOKUPS = frozenset({"get", "pop", "fetch", "getordefault", "get_or_default", "getitem", "remove", "delete"})
SHOWS = frozenset(
    {
        *("print", "println", "printf", "eprintln", "echo", "puts", "log", "info", "warn", "warning", "error", "debug"),
        *("trace", "fatal", "panic", "panic!", "println!", "eprintln!", "write", "writeln", "writeln!", "errorf"),
        "logf",
        *("fprintf", "fprintln", "info!", "warn!", "error!", "debug!", "bail!", "anyhow!", "todo!", "skip", "describe"),
        *("context", "it", "alert", "markdown", "caption", "title", "header", "subheader", "help", "text", "bail"),
        "abort",
        *("deprecated", "badge", "tooltip", "confirm", "exit", "notify", "toast", "display", "raise", "logger"),
        "nslog",
        *("description", "displayname", "writeline"),
    }
)
_LOG_WORDS = frozenset({"log", "print", "render"})


@lru_cache(maxsize=32768)
def shows(called: str) -> bool:
    """Tell whether what is called shows a text to people: `log.Printf`, `LogInformation`, a new error."""
    name = called.rsplit(".", 1)[-1]
    function = name.lower().rstrip("?")
    if function in SHOWS or function.removesuffix("f") in SHOWS or function.endswith(("error", "exception")):
        return True
    return bool(words(name) & _LOG_WORDS)


# What gives a member of an enumeration the name under which data knows it.
NAMES_MEMBERS = frozenset(
    {
        *("serialname", "serializedname", "jsonproperty", "jsonalias", "enummember", "jsonstringenummembername"),
        *("jsonvalue", "tag"),
    }
)
RUST_ATTRIBUTES = frozenset({"serde", "strum", "value", "clap"})
RUST_RENAMES = frozenset({"name", "rename", "alias", "serialize", "to_string"})
TEST_ROWS = frozenset({"inlinedata", "testcase", "datarow", "valuesource", "csvsource", "testwith"})
# Hands over a key and its value.
ENTRIES = frozenset({"put", "entry", "insert", "add", "putifabsent", "tryadd", "pair", "addproperty", "setproperty"})
ENVIRONMENT = frozenset(
    {
        *("getenv", "environ", "env", "get", "getproperty", "lookupenv", "fetch", "getordefault", "config", "setting"),
        *("get_env", "getenvordefault", "envor", "getattr", "setdefault", "get_or", "or", "unwrap_or", "value_or"),
        *("unwrap_or_else", "coalesce", "orelse", "ifempty", "default", "str", "string", "optional", "value"),
        "stringvalue",
        *("env_or", "get_env_or", "getstring", "get_string", "get_config", "getconfig", "input", "getinput", "std"),
        *("buildconfigfield", "resvalue"),
    }
)
DECLARES = frozenset(
    {
        *("argument", "option", "field", "add_argument", "stringvar", "stringvarp", "string", "stringp", "add_option"),
        *("setdefault", "set_default", "default", "default_value", "default_value_t", "arg", "opt", "addoption"),
        "param",
        *("envvar", "prop", "inputtext", "text_input", "textinput", "input", "stringflag", "flag", "default_value_if"),
    }
)
COLLECTIONS = frozenset(
    {
        *("set", "frozenset", "list", "listof", "arrayof", "aslist", "of", "vec!", "array", "tuple", "setof"),
        "hashset",
        *("mutablelistof", "enum", "literal", "oneof", "one_of", "union", "choice", "choices", "seq", "selectbox"),
        "enums",
        *("radio", "select", "multiselect", "immutablelist", "immutableset", "arraylist", "sequence"),
    }
)
RUNS = frozenset(
    {
        *("run", "exec", "execsync", "system", "spawn", "popen", "check_call", "check_output", "call", "shell", "sh"),
        *("execfile", "command", "spawnsync", "execa", "subprocess", "bash", "invoke", "ollama", "llm", "aichat"),
    }
)
SCRIPT_KEYS = frozenset(
    {
        *("run", "cmd", "command", "commands", "script", "scripts", "args", "entrypoint", "bash", "sh", "inlinescript"),
        *("before_script", "after_script"),
    }
)
MODEL_FLAGS = re.compile(
    r"^--?(?:[\w-]*models?(?:[-_](?:name|id))?|m|[\w-]*llm|engine|[\w-]*deployment)$", re.IGNORECASE
)

CHOSEN = frozenset({"default", "selected", "current", "preferred", "initial"})
FALLBACK_WORDS = frozenset(
    {"fallback", "fallbacks", "backup", "backups", "matrix", "providers", "targets", "retry", "candidate"}
)


_TEST_SCOPE = re.compile(r"#\[test\]|(?i:tests?_\w*|\w*_tests?|tests)$|Test[A-Z]\w*|\w+Tests?$|\w+_Previews$")


def in_test(steps: Iterable[Step]) -> bool:
    """Tell whether one of the ancestors is a test's function, class or module."""
    return any(step.kind == "scope" and _TEST_SCOPE.match(step.name) for step in steps)


def parts(name: str) -> list[str]:
    """Split `defaultModelName`, `DEFAULT_MODEL_NAME`, `default-model-name` into lower-case words, in their order."""
    return [word.lower() for word in _SPLIT.findall(name)]


@lru_cache(maxsize=32768)
def words(name: str) -> frozenset[str]:
    """Return the words of a name, each once."""
    return frozenset(parts(name))


# What one model is for, though of several the same word makes a table: `REASONING_MODEL`, `reasoning_models`.
_PURPOSES = frozenset({"reasoning", "context", "encoding", "table", "recommended", "mapping", "lookup"})
_ONE = frozenset({"model", "llm", "engine", "deployment", "embedder", "reranker", "judge", "grader", "lm"})
_NAMING = frozenset({"name", "id", "slug"})


@lru_cache(maxsize=32768)
def is_one(name: str) -> bool:
    """Tell whether a binding is called after one model, whatever that is for: `SUMMARY_MODEL`, `titleModelName`."""
    found = parts(name)
    while len(found) > 1 and found[-1] in _NAMING:
        found.pop()
    return bool(found) and found[-1] in _ONE


@lru_cache(maxsize=32768)
def names_a_model(name: str) -> bool:
    """Tell whether a binding of this name holds a model, rather than a table of models or something about one."""
    found, aside = words(name), TABLE_WORDS | SHOWN_WORDS
    if is_one(name):
        aside = TABLE_WORDS - _PURPOSES
    return bool(found & MODEL_WORDS) and not found & aside and not ABOUT.search(name)


# `model_type`, `modelPath`, `openai_api_key`, `embedding_dim` are about a model, not one.
ABOUT = re.compile(
    r"(?i)(?:type|path|dir|file|key|url|uri|host|class|family|provider|dim|dims|size|kwargs|base|group|prefix"
    r"|suffix|template|vendor|org|company|token|format|label|regex|pattern|category|kind|used)s?$"
)


@lru_cache(maxsize=32768)
def is_table(name: str) -> bool:
    """Tell whether a binding of this name holds a table or a choice of models."""
    found = words(name) - _PURPOSES if is_one(name) else words(name)
    return bool(found & TABLE_WORDS) and not found & {"default", "selected", "current"}


def is_purpose(name: str) -> bool:
    """Tell whether a key says what one model is for: `{"reasoning": "gpt-5"}`."""
    return name.lower() in _PURPOSES


@lru_cache(maxsize=32768)
def is_table_file(stem: str) -> bool:
    """Tell whether a source file of this name holds a table of models: `model_limits`, not `toolcall-limit`."""
    return bool(words(stem) & TABLE_FILES) or (is_table(stem) and bool(words(stem) & _MODELS_OF_FILES))


def is_shown(name: str) -> bool:
    """Tell whether a key or argument of this name holds text for people: its last word says so."""
    last = (parts(name) or [""])[-1]
    return last in SHOWN_WORDS and not words(name) & MODEL_WORDS
