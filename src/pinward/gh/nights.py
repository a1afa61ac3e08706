"""What earlier nights saw, kept on a data branch of the repository itself: one file, appended to, never run.

The branch has no commit in common with the code. Whoever may push to the repository may write it, so that its text is
read like any other hostile text (`core.observation`).
"""

from __future__ import annotations

from typing import Any

from pinward.errors import PublishError
from pinward.gh.client import Fault, GitHub
from pinward.gh.patience import Patience

BRANCH = "pinward-nights"
PATH = "nights.jsonl"
NEED = "contents: write"
MAX_BYTES = 1_000_000  # what GitHub's contents API gives as text
MESSAGE = "Keep what tonight's evaluation saw"


class BranchNights:
    """The file on the data branch. Raises `PublishError` where GitHub does not give or take it."""

    def __init__(self, github: GitHub, patience: Patience) -> None:
        self._github = github
        self._patience = patience
        self._sha = ""

    def read(self) -> str:
        """Return the file's text; empty where there is none yet."""

        def look() -> tuple[str, str]:
            try:
                found: Any = self._github.ask(lambda repo: repo.get_contents(PATH, ref=BRANCH))
            except Fault as fault:
                if fault.status != 404:
                    raise
                return "", ""
            if isinstance(found, list) or found.size > MAX_BYTES or found.encoding != "base64":
                raise PublishError(f"{PATH} on the branch {BRANCH} is no file of ours", f"Delete the branch {BRANCH}.")
            return found.decoded_content.decode("utf-8", "replace"), found.sha

        text, self._sha = self._patience.ask("question about earlier nights", look, "contents: read")
        return text

    def write(self, text: str) -> None:
        """Replace the file that was read last; GitHub refuses where another night has written since."""
        work = self._update if self._sha else self._begin
        self._patience.ask("night", lambda: work(text), NEED)

    def _update(self, text: str) -> None:
        self._github.ask(lambda repo: repo.update_file(PATH, MESSAGE, text, self._sha, branch=BRANCH))

    def _begin(self, text: str) -> None:
        """Make the branch with the file as its only commit; where somebody made it without the file, add that."""
        entry = {"path": PATH, "mode": "100644", "type": "blob", "content": text}
        try:
            tree = self._github.send("POST", "git/trees", {"tree": [entry]})["sha"]
            commit = {"message": MESSAGE, "tree": tree, "parents": []}
            sha = self._github.send("POST", "git/commits", commit)["sha"]
            self._github.send("POST", "git/refs", {"ref": f"refs/heads/{BRANCH}", "sha": sha})
        except Fault as fault:
            if fault.status != 422:  # GitHub answers so where the reference exists
                raise
            self._github.ask(lambda repo: repo.create_file(PATH, MESSAGE, text, branch=BRANCH))
