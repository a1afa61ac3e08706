"""Which licences may ship: what packages state, in every form that they state it in."""

from __future__ import annotations

import pytest

from scripts.check_licences import is_allowed, stated

OSI = "License :: OSI Approved :: "


@pytest.mark.parametrize(
    ("expression", "licence", "classifiers", "is_read_as"),
    [
        ("Apache-2.0 OR BSD-3-Clause", "ignored", [], "Apache-2.0 OR BSD-3-Clause"),
        (None, "MIT", [], "MIT"),
        (None, "Apache 2.0", ["Programming Language :: Python"], "Apache-2.0"),
        (None, "Copyright (c) somebody\nall of the text", [OSI + "BSD License"], "BSD"),
        (None, None, ["License :: OSI Approved", OSI + "MIT License"], "MIT"),
        (None, "MIT", [OSI + "GNU General Public License v3 (GPLv3)"], "GNU General Public License v3 (GPLv3)"),
        (None, None, [], ""),
    ],
)
def test_a_licence_is_read_from_where_it_is_stated(
    expression: str | None, licence: str | None, classifiers: list[str], is_read_as: str
) -> None:
    assert stated(expression, licence, classifiers) == is_read_as


@pytest.mark.parametrize("expression", ["MIT", "Apache-2.0 AND CNRI-Python", "GPL-3.0-only OR MIT", "(MIT AND ISC)"])
def test_allowed(expression: str) -> None:
    assert is_allowed("somebody", expression)


@pytest.mark.parametrize(
    "expression", ["", "GPL-3.0-only", "MIT AND GPL-3.0-only", "AGPL-3.0 OR SSPL-1.0", "LGPL", "Proprietary"]
)
def test_not_allowed(expression: str) -> None:
    assert not is_allowed("somebody", expression)


def test_an_exception_is_one_package_s() -> None:
    assert is_allowed("pygithub", "LGPL")
    assert not is_allowed("pygithub", "GPL-3.0-only")
