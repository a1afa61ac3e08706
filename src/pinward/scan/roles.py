"""What a name is used for, decided from what holds it, the file it stands in, and what surrounds it.

Every decision carries its reason, which `--format json` shows as `role_why`.
"""

from __future__ import annotations

import re
from functools import lru_cache

from pinward.scan import vocabulary as say
from pinward.scan.lines import OLLAMA, is_list_of_names
from pinward.scan.mentions import Mention
from pinward.scan.pair_rules import is_default
from pinward.scan.paths import holds_defaults, is_code, is_recorded, is_shown, is_test, stem
from pinward.scan.records import is_record, is_result
from pinward.scan.role_rules import walk_out
from pinward.scan.sql import in_statement
from pinward.scan.walks import Decision, Walk

# How much of a literal around a name is looked at: what binds it stands close by, and literals hold whole documents.
WINDOW = 600
_FUNCTIONAL_COMMENT = re.compile(r"#\s*@(?:option|flag|env|arg)\b[^\n]*model", re.IGNORECASE)
_SETTINGS_KEY = re.compile(
    r"(?i)\.(?:ya?ml|json|toml|env|ini|conf|cfg|properties)$|^(?:config|settings|env|environment|args|command)$"
)
_SETTING_LINE = re.compile(r"\s*(?:[{}\[\],]+\s*$|[-{\[]?\s*(?:\\?[\"']){0,2}[\w.-]+(?:\\?[\"']){0,2}\s*[:=])")
# A sample of code quotes arguments as settings do.
_PROGRAM = re.compile(
    r"(?m)^\s*(?:import|from\s+\S+\s+import|export|const|let|var|def|async|await|function|class|using|package|curl)\s"
    r"|^\s*\w+\s*=\s*(?:new\s+)?[\w.]+\(|\bnew\s+[A-Z]\w*\(|\)\s*;\s*$"
)
# Azure Developer CLI, Spring, Compose: `${VARIABLE=default}`, `${VARIABLE:default}`, `${VARIABLE:-default}`.
_PLACEHOLDER = re.compile(r"(?:\w+=)?\$\{(?P<variable>[\w.-]+)(?::?[-=]|:)[^{}]*\}")
# GitHub: `${{ vars.MODEL || 'default' }}`.
_EXPRESSION = re.compile(r"\$\{\{[^{}]*?(?P<variable>[\w.-]+)\s*\|\|\s*'[^']*'\s*\}\}")
_EMBEDDED_FLAG = re.compile(r"(?:^|\s)(--?[\w-]+)(?:=|\s+)[\"']?(?:[\w./:@-]+,)*$")
_SHELL_VARIABLE = re.compile(r"(?:^|[\n;&|(]|\bexport|\benv)[ \t]*([A-Za-z_]\w*)=[\"']?$")
_WRITTEN = re.compile(r"\becho[ \t]+[\"']?([A-Za-z_]\w*)=[\"']?$")  # echo "MODEL=gpt-4o" >> "$GITHUB_ENV"
_SENT = re.compile(r"[{,]\s*\\?[\"']([\w-]+)\\?[\"']\s*:\s*\\?[\"']$")  # curl -d '{"model": "gpt-4o"}'
_EXAMPLE = re.compile(r"(?i)\bexamples?=")  # in the tag of a field in Go
_TAG_DEFAULT = re.compile(r"(?i)(?:^|\s)(?:env-?)?default:\"$")  # in the tag of a field in Go
_SCRIPTS = (".tsx", ".jsx", ".ts", ".js", ".mjs", ".vue", ".svelte")
_ANSWERED = frozenset({"status_code", "statusCode", "response", "response_headers"})  # beside a request
_LINKS = frozenset({"link", "href", "homepage", "website", "source", "docs", "doc_url", "docs_url"})
_QUOTED = frozenset({"sample", "samples", "snippet", "snippets", "example", "examples", "placeholder"})
_EMBEDDED_KEY = re.compile(r"(?:^|[\s{,;(])(?:\\?[\"']){0,2}([\w.-]+)(?:\\?[\"']){0,2}\s*[:=]\s*(?:\\?[\"']){0,2}$")


def decide(mention: Mention, path: str) -> Decision:
    """Return the role of a mention in the file at `path`."""
    by_carrier = _by_carrier(mention)
    if by_carrier is not None:
        return by_carrier if not is_test(path) or by_carrier.role == "prose" else Decision("test", "in a test file")
    if is_test(path) or say.in_test(mention.steps):
        return Decision("test", "in a test")
    if is_recorded(path):
        return Decision("data", "in recorded results")
    if is_shown(path) and not (holds_defaults(path) and is_default(mention.steps)):
        return Decision("prose", "in texts that are shown")
    if not is_code(path) and say.is_table_file(stem(path)):
        return Decision("catalog", f"in a file of {stem(path)}")
    if not mention.whole:
        embedded = _embedded(mention, path)
        if embedded is not None:
            return embedded
    walk = Walk(path, mention.name, flow=mention.flow, constant=mention.carrier == "constant")
    if not mention.whole or (not walk.constant and mention.literal.strip(" \"'`") != mention.name):
        walk.listed += _parts(mention.literal)
    decision = walk_out(mention.steps, walk)
    if mention.unparsed and decision.role == "selection" and not decision.named:
        return Decision("prose", "bound to a name that says nothing, in code that does not parse")
    return decision


def _by_carrier(mention: Mention) -> Decision | None:
    if mention.carrier == "comment":
        if _FUNCTIONAL_COMMENT.match(mention.literal.strip()):
            return Decision("selection", "a comment that a tool reads as an option", named=True)
        return Decision("prose", "in a comment")
    if mention.carrier == "docstring":
        return Decision("prose", "in a docstring")
    if mention.carrier == "prose":
        return Decision("prose", "mentioned in text")
    return None


def _embedded(mention: Mention, path: str) -> Decision | None:
    """Decide for a name that is only a part of its literal; None where the literal is a list of names."""
    text = mention.literal
    pair = next((s for s in mention.steps if s.kind == "pair"), None)
    if pair is not None and is_result(pair) and not is_code(path):
        return Decision("data", "in a recorded result")
    if is_list_of_names(text):
        return None
    at = _position(mention)
    before, after = text[max(0, at - WINDOW) : at], text[at + len(mention.name) :][:WINDOW]
    surroundings = in_statement(text, at, mention.name)
    if surroundings:
        return walk_out(surroundings, Walk(path, mention.name))
    placeholder = _PLACEHOLDER.fullmatch(text.strip())
    if placeholder and say.names_a_model(placeholder["variable"]):
        return Decision("selection", f"default of {placeholder['variable']}", named=True)
    computed = _EXPRESSION.fullmatch(text.strip())
    if computed and any(map(say.names_a_model, (computed["variable"], pair.name if pair else ""))):
        return Decision("selection", f"default of {computed['variable']}", named=True)
    if "," in text and "://" in text and " " not in text.strip():
        return Decision("selection", "in a record with its endpoint", named=True)
    called = _in_url(mention, before, path)
    if called:
        return called
    run = _in_script(before, after) if _runs(mention) else ""
    if run:
        return Decision("selection", run, named=True)
    return _in_settings(mention, before, after, path)


def _in_url(mention: Mention, before: str, path: str) -> Decision | None:
    """Decide for the model that a URL calls (`.../models/<id>`); None where there is no such URL."""
    if not re.search(r"(?:https?://(?!\S*/docs/)|\0+/|^/)\S*/(?:models|deployments|model)/$", before):
        return None
    if any(s.name.lower() in _LINKS for s in mention.steps[:1]):
        return Decision("prose", "in a link for people")
    pair = next((s for s in mention.steps if s.kind == "pair"), None)
    if pair is not None and is_code(path) and is_record(pair):
        return Decision("catalog", "in a record about a model")
    return Decision("selection", "in the URL that is called", named=True)


def _in_script(before: str, after: str) -> str:
    """Say how a script uses a name: in a flag, a variable, or JSON that it sends. Empty where it does not."""
    flag = _EMBEDDED_FLAG.search(before)
    if flag and say.MODEL_FLAGS.match(flag[1]):
        return f"value of {flag[1]} in a command"
    if OLLAMA.search(before):
        return "loaded by ollama"
    line = after.split("\n", 1)[0]
    written = _WRITTEN.search(before) if "GITHUB_" in line else None
    found = written or _SHELL_VARIABLE.search(before) or _SENT.search(before)
    return f"value of {found[1]} in a script" if found and say.names_a_model(found[1]) else ""


def _in_settings(mention: Mention, before: str, after: str, path: str) -> Decision:
    """Decide for a name that follows a key inside its literal, as in JSON in a string, or the tag of a field in Go."""
    if _TAG_DEFAULT.search(before) and mention.steps and say.names_a_model(mention.steps[0].name):
        return Decision("selection", f"default of {mention.steps[0].name}", named=True)
    if _EXAMPLE.search(before):
        return Decision("prose", "in an example")
    held = next((s.name for s in mention.steps if s.name and s.kind in ("pair", "argument", "assign")), "")
    # Only elements have named arguments in scripts.
    element = path.endswith(_SCRIPTS) and any(s.kind == "argument" and s.name for s in mention.steps)
    printed = any(s.kind == "argument" and say.shows(s.owner) and s.items[:1] != (s.owner,) for s in mention.steps)
    if element or printed or say.words(held) & _QUOTED:
        return Decision("prose", f"part of {held or 'a text that is shown'}")
    if any(s.kind == "pair" and _ANSWERED & s.siblings.keys() for s in mention.steps[:1]):
        return Decision("data", "in a recorded exchange")
    key = _EMBEDDED_KEY.search(before)
    is_value = key is not None and _ends_value(after)
    if key and is_value and _is_setting(key.group(1), mention.name) and _holds_settings(mention, is_code(path)):
        return Decision("selection", f"value of {key.group(1)} in embedded settings", named=True)
    return Decision("prose", "part of a longer text")


def _holds_settings(mention: Mention, code: bool) -> bool:
    """Tell whether a literal is a settings text, not a description or an example that quotes one."""
    text = mention.literal.strip()
    if not code:
        key = next((s.name for s in mention.steps if s.kind == "pair"), "")
        return _SETTINGS_KEY.search(key) is not None
    return _is_settings(text)


@lru_cache(maxsize=64)
def _is_settings(text: str) -> bool:
    lines = [line for line in text.splitlines() if line.strip()]
    if _PROGRAM.search(text):
        return False
    return " " not in text or sum(bool(_SETTING_LINE.match(line)) for line in lines) * 2 > len(lines)


@lru_cache(maxsize=64)
def _parts(literal: str) -> int:
    """Count what stands in a literal: it is asked for again for each name in a long one."""
    return len(re.split(r"[\s,;|]+", literal.strip()))


def _is_setting(key: str, name: str) -> bool:
    return say.names_a_model(key) or (key.lower() in ("id", "provider_id") and ":" in name)


def _position(mention: Mention) -> int:
    return mention.offset if mention.offset >= 0 else max(mention.literal.find(mention.name), 0)


def _ends_value(after: str) -> bool:
    return re.match(r"\\?[\"',;]*\s*(?:$|\n|[,}])", after) is not None


def _runs(mention: Mention) -> bool:
    """Tell whether the text around is a command that is run, not one that is described."""
    owner = next((s.owner for s in mention.steps if s.kind == "argument"), None)
    if owner is None:
        return any(s.kind in ("pair", "assign") and s.name.lower() in say.SCRIPT_KEYS for s in mention.steps)
    if say.is_shown(owner.rsplit(".", 1)[-1]):
        return False  # `command.addHelpText`
    return bool(say.words(owner) & say.RUNS) or mention.literal.startswith("-")
