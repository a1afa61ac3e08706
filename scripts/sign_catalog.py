"""Sign a data release, or make the key for it (docs/catalog.md says when).

python -m scripts.sign_catalog --new-key | gh secret set CATALOG_SIGNING_KEY --env catalog
    adds the public half to the package and writes the secret half to the pipe, never to a screen or a file
python -m scripts.sign_catalog catalog.json
    writes catalog.json.sig, a line for each key in CATALOG_SIGNING_KEY (two while one key follows another)
"""

from __future__ import annotations

import base64
import binascii
import json
import os
import sys
from pathlib import Path

from nacl.signing import SigningKey

from pinward.lifecycle.release import Refused, opened, package_keys

KEYS = Path(__file__).parents[1] / "src" / "pinward" / "lifecycle" / "data" / "keys.json"
VARIABLE = "CATALOG_SIGNING_KEY"


def sign(data: bytes, secrets: str) -> bytes:
    """Return the signatures' text, a line for each of the secrets, as it stands beside the data."""
    keys = [SigningKey(base64.b64decode(secret, validate=True)) for secret in secrets.split()]
    return b"".join(base64.b64encode(key.sign(data).signature) + b"\n" for key in keys)


def new_key(keys: Path) -> str:
    """Add a new public key to a key file, and return its secret half."""
    key = SigningKey.generate()
    document = json.loads(keys.read_text(encoding="utf-8"))
    document["ed25519"].append(base64.b64encode(bytes(key.verify_key)).decode())
    keys.write_text(json.dumps(document) + "\n", encoding="utf-8")
    return base64.b64encode(bytes(key)).decode()


def _make() -> int:
    if sys.stdout.isatty():
        print("The secret half is not shown: pipe it to where it is kept, as this file's first lines say.")
        return 1
    print(new_key(KEYS))
    print(f"The public half stands in {KEYS}: commit it.", file=sys.stderr)
    return 0


def _sign(path: Path) -> int:
    data = path.read_bytes()
    try:
        signature = sign(data, os.environ.get(VARIABLE, ""))
        opened(data, signature, package_keys())
    except (Refused, ValueError, TypeError, binascii.Error) as why:
        said = str(why) if isinstance(why, Refused) else "it holds no key"
        print(f"{path} was not signed with {VARIABLE}: {said}", file=sys.stderr)
        return 1
    path.with_name(f"{path.name}.sig").write_bytes(signature)
    return 0


def main(arguments: list[str]) -> int:
    """Do one of the two."""
    if arguments == ["--new-key"]:
        return _make()
    if len(arguments) != 1 or arguments[0].startswith("-"):
        print(__doc__)
        return 2
    return _sign(Path(arguments[0]))


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
