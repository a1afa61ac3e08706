"""GitHub's REST API for one repository: plain http.server, stateful, every exchange checked against the schema."""

from __future__ import annotations

import json
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qsl, unquote, urlencode, urlsplit

from tests.integration.github_server import checks, code, conversations
from tests.integration.github_server.routing import ROUTES, Call, Page, Refusal
from tests.integration.github_server.schema import Operation, operation, validator
from tests.integration.github_server.state import Exchange, State

Reply = tuple[int, Any, dict[str, str]]
ERROR = "/components/schemas/basic-error"
ROUTE_FILES = (checks, code, conversations)  # importing them fills ROUTES


def refusal(status: int, message: str, headers: dict[str, str] | None = None) -> Reply:
    return status, {"message": message, "documentation_url": "https://docs.github.com/rest"}, headers or {}


class Handler(BaseHTTPRequestHandler):
    """Speaks HTTP; what to say is `answer`."""

    protocol_version = "HTTP/1.1"
    wbufsize = -1  # headers and body in one packet
    server: Server

    def do_GET(self) -> None:
        self._serve()

    do_POST = do_PATCH = do_PUT = do_DELETE = do_GET  # noqa: N815 - the names are http.server's

    def log_message(self, format: str, *args: Any) -> None:  # noqa: A002 - the name is http.server's
        """Keep the test output quiet; the journal has it all."""

    def _serve(self) -> None:
        length = int(self.headers.get("Content-Length") or 0)
        raw = self.rfile.read(length)
        parts = urlsplit(self.path)
        query = dict(parse_qsl(parts.query, keep_blank_values=True))
        body = json.loads(raw) if raw else None
        with self.server.lock:
            reply = self._answer(unquote(parts.path), query, body)
        if reply is None:
            self.close_connection = True
            self.connection.close()
            return
        status, content, headers = reply
        data = b"" if content is None else json.dumps(content).encode()
        self.send_response(status)
        for name, value in {"Content-Type": "application/json; charset=utf-8", **headers}.items():
            self.send_header(name, value)
        self.send_header("Content-Length", str(len(data)))
        self.end_headers()
        self.wfile.write(data)
        self.wfile.flush()

    def _answer(self, path: str, query: dict[str, str], body: Any) -> Reply | None:
        state = self.server.state
        found = operation(self.command, path)
        name = found.id if found else f"{self.command} {path}"
        fault = next((fault for fault in state.faults if fault.matches(name)), None)
        if fault is None or fault.after:
            self._pull_triggers(name)
            reply = self._carry_out(found, path, query, body)
        if fault is not None:
            fault.times -= 1
            reply = refusal(fault.status, fault.message, dict(fault.headers))
        status = reply[0]
        authorization = self.headers.get("Authorization", "")
        exchange = (name, self.command, path, query, body, status, authorization, self.client_address[1])
        state.journal.append(Exchange(*exchange))
        return reply if status else None

    def _pull_triggers(self, name: str) -> None:
        state = self.server.state
        for trigger in [t for t in state.triggers if t.operation == name]:
            trigger.nth -= 1
            if trigger.nth == 0:
                trigger.action(state)

    def _carry_out(self, found: Operation | None, path: str, query: dict[str, str], body: Any) -> Reply:
        state = self.server.state
        if found is None:
            state.violations.append(f"{self.command} {path} is not in the schema slice")
            return refusal(404, "Not Found")
        if errors := found.request_errors(body, query):
            state.rejected.extend(f"{found.id}: {error}" for error in errors)
            return refusal(422, "; ".join(errors))
        try:
            status, content, headers = self._route(found, query, body)
        except Refusal as no:
            state.rejected.append(f"{found.id}: {no.status} {no.message}")
            status, content, headers = refusal(no.status, no.message)
        state.violations.extend(f"{found.id} {status}: {error}" for error in checked(found, status, content))
        return status, content, headers

    def _route(self, found: Operation, query: dict[str, str], body: Any) -> Reply:
        state = self.server.state
        actor = state.tokens.get(self.headers.get("Authorization", "").partition(" ")[2])
        if actor is None:
            raise Refusal(401, "Bad credentials")
        if "owner" in found.values and f"{found.values['owner']}/{found.values['repo']}" != state.repository:
            raise Refusal(404, "Not Found")
        permission, route = ROUTES[found.id]
        if permission not in actor.permissions:
            raise Refusal(403, "Resource not accessible by integration")
        call = Call(found.values, query, body or {}, actor, self.server.url)
        status, content = route(state, call)
        if isinstance(content, Page):
            return self._page(status, content, query)
        return status, content, {}

    def _page(self, status: int, page: Page, query: dict[str, str]) -> Reply:
        size, number = min(int(query.get("per_page", 30)), 100), int(query.get("page", 1))
        last = max(1, -(-len(page.items) // size))
        items = page.items[(number - 1) * size : number * size]
        content = {"total_count": len(page.items), page.wrap: items} if page.wrap else items
        if number >= last:
            return status, content, {}
        here = self.server.url + urlsplit(self.path).path
        targets = {"next": number + 1, "last": last}
        links = [f'<{here}?{urlencode({**query, "page": n})}>; rel="{rel}"' for rel, n in targets.items()]
        return status, content, {"Link": ", ".join(links)}


def checked(found: Operation, status: int, content: Any) -> list[str]:
    """Check an answer; a refusal that the description leaves out must at least have an error's shape."""
    if status >= 400 and str(status) not in found.description["responses"]:
        return [error.message for error in validator(ERROR).iter_errors(content)]
    return found.response_errors(status, content)


class Server(ThreadingHTTPServer):
    """The running server; `state` is what tests read and change."""

    daemon_threads = True

    def __init__(self, state: State, address: tuple[str, int] = ("127.0.0.1", 0)) -> None:
        super().__init__(address, Handler)
        self.state = state
        self.lock = threading.Lock()

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.server_address[1]}"


@contextmanager
def running(state: State) -> Iterator[Server]:
    """Run a server on a free port of the loopback interface."""
    with Server(state) as server:
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True)
        thread.start()
        try:
            yield server
        finally:
            server.shutdown()
            thread.join()
