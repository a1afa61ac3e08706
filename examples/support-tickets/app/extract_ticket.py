"""Read one support ticket and print what the help desk's importer takes: customer, order and product as JSON.

    python app/extract_ticket.py ticket.txt

Model, parameters and prompt come from `pinward.yml`, so that what runs here is what `pinward gate` has proven.
"""

from __future__ import annotations

import json
import sys
from fnmatch import fnmatchcase
from pathlib import Path
from urllib.request import Request, urlopen

import yaml

ROOT = Path(__file__).parents[1]
FIELDS = {"customer", "order", "product"}


class WrongAnswerError(ValueError):
    """The model answered with something that the importer cannot take."""


def parse(answer: str) -> dict[str, str]:
    """Take the answer as JSON with nothing around it; a ticket that cannot be read goes to a person."""
    try:
        ticket = json.loads(answer)
    except ValueError as error:
        raise WrongAnswerError(f"not JSON: {error}: {answer!r}") from None
    if not isinstance(ticket, dict) or ticket.keys() != FIELDS:
        raise WrongAnswerError(f"not a ticket: {answer!r}")
    return ticket


def choose_prompt(versions: list[dict], model: str) -> dict:
    """Return the newest version that names the model, or else the newest there is."""
    named = [v for v in versions if any(fnmatchcase(model, pattern) for pattern in v.get("models", ["*"]))]
    return (named or versions)[-1]


def build_request(ticket: str, root: Path = ROOT) -> tuple[str, dict]:
    """Return the address to post to and the body, as `pinward.yml` and its prompt file say."""
    project = yaml.safe_load((root / "pinward.yml").read_text(encoding="utf-8"))
    task = project["tasks"]["extract_ticket"]
    provider, _, model = task["model"].partition("/")
    prompt = choose_prompt(
        yaml.safe_load((root / task["prompts"]).read_text(encoding="utf-8"))["versions"], task["model"]
    )
    messages = [{**m, "content": m["content"].replace("{{ input }}", ticket)} for m in prompt["messages"]]
    body = {"model": model, "messages": messages, **task["params"]}
    if "response_schema" in prompt:
        schema = json.loads((root / prompt["response_schema"]).read_text(encoding="utf-8"))
        answer = {"name": "ticket", "strict": True, "schema": schema}
        body["response_format"] = {"type": "json_schema", "json_schema": answer}
    return f"{project['providers'][provider]['base_url']}/chat/completions", body


def extract(ticket: str, root: Path = ROOT) -> dict[str, str]:
    """Ask the model and parse its answer. Raises `WrongAnswerError`, or `OSError` without a server."""
    url, body = build_request(ticket, root)
    request = Request(url, json.dumps(body).encode(), {"content-type": "application/json"})
    with urlopen(request, timeout=60) as reply:
        return parse(json.load(reply)["choices"][0]["message"]["content"])


if __name__ == "__main__":
    print(json.dumps(extract(Path(sys.argv[1]).read_text(encoding="utf-8")), ensure_ascii=False))
