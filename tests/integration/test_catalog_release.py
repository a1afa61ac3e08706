"""Signed data over a real server: what is newer and ours is taken, everything else leaves the embedded catalog."""

from __future__ import annotations

import base64
import json
import os
import shutil
import subprocess
import sys
from collections.abc import Callable
from datetime import date, timedelta
from importlib.resources import files
from pathlib import Path
from typing import Any

import pytest
from nacl.signing import SigningKey

from pinward.commands.catalog import Data, current, fetched, refresh, show, verify
from pinward.core.facts import CATALOG_PROMISE
from pinward.errors import ConfigError, ExitCode, UnavailableError
from pinward.lifecycle.catalog import load
from pinward.lifecycle.release import package_keys
from scripts.sign_catalog import sign
from tests.support.json_server import json_server

SECRET = SigningKey(b"k" * 32)
OURS = base64.b64encode(bytes(SECRET)).decode()
KEYS = (bytes(SECRET.verify_key),)
EMBEDDED = json.loads(files("pinward.lifecycle").joinpath("data", "catalog.json").read_text(encoding="utf-8"))
COMPILED = date.fromisoformat(EMBEDDED["compiled_on"])
NEWER, TODAY = COMPILED + timedelta(days=27), COMPILED + timedelta(days=28)
Change = Callable[[dict[str, Any]], object]


def release(change: Change | None = None) -> bytes:
    document = json.loads(json.dumps(EMBEDDED))
    document["compiled_on"] = NEWER.isoformat()
    document["providers"]["openai"]["gpt-9"] = ["snapshot", "active", 0, NEWER.isoformat(), "first-party"]
    if change:
        change(document)
    return json.dumps(document).encode()


def served(content: bytes, signature: bytes) -> dict[str, bytes]:
    return {"/catalog.json": content, "/catalog.json.sig": signature}


def test_newer_signed_data_is_fetched_kept_and_used(tmp_path: Path) -> None:
    content = release()
    said: list[str] = []
    with json_server(served(content, sign(content, OURS))) as server:
        data = Data(tmp_path / "kept", KEYS, server.url)
        assert refresh(data, TODAY, said.append) == ExitCode.OK
        assert refresh(data, TODAY, said.append) == ExitCode.OK
        assert fetched(data, TODAY)[0].compiled_on == NEWER
    catalog, notes = current(data, TODAY)
    assert (catalog.compiled_on, notes) == (NEWER, ())
    assert catalog.identify("openai/gpt-9").pin == "pinned"
    assert "is kept in" in said[0]
    assert said[1] == f"The catalog of {NEWER} is the newest.\n"


def row(**cells: Any) -> Change:
    def change(document: dict[str, Any]) -> None:
        target = document["providers"]["openai"]["gpt-9"]
        for index, value in cells.items():
            target += [None] * (int(index[1:]) + 1 - len(target))
            target[int(index[1:])] = value

    return change


@pytest.mark.parametrize(
    ("change", "why"),
    [
        (lambda d: d.update(schema="pinward.catalog/2"), "this version reads"),
        (lambda d: d.update(compiled_on=(TODAY + timedelta(days=2)).isoformat()), "which is not yet"),
        (lambda d: d["providers"]["openai"].pop("gpt-4o"), "1 models of openai are gone"),
        (lambda d: d["providers"].pop("anthropic"), "models of anthropic are gone"),
        (lambda d: d["providers"].update({"evil\n::error::": {"x": d["providers"]["openai"]["gpt-9"]}}), "no row can"),
        (
            lambda d: d["providers"]["openai"].update({"a`@all\nb": d["providers"]["openai"]["gpt-9"]}),
            "no row can have",
        ),
        (row(c0="mystery"), "no row can have"),
        (row(c6="0001-01-01", c7="fixed"), "no row can have"),
        (row(c6="soon", c7="fixed"), "not a catalog"),
        (row(c6="2027-01-01", c7="perhaps"), "no row can have"),
        (row(c12=0, c15="see\n::error::x"), "no row can have"),
        (row(c16=["2026-01-01\n::error::x"]), "no row can have"),
        (lambda d: d["strings"].__setitem__(0, "x\n::error::"), "no row can have"),
        (lambda d: d.pop("providers"), "not a catalog"),
    ],
)
def test_t32_signed_data_that_is_amiss_is_refused_and_the_embedded_catalog_stands(
    tmp_path: Path, change: Change, why: str
) -> None:
    content = release(change)
    with json_server(served(content, sign(content, OURS))) as server:
        catalog, notes = fetched(Data(None, KEYS, server.url), TODAY)
        with pytest.raises(UnavailableError, match="was not taken"):
            refresh(Data(tmp_path, KEYS, server.url), TODAY, print)
    assert catalog.compiled_on == load().compiled_on
    assert why in notes[0]
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize(
    ("signature", "keys"),
    [
        (sign(release() + b" ", OURS), KEYS),
        (sign(release(), base64.b64encode(b"x" * 32).decode()), KEYS),
        (b"", KEYS),
        (b"not base64 at all", KEYS),
        (base64.b64encode(b"\0" * 64), KEYS),
        (sign(release(), OURS), ()),
    ],
)
def test_t32_data_that_no_key_of_ours_signed_is_refused(signature: bytes, keys: tuple[bytes, ...]) -> None:
    with json_server(served(release(), signature)) as server:
        catalog, notes = fetched(Data(None, keys, server.url), TODAY)
    assert catalog.compiled_on == load().compiled_on
    assert "signature is none of ours" in notes[0] or "carries no key" in notes[0]


def test_older_data_is_left_and_no_network_is_a_note() -> None:
    older = release(lambda d: d.update(compiled_on="2026-01-01"))
    with json_server(served(older, sign(older, OURS))) as server:
        catalog, notes = fetched(Data(None, KEYS, server.url), TODAY)
    assert (catalog.compiled_on, notes) == (load().compiled_on, ())
    catalog, notes = fetched(Data(None, KEYS, server.url), TODAY)
    assert "could not be fetched: could not connect" in notes[0]
    assert catalog.compiled_on == load().compiled_on


def test_kept_data_that_was_changed_afterwards_is_not_taken(tmp_path: Path) -> None:
    content = release()
    (tmp_path / "catalog.json").write_bytes(content.replace(b"gpt-9", b"gpt-8"))
    (tmp_path / "catalog.json.sig").write_bytes(sign(content, OURS))
    catalog, notes = current(Data(tmp_path, KEYS), TODAY)
    assert catalog.compiled_on == load().compiled_on
    assert notes == ("the saved catalog was not taken: its signature is none of ours",)
    with pytest.raises(ConfigError, match="signature"):
        verify(tmp_path / "catalog.json", Data(tmp_path, KEYS), TODAY, print)


def test_verify_fails_once_the_data_is_older_than_its_promise() -> None:
    said: list[str] = []
    data = Data(None, ())
    assert verify(None, data, COMPILED + CATALOG_PROMISE, said.append) == ExitCode.OK
    assert verify(None, data, COMPILED + CATALOG_PROMISE + timedelta(days=1), said.append) == ExitCode.BLOCKED
    assert "older than its promise of 45 days" in said[-1]


def test_show_lists_every_row_of_a_provider() -> None:
    said: list[str] = []
    show(load(), TODAY, "openai", "console", said.append)
    assert len(said[0].splitlines()) == len(load().ids("openai"))
    show(load(), TODAY, "openai", "json", said.append)
    assert {r["id"] for r in json.loads(said[1])} == set(load().ids("openai"))
    show(load(), TODAY, None, "json", said.append)
    assert json.loads(said[2])["providers"]["openai"]["retired"] > 10


def make(folder: Path, *arguments: str, **variables: str) -> subprocess.CompletedProcess[str]:
    """Run the maintainers' command in a copy of the repository's scripts and package."""
    command = [sys.executable, "-m", "scripts.sign_catalog", *arguments]
    environ = {"PATH": os.environ["PATH"], "PYTHONPATH": f"{folder / 'src'}:{folder}", **variables}
    return subprocess.run(command, cwd=folder, env=environ, capture_output=True, text=True, check=False)


def test_one_key_follows_another_and_no_client_is_left_without_data(tmp_path: Path) -> None:
    root = Path(__file__).parents[2]
    shutil.copytree(root / "scripts", tmp_path / "scripts")
    shutil.copytree(root / "src", tmp_path / "src")
    keys = tmp_path / "src" / "pinward" / "lifecycle" / "data" / "keys.json"
    keys.write_text('{"schema": "pinward.keys/1", "ed25519": []}', encoding="utf-8")
    content = release()
    (tmp_path / "catalog.json").write_bytes(content)

    first = make(tmp_path, "--new-key")
    assert "keys.json: commit it" in first.stderr
    old_version = public(keys)
    second = make(tmp_path, "--new-key")
    both_version, new_version = public(keys), public(keys)[1:]
    assert (len(old_version), len(both_version)) == (1, 2)
    assert make(tmp_path, "catalog.json", CATALOG_SIGNING_KEY=first.stdout + second.stdout).returncode == 0

    signature = (tmp_path / "catalog.json.sig").read_bytes()
    assert len(signature.splitlines()) == 2
    with json_server(served(content, signature)) as server:
        for known in (old_version, both_version, new_version):
            assert fetched(Data(None, known, server.url), TODAY)[0].compiled_on == NEWER
        stranger = SigningKey(b"s" * 32).verify_key
        catalog, notes = fetched(Data(None, (bytes(stranger),), server.url), TODAY)
    assert catalog.compiled_on == COMPILED
    assert "its signature is none of ours" in notes[0]


def public(keys: Path) -> tuple[bytes, ...]:
    return tuple(base64.b64decode(key) for key in json.loads(keys.read_text(encoding="utf-8"))["ed25519"])


@pytest.mark.parametrize("secret", ["", "not a key", base64.b64encode(b"x" * 32).decode()])
def test_a_release_is_never_signed_with_a_key_that_the_package_does_not_carry(tmp_path: Path, secret: str) -> None:
    root, path = Path(__file__).parents[2], tmp_path / "catalog.json"
    path.write_bytes(release())
    environ = {**os.environ, "PYTHONPATH": f"{root / 'src'}:{root}", "CATALOG_SIGNING_KEY": secret}
    command = [sys.executable, "-m", "scripts.sign_catalog", str(path)]
    done = subprocess.run(command, env=environ, capture_output=True, text=True, check=False)
    assert done.returncode == 1
    assert secret not in done.stderr or not secret
    assert not path.with_name("catalog.json.sig").exists()


def test_the_keys_of_the_package_are_keys() -> None:
    assert all(len(key) == 32 for key in package_keys())
