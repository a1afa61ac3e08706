"""Pull requests, reviews, permissions, commits, refs and contents."""

from __future__ import annotations

import base64
import json
from hashlib import sha256
from typing import Any

from tests.integration.github_server.routing import Answer, Call, Page, Refusal, need, route, short, user
from tests.integration.github_server.shapes import shaped
from tests.integration.github_server.state import Pull, Review, State


def pull_body(state: State, call: Call, pull: Pull, schema: str = "pull-request") -> dict[str, Any]:
    root = f"{call.base_url}/repos/{state.repository}"
    here = {"id": state.repository_id, "full_name": state.repository}
    there = None if pull.head_repository is None else {**here, "id": pull.head_repository}
    return shaped(
        schema,
        id=pull.number,
        number=pull.number,
        state=pull.state,
        title=pull.title,
        body=pull.body,
        user=user(pull.author),
        merge_commit_sha=pull.merge_commit_sha,
        merged_at=pull.merged_at,
        html_url=f"https://github.test/{state.repository}/pull/{pull.number}",
        head={"sha": pull.head_sha, "ref": pull.head_ref, "repo": there, "user": user(pull.author)},
        base={"sha": pull.base_sha, "ref": pull.base_ref, "repo": here},
        url=f"{root}/pulls/{pull.number}",
        issue_url=f"{root}/issues/{pull.number}",
    )


@route("pulls/get", "pull-requests:read")
def get_pull(state: State, call: Call) -> Answer:
    return 200, pull_body(state, call, need(state.pulls.get(int(call.values["pull_number"]))))


@route("pulls/list", "pull-requests:read")
def list_pulls(state: State, call: Call) -> Answer:
    wanted, head = call.query.get("state", "open"), call.query.get("head")
    own = state.repository.split("/")[0]
    found = [
        pull_body(state, call, pull, "pull-request-simple")
        for pull in state.pulls.values()
        if wanted in ("all", pull.state) and head in (None, f"{pull.head_owner or own}:{pull.head_ref}")
    ]
    return 200, Page(found)


@route("repos/list-pull-requests-associated-with-commit", "pull-requests:read")
def pulls_of_commit(state: State, call: Call) -> Answer:
    sha = call.values["commit_sha"]
    found = [pull for pull in state.pulls.values() if sha in (pull.merge_commit_sha, *pull.commits)]
    return 200, Page([pull_body(state, call, pull, "pull-request-simple") for pull in found])


@route("pulls/create", "pull-requests:write")
def create_pull(state: State, call: Call) -> Answer:
    head, base = call.body["head"], call.body["base"]
    sha = need(state.refs.get(f"heads/{head}"))
    pull = Pull(state.next_number(), sha, need(state.refs.get(f"heads/{base}")), base, head)
    pull.title, pull.author = call.body.get("title", ""), call.actor.login
    pull.body = short(call.body.get("body") or "")
    state.pulls[pull.number] = pull
    return 201, pull_body(state, call, pull)


@route("pulls/update", "pull-requests:write")
def update_pull(state: State, call: Call) -> Answer:
    pull = need(state.pulls.get(int(call.values["pull_number"])))
    pull.title = call.body.get("title", pull.title)
    pull.body = short(call.body.get("body", pull.body) or "")
    pull.state = call.body.get("state", pull.state)
    return 200, pull_body(state, call, pull)


def review_body(review: Review) -> dict[str, Any]:
    return shaped(
        "pull-request-review",
        id=review.id,
        user=user(review.author),
        state=review.state,
        commit_id=review.commit_id,
    )


@route("pulls/list-reviews", "pull-requests:read")
def list_reviews(state: State, call: Call) -> Answer:
    number = int(call.values["pull_number"])
    return 200, Page([review_body(review) for review in state.reviews if review.pull == number])


@route("pulls/list-commits", "pull-requests:read")
def list_commits(state: State, call: Call) -> Answer:
    made = [(pull, login) for pull, login in state.contributions if pull == int(call.values["pull_number"])]
    return 200, Page([shaped("commit", author=user(login), committer=user("web-flow")) for _, login in made])


@route("repos/get-collaborator-permission-level")
def get_permission(state: State, call: Call) -> Answer:
    login = call.values["username"]
    permission = need(state.permissions.get(login))
    return 200, shaped(
        "repository-collaborator-permission", permission=permission, role_name=permission, user=user(login)
    )


@route("repos/compare-commits-with-basehead", "contents:read")
def compare(state: State, call: Call) -> Answer:
    status = need(state.comparisons.get(call.values["basehead"]))
    return 200, shaped("commit-comparison", status=status)


def ref_body(ref: str, sha: str) -> dict[str, Any]:
    return shaped("git-ref", ref=f"refs/{ref}", object={"type": "commit", "sha": sha.ljust(40, "0")})


@route("git/get-ref", "contents:read")
def get_ref(state: State, call: Call) -> Answer:
    return 200, ref_body(call.values["ref"], need(state.refs.get(call.values["ref"])))


@route("git/create-ref", "contents:write")
def create_ref(state: State, call: Call) -> Answer:
    name = call.body["ref"].removeprefix("refs/")
    if name in state.refs:
        raise Refusal(422, "Reference already exists")
    state.refs[name] = call.body["sha"]
    return 201, ref_body(name, call.body["sha"])


@route("git/update-ref", "contents:write")
def update_ref(state: State, call: Call) -> Answer:
    if call.values["ref"] not in state.refs:
        raise Refusal(422, "Reference does not exist")
    state.refs[call.values["ref"]] = call.body["sha"]
    for pull in state.pulls.values():
        if f"heads/{pull.head_ref}" == call.values["ref"]:
            pull.head_sha = call.body["sha"]
    return 200, ref_body(call.values["ref"], call.body["sha"])


@route("git/delete-ref", "contents:write")
def delete_ref(state: State, call: Call) -> Answer:
    need(state.refs.pop(call.values["ref"], None))
    return 204, None


@route("git/create-tree", "contents:write")
def create_tree(state: State, call: Call) -> Answer:
    """Keep a tree's changes under a name made from them."""
    if any(entry["path"].startswith(".github/workflows/") for entry in call.body["tree"]):
        raise Refusal(404, "Not Found")  # what GitHub answers a token without the `workflows` permission
    sha = sha256(json.dumps(call.body, sort_keys=True).encode()).hexdigest()[:40]
    state.trees[sha] = {entry["path"]: entry.get("content", "") for entry in call.body["tree"]}
    entries = [{"path": e["path"], "mode": e["mode"], "type": e["type"], "sha": sha} for e in call.body["tree"]]
    return 201, shaped("git-tree", sha=sha, tree=entries, truncated=False)


@route("git/create-commit", "contents:write")
def create_commit(state: State, call: Call) -> Answer:
    need(state.trees.get(call.body["tree"]))
    sha = sha256(json.dumps([call.body, len(state.commits)], sort_keys=True).encode()).hexdigest()[:40]
    state.commits[sha] = call.body
    parents = [{"sha": parent} for parent in call.body["parents"]]
    return 201, shaped(
        "git-commit", sha=sha, message=call.body["message"], tree={"sha": call.body["tree"]}, parents=parents
    )


@route("repos/get-content", "contents:read")
def get_content(state: State, call: Call) -> Answer:
    ref = call.query.get("ref", state.default_branch)
    data = need(content_of(state, ref, call.values["path"]))
    encoded = base64.b64encode(data).decode()
    told = {"path": call.values["path"], "size": len(data), "encoding": "base64", "content": encoded}
    return 200, shaped("content-file", type="file", sha=blob_sha(data), **told)


def blob_sha(data: bytes) -> str:
    return sha256(data).hexdigest()[:40]


def content_of(state: State, branch: str, path: str) -> bytes | None:
    """Return a file: as it was put last, or as the tree of the branch's commit has it."""
    commit = state.commits.get(state.refs.get(f"heads/{branch}", ""))
    text = state.trees[commit["tree"]].get(path) if commit else None
    return state.contents.get((branch, path)) or (text.encode() if text is not None else None)


@route("repos/create-or-update-file-contents", "contents:write")
def put_content(state: State, call: Call) -> Answer:
    if call.values["path"].startswith(".github/workflows/"):
        raise Refusal(403, "refusing to allow a GitHub App to create or update workflow without `workflows` permission")
    branch = call.body.get("branch", state.default_branch)
    sha = need(state.refs.get(f"heads/{branch}"))
    before = content_of(state, branch, call.values["path"])
    if before is not None and call.body.get("sha") != blob_sha(before):
        raise Refusal(409, f"{call.values['path']} does not match {call.body.get('sha')}")
    state.contents[branch, call.values["path"]] = base64.b64decode(call.body["content"])
    commit = {"sha": sha}
    return 200, shaped("file-commit", content={"path": call.values["path"], "type": "file"}, commit=commit)
