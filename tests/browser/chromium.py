"""A headless Chromium driven over its own pipe (DevTools Protocol): no driver, no library, no port."""

from __future__ import annotations

import itertools
import json
import os
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any, Self

BINARIES = ("chromium-headless-shell", "chromium", "chromium-browser", "google-chrome")
# Chromium reads the protocol from descriptor 3 and writes it to 4 (--remote-debugging-pipe).
LAUNCH = (
    "import os, sys; os.dup2(int(sys.argv[1]), 3); os.dup2(int(sys.argv[2]), 4); os.execv(sys.argv[3], sys.argv[3:])"
)
FLAGS = (
    "--headless",
    "--no-sandbox",
    "--disable-gpu",
    "--remote-debugging-pipe",
    "--no-first-run",
    "--hide-scrollbars",
)
Json = dict[str, Any]


def find_chromium() -> str | None:
    return next((found for name in BINARIES if (found := shutil.which(name))), None)


class Page:
    """One page in one browser. `problems` are script errors and console errors (refusals of the security policy
    are such), `requests` every address that the page asked for."""

    def __init__(self, binary: str, profile: Path) -> None:
        commands_out, commands_in = os.pipe()
        replies_out, replies_in = os.pipe()
        command = [sys.executable, "-c", LAUNCH, str(commands_out), str(replies_in), binary, *FLAGS]
        self._process = subprocess.Popen(
            [*command, f"--user-data-dir={profile}"],
            pass_fds=(commands_out, replies_in),
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
        )
        os.close(commands_out)
        os.close(replies_in)
        self._commands, self._replies = os.fdopen(commands_in, "wb", 0), os.fdopen(replies_out, "rb")
        self._ids, self._rest, self._session = itertools.count(1), b"", ""
        self.events: list[Json] = []
        target = self.call("Target.createTarget", url="about:blank")["targetId"]
        self._session = self.call("Target.attachToTarget", targetId=target, flatten=True)["sessionId"]
        for domain in ("Page", "Runtime", "Log", "Network"):
            self.call(f"{domain}.enable")

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self._commands.close()
        self._process.terminate()
        self._process.wait(20)
        self._replies.close()

    def call(self, method: str, **params: Any) -> Json:
        """Send one command and return its result; events that come in between are kept."""
        message: Json = {"id": next(self._ids), "method": method, "params": params}
        if self._session:
            message["sessionId"] = self._session
        self._commands.write(json.dumps(message).encode() + b"\0")
        while True:
            reply = self._read()
            if reply.get("id") == message["id"]:
                assert "error" not in reply, reply
                return dict(reply["result"])
            self.events.append(reply)

    def open(self, path: Path) -> None:
        """Load a file and wait until it is loaded."""
        self.events.clear()
        self.call("Page.navigate", url=path.as_uri())
        while not any(event.get("method") == "Page.loadEventFired" for event in self.events):
            self.events.append(self._read())

    def run(self, script: str) -> Any:
        """Evaluate an expression in the page and return its value."""
        reply = self.call("Runtime.evaluate", expression=script, returnByValue=True, awaitPromise=True)
        assert "exceptionDetails" not in reply, reply
        return reply["result"].get("value")

    def press(self, key: str) -> None:
        """Press one key where the focus is."""
        text = {"Enter": "\r"}.get(key, key if len(key) == 1 else "")
        self.call(
            "Input.dispatchKeyEvent", type="keyDown", key=key, text=text, windowsVirtualKeyCode=13 * (key == "Enter")
        )
        self.call("Input.dispatchKeyEvent", type="keyUp", key=key)

    def busy_seconds(self) -> float:
        """Return the processor's time that the page's main thread has taken since `Performance.enable`."""
        metrics = self.call("Performance.getMetrics")["metrics"]
        return float(next(metric["value"] for metric in metrics if metric["name"] == "TaskDuration"))

    @property
    def problems(self) -> list[Json]:
        self.run("1")  # whatever was reported before this answer has arrived
        bad = {"Runtime.exceptionThrown", "Log.entryAdded"}
        return [
            event
            for event in self.events
            if event.get("method") in bad
            or (event.get("method") == "Runtime.consoleAPICalled" and event["params"]["type"] == "error")
        ]

    @property
    def requests(self) -> list[str]:
        """Every address that was asked for; what the security policy stopped was not."""
        failed = (event["params"] for event in self.events if event.get("method") == "Network.loadingFailed")
        stopped = {params["requestId"] for params in failed if params.get("blockedReason") == "csp"}
        sent = (event["params"] for event in self.events if event.get("method") == "Network.requestWillBeSent")
        return [params["request"]["url"] for params in sent if params["requestId"] not in stopped]

    def _read(self) -> Json:
        while b"\0" not in self._rest:
            data = os.read(self._replies.fileno(), 1 << 20)
            assert data, "Chromium ended"
            self._rest += data
        message, _, self._rest = self._rest.partition(b"\0")
        return dict(json.loads(message))
