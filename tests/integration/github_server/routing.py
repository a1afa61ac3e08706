"""What each operation does. A route gets the state, the request and who asks, and returns status and body.

Limits that the OpenAPI description does not state come from GitHub's documentation of the endpoint.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, TypeVar

from tests.integration.github_server.shapes import shaped
from tests.integration.github_server.state import Actor, State

MAX_BODY = 65_536
MAX_OUTPUT = 65_535
T = TypeVar("T")


@dataclass(frozen=True)
class Call:
    """One request: the path's values, the query, the JSON body, and who asks."""

    values: Mapping[str, str]
    query: Mapping[str, str]
    body: dict[str, Any]
    actor: Actor
    base_url: str


class Refusal(Exception):  # noqa: N818 - an answer, not a fault of the server
    """GitHub says no."""

    def __init__(self, status: int, message: str) -> None:
        super().__init__(message)
        self.status = status
        self.message = message


@dataclass(frozen=True)
class Page:
    """A list that is answered page by page; `wrap` names the member that holds it where it is not bare."""

    items: list[dict[str, Any]]
    wrap: str | None = None


Answer = tuple[int, "dict[str, Any] | Page | None"]
Route = Callable[[State, Call], Answer]
ROUTES: dict[str, tuple[str, Route]] = {}


def route(operation: str, permission: str = "metadata:read") -> Callable[[Route], Route]:
    def register(function: Route) -> Route:
        ROUTES[operation] = (permission, function)
        return function

    return register


def user(login: str) -> dict[str, Any]:
    bot = login.endswith("[bot]")
    return shaped("simple-user", login=login, id=sum(login.encode()), type="Bot" if bot else "User")


def need(found: T | None) -> T:
    if found is None:
        raise Refusal(404, "Not Found")
    return found


def short(text: str, what: str = "Body") -> str:
    if len(text) > MAX_BODY:
        raise Refusal(422, f"{what} is too long (maximum is {MAX_BODY} characters)")
    return text


@route("users/get-authenticated")
def get_user(state: State, call: Call) -> Answer:
    if call.actor.app is not None:
        raise Refusal(403, "Resource not accessible by integration")
    return 200, shaped("public-user", login=call.actor.login, id=7, type="User")


@route("repos/get")
def get_repository(state: State, call: Call) -> Answer:
    name = state.repository.split("/")[1]
    return 200, shaped(
        "full-repository",
        id=state.repository_id,
        name=name,
        full_name=state.repository,
        default_branch=state.default_branch,
        url=f"{call.base_url}/repos/{state.repository}",
    )
