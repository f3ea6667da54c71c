"""A generated service that runs, and requests to it. Nothing but the standard library."""

import http.client
import json
import os
import signal
import socket
import subprocess
import time
import urllib.parse
from collections.abc import Mapping, Sequence
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path
from typing import Any

START_SECONDS = 30.0
STOP_SECONDS = 40.0
REQUEST_SECONDS = 30.0


@dataclass(frozen=True)
class Answer:
    """What a request got."""

    status: int
    headers: Mapping[str, str]
    body: bytes
    seconds: float

    def json(self) -> Any:
        """Read the body as JSON; nothing where it is none."""
        try:
            return json.loads(self.body)
        except ValueError:
            return None


def free_port() -> int:
    """Find a port that nobody uses."""
    with closing(socket.socket()) as listener:
        listener.bind(("127.0.0.1", 0))
        port: int = listener.getsockname()[1]
        return port


class Server:
    """A process that serves a project on a port of its own."""

    def __init__(
        self, folder: Path, command: Sequence[str], environment: Mapping[str, str]
    ) -> None:
        """Prepare one; `{port}` in the command becomes its port."""
        self.port = free_port()
        self.folder = folder
        self.command = [part.replace("{port}", str(self.port)) for part in command]
        self.environment = environment
        self.log = folder / "server.log"
        self.process: subprocess.Popen[bytes] | None = None

    def __enter__(self) -> "Server":
        """Start it, and wait until it answers anything."""
        with self.log.open("ab") as log:
            self.process = subprocess.Popen(
                self.command,
                cwd=self.folder,
                env=dict(self.environment),
                stdout=log,
                stderr=log,
                # A group of its own, so that what it starts ends with it.
                start_new_session=True,
            )
        deadline = time.monotonic() + START_SECONDS
        while time.monotonic() < deadline:
            if self.process.poll() is not None:
                break
            try:
                self.call("GET", "/")
            except OSError:
                time.sleep(0.05)
            else:
                return self
        self.stop()
        raise RuntimeError(f"it did not start:\n{self.log.read_text()[-3000:]}")

    def __exit__(self, *_: object) -> None:
        """Stop it."""
        self.stop()

    def stop(self) -> None:
        """Ask it to end, as a platform does, and insist when it does not."""
        if self.process is None or self.process.poll() is not None:
            return
        os.killpg(self.process.pid, signal.SIGTERM)
        try:
            self.process.wait(STOP_SECONDS)
        except subprocess.TimeoutExpired:
            os.killpg(self.process.pid, signal.SIGKILL)
            self.process.wait()

    def call(
        self,
        method: str,
        path: str,
        *,
        body: object = None,
        form: Mapping[str, str] | None = None,
        headers: Mapping[str, str] | None = None,
    ) -> Answer:
        """Send one request on a connection of its own."""
        sent = dict(headers or {})
        data = None
        if form is not None:
            data = urllib.parse.urlencode(form).encode()
            sent["Content-Type"] = "application/x-www-form-urlencoded"
        elif body is not None:
            data = json.dumps(body).encode()
            sent["Content-Type"] = "application/json"
        connection = http.client.HTTPConnection(
            "127.0.0.1", self.port, timeout=REQUEST_SECONDS
        )
        with closing(connection):
            started = time.perf_counter()
            connection.request(method, path, body=data, headers=sent)
            answer = connection.getresponse()
            read = answer.read()
            seconds = time.perf_counter() - started
        given = {name.lower(): value for name, value in answer.getheaders()}
        return Answer(answer.status, given, read, seconds)
