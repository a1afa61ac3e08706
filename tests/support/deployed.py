"""An application's folder: `pinward.yml` and a prompt file, as deployed."""

from __future__ import annotations

from pathlib import Path

PROMPTS = """\
versions:
  - version: 1
    messages: [{role: user, content: "Read {{ input }}"}]
  - version: 2
    models: [two/new]
    params: {max_tokens: 50}
    messages: [{role: system, content: "Be short."}, {role: user, content: "Read this: {{ input }}"}]
"""


def config(percent: object = 10, providers: str = "", extra: str = "") -> str:
    return f"""\
version: 1
tasks:
  extract:
    model: one/old
    candidate: [two/new]
    fallbacks: [three/other]
    params: {{temperature: 0, max_tokens: 100, seed: 7}}
    prompts: prompts/extract.yml
    rollout: {{percent: {percent}, metrics: {{file: metrics/extract.json}}}}
{extra}providers:
{providers or "  one: {type: openai, base_url: 'https://one.example/v1'}"}
"""


def deploy(root: Path, text: str | None = None, prompts: str = PROMPTS) -> Path:
    """Write both files and return the path of the configuration."""
    (root / "prompts").mkdir(parents=True, exist_ok=True)
    (root / "prompts" / "extract.yml").write_text(prompts, encoding="utf-8")
    (root / "pinward.yml").write_text(config() if text is None else text, encoding="utf-8")
    return root / "pinward.yml"
