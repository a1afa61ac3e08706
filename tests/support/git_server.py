"""A real git server over HTTP (`git http-backend`) that asks for a token, as a private repository does."""

from __future__ import annotations

import os
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Thread


@dataclass
class GitServer:
    """`url` is where the repository can be cloned; `authorizations` are the headers that arrived."""

    url: str
    authorizations: list[str] = field(default_factory=list)


def _backend(root: Path, handler: BaseHTTPRequestHandler) -> tuple[int, list[tuple[str, str]], bytes]:
    """Run the CGI program of git-http-backend(1) for one request."""
    path, _, query = handler.path.partition("?")
    length = int(handler.headers.get("Content-Length") or 0)
    environ = {
        "PATH": os.environ["PATH"],
        "GIT_PROJECT_ROOT": str(root),
        "GIT_HTTP_EXPORT_ALL": "1",
        "REQUEST_METHOD": handler.command,
        "PATH_INFO": path,
        "QUERY_STRING": query,
        "CONTENT_TYPE": handler.headers.get("Content-Type", ""),
        "CONTENT_LENGTH": str(length),
        "HTTP_CONTENT_ENCODING": handler.headers.get("Content-Encoding", ""),
        "GIT_PROTOCOL": handler.headers.get("Git-Protocol", ""),
    }
    body = handler.rfile.read(length)
    done = subprocess.run(["git", "http-backend"], input=body, env=environ, capture_output=True, check=True)
    head, _, content = done.stdout.partition(b"\r\n\r\n")
    headers = [(name, value) for name, _, value in (line.partition(": ") for line in head.decode().split("\r\n"))]
    status = next((int(value.split()[0]) for name, value in headers if name == "Status"), 200)
    return status, [pair for pair in headers if pair[0] != "Status"], content


@contextmanager
def git_server(root: Path, authorization: str) -> Iterator[GitServer]:
    """Serve the repository at `root` on a free loopback port to whoever sends this header."""

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            sent = self.headers.get("Authorization", "")
            served.authorizations.append(sent)
            if sent == authorization:
                status, headers, content = _backend(root.parent, self)
            else:
                status, headers, content = 401, [("WWW-Authenticate", 'Basic realm="git"')], b""
            self.send_response(status)
            for name, value in headers:
                self.send_header(name, value)
            self.end_headers()
            self.wfile.write(content)

        do_POST = do_GET  # noqa: N815 - the names are http.server's

        def log_message(self, format: str, *args: object) -> None:  # noqa: A002 - the name is http.server's
            """Keep the test output quiet."""

    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
        served = GitServer(f"http://127.0.0.1:{server.server_address[1]}/{root.name}")
        thread = Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True)
        thread.start()
        try:
            yield served
        finally:
            server.shutdown()
            thread.join()
