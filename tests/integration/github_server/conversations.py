"""Comments, issues and labels."""

from __future__ import annotations

from typing import Any

from tests.integration.github_server.routing import Answer, Call, Page, Refusal, need, route, short, user
from tests.integration.github_server.shapes import shaped
from tests.integration.github_server.state import Comment, Issue, State


def comment_body(state: State, call: Call, comment: Comment) -> dict[str, Any]:
    root = f"{call.base_url}/repos/{state.repository}/issues"
    return shaped(
        "issue-comment",
        id=comment.id,
        body=comment.body,
        user=user(comment.author.login),
        url=f"{root}/comments/{comment.id}",
        issue_url=f"{root}/{comment.issue}",
        html_url=f"https://github.test/{state.repository}/pull/{comment.issue}#issuecomment-{comment.id}",
    )


def needs_issue(state: State, number: str) -> int:
    if int(number) not in state.pulls and int(number) not in state.issues:
        raise Refusal(404, "Not Found")
    return int(number)


@route("issues/list-comments", "pull-requests:read")
def list_comments(state: State, call: Call) -> Answer:
    number = needs_issue(state, call.values["issue_number"])
    return 200, Page([comment_body(state, call, c) for c in state.comments_of(number)])


@route("issues/create-comment", "pull-requests:write")
def create_comment(state: State, call: Call) -> Answer:
    number = needs_issue(state, call.values["issue_number"])
    return 201, comment_body(state, call, state.add_comment(number, call.actor, short(call.body["body"])))


def find_comment(state: State, call: Call) -> Comment:
    return need(next((c for c in state.comments if c.id == int(call.values["comment_id"])), None))


@route("issues/get-comment", "pull-requests:read")
def get_comment(state: State, call: Call) -> Answer:
    return 200, comment_body(state, call, find_comment(state, call))


@route("issues/update-comment", "pull-requests:write")
def update_comment(state: State, call: Call) -> Answer:
    comment = find_comment(state, call)
    comment.body = short(call.body["body"])
    comment.revisions += 1
    return 200, comment_body(state, call, comment)


@route("issues/delete-comment", "pull-requests:write")
def delete_comment(state: State, call: Call) -> Answer:
    state.comments.remove(find_comment(state, call))
    return 204, None


def issue_body(state: State, call: Call, issue: Issue) -> dict[str, Any]:
    return shaped(
        "issue",
        id=issue.number,
        number=issue.number,
        title=issue.title,
        body=issue.body,
        state=issue.state,
        user=user(issue.author.login),
        labels=[shaped("label", name=name) for name in issue.labels],
        url=f"{call.base_url}/repos/{state.repository}/issues/{issue.number}",
        html_url=f"https://github.test/{state.repository}/issues/{issue.number}",
    )


@route("issues/list-for-repo", "issues:read")
def list_issues(state: State, call: Call) -> Answer:
    wanted = call.query.get("state", "open")
    labels = set(filter(None, call.query.get("labels", "").split(",")))
    creator = call.query.get("creator")
    found = [
        issue_body(state, call, issue)
        for issue in state.issues.values()
        if wanted in ("all", issue.state) and labels <= set(issue.labels) and creator in (None, issue.author.login)
    ]
    return 200, Page(found)


@route("issues/create", "issues:write")
def create_issue(state: State, call: Call) -> Answer:
    labels = [str(label) for label in call.body.get("labels", [])]
    body = short(call.body.get("body") or "")
    issue = Issue(state.next_number(), call.body["title"], body, call.actor, labels=labels)
    state.issues[issue.number] = issue
    return 201, issue_body(state, call, issue)


@route("issues/get", "issues:read")
def get_issue(state: State, call: Call) -> Answer:
    return 200, issue_body(state, call, need(state.issues.get(int(call.values["issue_number"]))))


@route("issues/update", "issues:write")
def update_issue(state: State, call: Call) -> Answer:
    issue = need(state.issues.get(int(call.values["issue_number"])))
    issue.title = call.body.get("title", issue.title)
    issue.body = short(call.body.get("body", issue.body) or "")
    issue.state = call.body.get("state", issue.state)
    issue.labels = [str(label) for label in call.body.get("labels", issue.labels)]
    return 200, issue_body(state, call, issue)


@route("issues/list-labels-for-repo")
def list_labels(state: State, call: Call) -> Answer:
    return 200, Page([shaped("label", name=name) for name in state.labels])


@route("issues/create-label", "issues:write")
def create_label(state: State, call: Call) -> Answer:
    if call.body["name"] in state.labels:
        raise Refusal(422, "Validation Failed")
    state.labels.append(call.body["name"])
    return 201, shaped("label", name=call.body["name"])


@route("issues/add-labels", "issues:write")
def add_labels(state: State, call: Call) -> Answer:
    issue = need(state.issues.get(int(call.values["issue_number"])))
    issue.labels += [str(label) for label in call.body["labels"] if label not in issue.labels]
    return 200, Page([shaped("label", name=name) for name in issue.labels])
