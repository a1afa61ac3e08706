"""Versions that stand beside a name: Azure deployments in infrastructure code, revisions of Hugging Face models.

Azure: `model { name, version }` and `versionUpgradeOption`
(https://learn.microsoft.com/azure/foundry/foundry-models/concepts/model-versions). A deployment without a version
follows Azure's default version; with one it stays, unless the upgrade option lets it move.
"""

from __future__ import annotations

import re
from dataclasses import replace
from functools import lru_cache
from itertools import pairwise

from pinward.core.model_id import ModelId
from pinward.scan.mentions import Mention, Step
from pinward.scan.vocabulary import PROVIDERS

_VERSION = re.compile(r"(?i)_?-?version$")
_VERSION_VALUE = re.compile(
    r"^\d{4}-\d{2}-\d{2}(?:-preview)?$|^\d{4}(?:-preview)?$|^\d{1,3}$|^turbo-\d{4}-\d{2}-\d{2}$"
)
_DATE = re.compile(r"^\d{4}-\d{2}-\d{2}$")
_NAME_SUFFIX = re.compile(r"(?i)(?:[_-]?name|[_-]?id)$")
# The search starts at the word, which is rarer than what may stand before it.
_VERSION_BOUND = re.compile(
    r"(?<=[\w-])[Vv](?:ersion|ERSION)\b[\"']?(?!\s*(?:[=!]=|[,).\]]))(?:\s*[:=]\s*[\"']?(?P<near>\d{4}|\d{1,2})(?![\w-])|"
    r"[\s\w:={}$\"'\\,.?()-]{0,160}?(?P<value>(?<![\w-])(?:turbo-)?\d{4}-\d{2}-\d{2}(?![\w-])"
    r"|(?<=[\"'])(?:\d{4}|\d{1,2})(?=\\?[\"'])|(?<==)\d{1,2}(?=\})))"
)
_STEM = re.compile(r"\b(?P<stem>[A-Za-z][\w-]{2,60}?)_?-?$")
_STEM_ROOM = 64
_USED = re.compile(
    r"\bname\s*[:=]\s*(?:(?:var|local)\.)?(?P<used>[A-Za-z]\w{2,})\b[^{}]{0,200}?"
    r"\bversion\s*[:=]\s*(?:[\"'](?P<value>\d{4}(?:-\d{2}-\d{2})?)[\"']|(?:(?:var|local)\.)?(?P<variable>[A-Za-z]\w*))"
)
_SET = re.compile(r"\b(?P<name>[A-Za-z]\w*)(?:\s+string)?\s*=\s*[\"'](?P<value>\d{4}(?:-\d{2}-\d{2})?)[\"']")
_UPGRADE = re.compile(r"(?i)version_?upgrade_?option[\"']?\s*[:=]\s*[\"'](\w+)")
_AROUND = 600  # how far a deployment reaches around its model's name
_FLAG = re.compile(r"--model-version[=\s]+[\"']?([\w.-]+)")
_MOVING = "oncenewdefaultversionavailable"
_COMMIT = re.compile(r"^[0-9a-f]{40}$")
_INFRASTRUCTURE = (".bicep", ".bicepparam", ".tf", ".tfvars")
_ARM_TEMPLATE = "/deploymentTemplate.json#"  # in its `$schema`
_AZURE_DOC = "https://learn.microsoft.com/azure/foundry/foundry-models/concepts/model-versions"


def deployed(model: ModelId, path: str, text: str) -> ModelId:
    """Return the identity of a model that infrastructure code deploys under Azure's own spelling (`gpt-35-turbo`)."""
    if model.provider != "azure" or model.pin != "unknown":
        return model
    if not path.lower().endswith(_INFRASTRUCTURE) and _ARM_TEMPLATE not in text[:_AROUND]:
        return model
    return replace(
        model, pin="floating", why="deployed without a version, it follows Azure's default", doc_url=_AZURE_DOC
    )


def pin_beside(model: ModelId, mention: Mention, text: str) -> ModelId:
    """Return the identity of a name with what stands beside it: a version field, a revision, `X_VERSION` for `X`."""
    kinds = ("pair", "argument", "default", "scope", "assign")
    bound = [s for s in mention.steps if s.kind in kinds and (s.name or s.items)][:3]
    if not bound or model.pin == "pinned":
        return model
    step = bound[0]
    version = _version_beside(step)
    option = _upgrade_option(text, mention.start)
    if _VERSION_VALUE.match(version) or (version := _deployed_version(step)):
        return _with_version(model, version, option)
    flagged = _flagged_version(step.items) or _flagged_in(mention.literal)
    if flagged:
        return _with_version(model, flagged, option)
    named = next((found for s in bound if (found := _named_version(s.name, text))), None)
    named = named or _versions_where_used(text).get(step.name)
    if named:
        return _with_version(model, named, option)
    revision = step.siblings.get("revision", "")
    if _COMMIT.match(revision):
        return replace(model, pin="pinned", why=f"revision {revision[:12]} beside it is a commit")
    return model


def _version_beside(step: Step) -> str:
    """Return the version that stands beside a name under the same stem: `name` and `version`, `model_name` and
    `model_version`. An `apiVersion` is another matter."""
    if not _is_name(step):
        return ""
    stems = (_squeezed(_NAME_SUFFIX.sub("", step.name)), "deployment")
    versions = [
        (key, value.strip("\"' "))
        for key, value in step.siblings.items()
        if _VERSION.search(key) and _squeezed(_VERSION.sub("", key)) in stems
    ]
    # A bare `version: 1` is that of the whole file, unless a deployment is described.
    of_model = any(key.lower() == "format" for key in step.siblings)
    return next((v for k, v in versions if of_model or len(v) > 3 or "model" in k.lower()), "")


def _deployed_version(step: Step) -> str:
    """Return the date among the arguments of what deploys a model: `AddDeployment("chat", "gpt-4o", "2024-08-06")`."""
    deploys = step.kind == "argument" and not step.name and "deployment" in step.owner.lower()
    return next((item for item in step.items if _DATE.match(item)), "") if deploys else ""


def _flagged_version(words: tuple[str, ...]) -> str | None:
    """Return the version that a command gives in a flag: `--model-name gpt-4o --model-version 2024-08-06`."""
    flags = {flag: value for flag, value in pairwise(words) if flag.startswith("--")}
    version = flags.get("--model-version", "")
    return version if _VERSION_VALUE.match(version) else None


def _flagged_in(command: str) -> str | None:
    """Return the version in the flag of a command that stands in one text."""
    found = _FLAG.search(command)
    return found[1] if found and _VERSION_VALUE.match(found[1]) else None


def _named_version(name: str, text: str) -> str | None:
    """Return the version that a binding of the same stem gives: `chatModelVersion` for `chatModelName`."""
    stem = _NAME_SUFFIX.sub("", name.rsplit(".", 1)[-1])
    if len(stem) < 3 or stem.lower() in PROVIDERS:
        return None  # `anthropic_version` is that of an API
    return _versions(text).get(_squeezed(stem))


@lru_cache(maxsize=4)
def _versions_where_used(text: str) -> dict[str, str]:
    """Map a parameter or local to the version of what it deploys: `name: chatModelName`, `version: '2024-08-06'`."""
    if "ersion" not in text:
        return {}
    used = list(_USED.finditer(text))
    told = {m["name"]: m["value"] for m in _SET.finditer(text)} if any(m["variable"] for m in used) else {}
    return {m["used"]: m["value"] or told.get(m["variable"], "") for m in used}


@lru_cache(maxsize=4)
def _versions(text: str) -> dict[str, str]:
    """Map the stem of every `<stem>Version` binding of a file to its value."""
    if "ersion" not in text.lower():
        return {}
    bound = ((_STEM.search(text, max(0, m.start() - _STEM_ROOM), m.start()), m) for m in _VERSION_BOUND.finditer(text))
    found = {_squeezed(stem["stem"]): m["near"] or m["value"] for stem, m in bound if stem}
    # `chatDeploymentVersion` is that of `chatModelName`, where no `chatModelVersion` says it.
    return {stem.removesuffix("deployment"): value for stem, value in found.items()} | found


def _squeezed(name: str) -> str:
    return re.sub(r"[^a-z0-9]|model$", "", name.lower())


def _is_name(step: Step) -> bool:
    return step.name.lower().endswith(("name", "model", "model_name", "modelname", "--model-name"))


def _upgrade_option(text: str, offset: int) -> str:
    """Return what the deployment around an offset says about upgrades; empty where it says nothing."""
    before, after = text[max(0, offset - _AROUND) : offset], text[offset : offset + _AROUND]
    before = before[max(before.rfind("\nresource"), before.rfind("\n}")) + 1 :]
    after = after[: min((at for at in (after.find("\nresource"), after.find("\n}")) if at >= 0), default=_AROUND)]
    found = _UPGRADE.search(after) or next(iter(reversed(list(_UPGRADE.finditer(before)))), None)
    return found[1] if found else ""


def _with_version(model: ModelId, version: str, option: str) -> ModelId:
    if option.lower() == _MOVING:
        return replace(
            model, pin="floating", why=f"version {version}, but Azure may move it ({option})", doc_url=_AZURE_DOC
        )
    return replace(model, pin="pinned", preview=False, resolves_to=None, why=f"version {version} stands beside it")
