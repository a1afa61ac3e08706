"""What stands in the way of a release."""

from __future__ import annotations

import pytest

from scripts.check_release import elsewhere, in_tree, problems, tracked


def test_the_tree_could_be_released_as_what_it_says_it_is() -> None:
    assert problems(in_tree(), "refs/heads/main") == []
    assert elsewhere(in_tree(), tracked()) == []


@pytest.mark.parametrize(
    ("version", "ref", "says"),
    [
        ("v1", "refs/heads/main", "is not a version"),
        ("99.0.0", "refs/heads/main", "version.py says another version"),
        ("99.0.0", "refs/heads/main", "CHANGELOG.md has no section"),
        (in_tree(), "refs/heads/topic", "releases are made from main"),
    ],
)
def test_what_does_not_agree_is_named(version: str, ref: str, says: str) -> None:
    assert any(says in sentence for sentence in problems(version, ref))


def test_a_version_that_stands_in_another_place_is_named() -> None:
    files = {"README.md": "Pinward 1.2.3", "src/pinward/version.py": "1.2.3", "a.md": "11.2.3 and 1.2.30 and 1.2.3.4"}
    assert elsewhere("1.2.3", files) == ["README.md states the version too"]
