"""Sign a data release, or make the key for it.

    python scripts/sign_catalog.py --new-key           adds the public half to the package, prints the secret half once
    python scripts/sign_catalog.py catalog.json        writes catalog.json.sig; the key is in CATALOG_SIGNING_KEY

The secret half belongs into the environment `catalog` of the repository's settings, and nowhere else.
"""

from __future__ import annotations

import base64
import json
import os
import sys
from pathlib import Path

from nacl.signing import SigningKey

KEYS = Path(__file__).parents[1] / "src" / "pinward" / "lifecycle" / "data" / "keys.json"


def sign(data: bytes, secret: str) -> bytes:
    """Return the signature's text, as it stands beside the data."""
    key = SigningKey(base64.b64decode(secret, validate=True))
    return base64.b64encode(key.sign(data).signature) + b"\n"


def new_key(keys: Path) -> str:
    """Add a new public key to a key file, and return its secret half."""
    key = SigningKey.generate()
    document = json.loads(keys.read_text(encoding="utf-8"))
    document["ed25519"].append(base64.b64encode(bytes(key.verify_key)).decode())
    keys.write_text(json.dumps(document) + "\n", encoding="utf-8")
    return base64.b64encode(bytes(key)).decode()


def main(argument: str) -> int:
    """Do one of the two."""
    if argument == "--new-key":
        print(new_key(KEYS))
        return 0
    secret = os.environ.get("CATALOG_SIGNING_KEY", "")
    if not secret:
        print("CATALOG_SIGNING_KEY is not set")
        return 1
    path = Path(argument)
    path.with_name(f"{path.name}.sig").write_bytes(sign(path.read_bytes(), secret))
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1]))
