"""A shallow clone of a private repository, whose missing commits only the job's token can fetch."""

from __future__ import annotations

import base64
from pathlib import Path

import pytest

from tests.integration.action_fixture import checkout, job
from tests.integration.github_fixture import TOKEN
from tests.integration.test_action import shallow
from tests.support.git_server import git_server
from tests.unit.gh.runner import commands

EXPECTED = "basic " + base64.b64encode(f"x-access-token:{TOKEN}".encode()).decode()


@pytest.mark.parametrize(("accepted", "code"), [(EXPECTED, 0), ("basic b3RoZXI=", 2)])
def test_a_shallow_private_clone_is_deepened_with_the_token_or_says_what_to_set(
    tmp_path: Path, accepted: str, code: int
) -> None:
    whole = checkout(tmp_path / "whole", {"a.txt": "1"}, {"notes.txt": "x"})
    clone = shallow(whole, tmp_path / "workspace", 1)
    with git_server(whole.root, accepted) as git, job(tmp_path, clone) as started:
        clone.repository.git("remote", "set-url", "origin", f"{git.url}/.git")
        server = git.url.rsplit("/", 1)[0]
        result = started.run(GITHUB_SERVER_URL=server)
        assert result.code == code, result.log
        assert EXPECTED in git.authorizations
        assert TOKEN not in (clone.root / ".git" / "config").read_text(encoding="utf-8")
        assert EXPECTED not in result.log
        if code:
            assert "fetch-depth: 0" in commands(result.log)[0].data


def test_the_token_is_not_sent_to_another_server_than_the_workflows(tmp_path: Path) -> None:
    whole = checkout(tmp_path / "whole", {"a.txt": "1"}, {"notes.txt": "x"})
    clone = shallow(whole, tmp_path / "workspace", 1)
    with git_server(whole.root, EXPECTED) as git, job(tmp_path, clone) as started:
        clone.repository.git("remote", "set-url", "origin", f"{git.url}/.git")
        assert started.run().code == 2
        assert set(git.authorizations) == {""}
