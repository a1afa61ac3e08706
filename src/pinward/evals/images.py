"""Images of a suite that stand in files of the repository: read when the suite is, sent as data."""

from __future__ import annotations

from base64 import b64encode
from posixpath import splitext

from pinward.core.fields import Field, located, suggestion
from pinward.core.policy import Json
from pinward.core.tree import Tree, locate
from pinward.errors import ConfigError

# What all of OpenAI, Anthropic and Gemini take (their vision guides).
TYPES = {".png": "png", ".jpg": "jpeg", ".jpeg": "jpeg", ".gif": "gif", ".webp": "webp"}
_REMOTE = ("https://", "data:image/")
_MARKS = {"png": b"\x89PNG", "jpeg": b"\xff\xd8\xff", "gif": b"GIF8", "webp": b"RIFF"}


def with_images(field: Field, tree: Tree, suite: str) -> Json:
    """Return a case's input with its image files as data URLs: `{image: path}`, and `images` of messages.

    Raises `ConfigError` where a file is missing or is no image of its kind.
    """
    value = field.value
    if isinstance(value, list):
        return [with_images(field.child(index, part), tree, suite) for index, part in enumerate(value)]
    if not isinstance(value, dict):
        return value
    if set(value) == {"image"} and isinstance(value["image"], str):
        return _image(field.child("image", value["image"]), tree, suite)
    read = {key: with_images(field.child(key, part), tree, suite) for key, part in value.items()}
    if isinstance(value.get("images"), list) and "content" in value:
        images = field.child("images", value["images"])
        read["images"] = [_image(image, tree, suite) for image in images.items("[photos/cat.png]")]
    return read


def _image(field: Field, tree: Tree, suite: str) -> Json:
    name = field.text("photos/cat.png")
    return name if name.startswith(_REMOTE) else located(field, lambda: data_url(tree, locate(tree, suite, name)))


def data_url(tree: Tree, path: str) -> str:
    """Return an image file as a `data:` URL. Raises `ConfigError` where it is no image of the kind that it is named."""
    ending = splitext(path)[1].lower()
    kind = TYPES.get(ending)
    if kind is None:
        raise ConfigError(f"{path}: images of the kind `{ending}` are not sent", suggestion(ending, TYPES))
    data = tree.read(path)
    if not data.startswith(_MARKS[kind]):
        raise ConfigError(f"{path}: is no {kind} image", "Name the file by what it is.")
    return f"data:image/{kind};base64,{b64encode(data).decode('ascii')}"
