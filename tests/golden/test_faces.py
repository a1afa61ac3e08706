from __future__ import annotations

import pytest

from tests.golden.write import HERE, faces

FACES = dict(faces())


@pytest.mark.parametrize("name", FACES)
def test_each_face_is_as_it_was_reviewed(name: str) -> None:
    golden = (HERE / name).read_text(encoding="utf-8")
    assert FACES[name] == golden, "read the difference, then run: python -m tests.golden.write"


def test_no_golden_file_is_left_over() -> None:
    kept = {str(path.relative_to(HERE)) for folder in HERE.iterdir() if folder.is_dir() for path in folder.glob("*.*")}
    assert {name for name in kept if "__pycache__" not in name} == set(FACES)
