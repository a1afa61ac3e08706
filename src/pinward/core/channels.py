"""The names under which channels are written, and whose family a model name belongs to. Data only.

A channel is who answers a request: the same model has other ids, dates and prices on another channel.
"""

from __future__ import annotations

import re

# Who makes models and serves them under their own name.
MAKERS = frozenset({"openai", "anthropic", "gemini", "mistral", "cohere", "xai", "deepseek"})
# Who passes a request on, with ids `author/model`.
GATEWAYS = frozenset({"openrouter", "vercel"})
# Who serves open weights, often under the author's repository name.
HOSTS = frozenset({
    "anyscale", "baseten", "cerebras", "cloudflare", "deepinfra", "fireworks", "github", "groq", "huggingface",
    "hyperbolic", "lambda", "lmstudio", "nebius", "novita", "nvidia", "ollama", "perplexity", "replicate", "sambanova",
    "siliconflow", "together", "vllm",
})  # fmt: skip

# Channels whose names nobody else gives: Groq's endings beside the makers' families.
OWN_NAMES = MAKERS | {"groq"}

# Prefix before `/` or `:`, lower case, `-` written as `_` -> channel. "litellm" is transparent: what follows decides.
PREFIXES = {
    "openai": "openai", "openai_chat": "openai", "openai_responses": "openai", "text_completion_openai": "openai",
    "anthropic": "anthropic", "anthropic_text": "anthropic",
    "gemini": "gemini", "google_gla": "gemini", "google_genai": "gemini", "google_ai_studio": "gemini",
    "googleai": "gemini",
    "vertex": "vertex", "vertex_ai": "vertex", "vertex_ai_beta": "vertex", "vertexai": "vertex",
    "google_vertex": "vertex", "google_vertexai": "vertex", "google_anthropic_vertex": "vertex",
    "bedrock": "bedrock", "bedrock_converse": "bedrock", "bedrock_mantle": "bedrock", "amazon_bedrock": "bedrock",
    "aws_bedrock": "bedrock", "anthropic_bedrock": "bedrock",
    "azure": "azure", "azure_ai": "azure", "azure_openai": "azure", "azure_text": "azure", "azureopenai": "azure",
    "azure_foundry": "azure",
    "mistral": "mistral", "codestral": "mistral", "text_completion_codestral": "mistral",
    "cohere": "cohere", "cohere_chat": "cohere",
    "xai": "xai", "deepseek": "deepseek", "groq": "groq",
    "openrouter": "openrouter", "vercel_ai_gateway": "vercel", "vercel": "vercel", "ai_gateway": "vercel",
    "ollama": "ollama", "ollama_chat": "ollama",
    "huggingface": "huggingface", "hf": "huggingface",
    "together_ai": "together", "together": "together", "fireworks_ai": "fireworks", "fireworks": "fireworks",
    "perplexity": "perplexity", "replicate": "replicate", "cerebras": "cerebras", "sambanova": "sambanova",
    "deepinfra": "deepinfra", "anyscale": "anyscale", "nvidia_nim": "nvidia", "novita": "novita", "nebius": "nebius",
    "hyperbolic": "hyperbolic", "lambda_ai": "lambda", "cloudflare": "cloudflare", "github": "github",
    "github_models": "github", "baseten": "baseten", "hosted_vllm": "vllm", "vllm": "vllm", "lm_studio": "lmstudio",
    "lmstudio": "lmstudio", "watsonx": "watsonx", "sagemaker": "sagemaker", "snowflake": "snowflake",
    "databricks": "databricks", "voyage": "voyage", "jina_ai": "jina", "ai21": "ai21", "moonshot": "moonshot",
    "dashscope": "dashscope", "zai": "zai", "github_copilot": "github_copilot", "litellm_proxy": "litellm_proxy",
    "litellm": "litellm", "gateway": "litellm",
}  # fmt: skip

# Names that stand before `:` only, or name a client library; before `/` they are an author's.
COLON_PREFIXES = {
    "google": "gemini", "google_generativeai": "gemini", "generativeai": "gemini",
    "mistralai": "mistral", "grok": "xai", "x_ai": "xai", "aws": "bedrock", "boto3": "bedrock",
    "aistudio": "gemini", "palm": "gemini",
}  # fmt: skip

# Authors as gateways write them -> the maker whose rule holds.
AUTHORS = {
    "openai": "openai", "anthropic": "anthropic", "google": "gemini", "mistralai": "mistral", "mistral": "mistral",
    "cohere": "cohere", "x-ai": "xai", "xai": "xai", "deepseek": "deepseek",
}  # fmt: skip

# Beginnings of names -> whose family it is. The first that matches decides.
_HOMES = {
    "openai": (
        r"gpt-(?!35-|oss:)|chatgpt-|chat-latest|o[1-9](?:-|$)|dall-e-|whisper-1$|tts-1|omni-moderation|sora-|codex-"
        r"|computer-use-preview|text-(?:embedding-(?:3|ada)|moderation|davinci|curie|babbage|ada|search|similarity)"
        r"|(?:ada|babbage|curie|davinci)$|(?:davinci|babbage)-002|code-(?:davinci|cushman|search)|ft[:-](?:gpt-|o\d|babbage|davinci)"
    ),
    "anthropic": r"claude-",
    "gemini": (
        r"gemini-|imagen-|veo-|lyria-|learnlm-|gemma-4-|antigravity-|deep-research-|nano-banana"
        r"|embedding-(?:001|gecko|2)|text-embedding-004"
    ),
    "vertex": (
        r"textembedding-gecko|text-embedding-005|text-multilingual-embedding|multimodalembedding"
        r"|(?:text|chat|code|codechat)-(?:bison|gecko)"
    ),
    "mistral": (
        r"mistral-|ministral-|magistral-|codestral-|devstral-|voxtral-|pixtral-"
        r"|open-(?:mi[sx]tral|codestral)|labs-"
    ),
    "cohere": r"command(?:-|$)|embed-(?:english|multilingual|v\d)|rerank-|c4ai-|tiny-aya-",
    "xai": r"grok-",
    "deepseek": r"deepseek-(?:chat|coder|reasoner|flash|pro|v\d)",
    # Elsewhere these open weights have other endings, or their repository's name.
    "groq": r"(?:llama|mixtral|llava|deepseek-r1-distill)[\w.-]*-(?:versatile|instant|specdec|8192|32768|preview)$",
}
_HOME = re.compile("|".join(f"(?P<{name}>{pattern})" for name, pattern in _HOMES.items()))


def home(model: str) -> str | None:
    """Return the maker's own channel of a bare name in lower case, or None where the name does not tell."""
    found = _HOME.match(model)
    return found.lastgroup if found else None
