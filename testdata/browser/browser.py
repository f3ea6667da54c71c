"""A headless Chromium, driven through its debugging pipe: no server, no package."""

import base64
import json
import os
import shutil
import subprocess
import tempfile
from pathlib import Path

NAMES = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")


def find_chromium() -> str | None:
    """Where Chromium is: what $CHROMIUM names, or the first of its usual names."""
    named = os.environ.get("CHROMIUM")
    return named or next((path for name in NAMES if (path := shutil.which(name))), None)


class Browser:
    """One page of a Chromium of its own. What its console and its network say is kept."""

    def __init__(self, program: str) -> None:
        self.home = tempfile.TemporaryDirectory(prefix="architect-browser-", ignore_cleanup_errors=True)
        to_browser, own_write = os.pipe()
        own_read, from_browser = os.pipe()
        arguments = [
            program, "--headless=new", "--remote-debugging-pipe", "--no-sandbox", "--disable-gpu",
            "--disable-dev-shm-usage", "--no-first-run", "--hide-scrollbars", "--force-color-profile=srgb",
            "--disable-background-networking", "--disable-component-update", "--disable-sync",
            f"--user-data-dir={self.home.name}", "about:blank",
        ]  # fmt: skip

        def keep_pipes() -> None:
            # Chromium reads descriptor 3 and writes descriptor 4.
            high = [os.dup(to_browser), os.dup(from_browser)]
            high = [os.dup2(fd, 50 + index) for index, fd in enumerate(high)]
            os.dup2(high[0], 3)
            os.dup2(high[1], 4)

        self.process = subprocess.Popen(
            arguments, preexec_fn=keep_pipes, close_fds=False, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
        )
        os.close(to_browser)
        os.close(from_browser)
        self.write, self.read = own_write, own_read
        self.number, self.rest = 0, b""
        self.console: list[str] = []
        self.requests: list[str] = []
        self.loaded = ""
        target = self.call("Target.getTargets", session=False)["targetInfos"][0]["targetId"]
        self.session = self.call("Target.attachToTarget", session=False, targetId=target, flatten=True)["sessionId"]
        for domain in ("Page", "Runtime", "Log", "Network"):
            self.call(f"{domain}.enable")
        self.call("Page.setLifecycleEventsEnabled", enabled=True)

    def __enter__(self) -> "Browser":
        return self

    def __exit__(self, *_: object) -> None:
        self.process.terminate()
        self.process.wait()
        os.close(self.write)
        os.close(self.read)
        self.home.cleanup()

    def call(self, method: str, session: bool = True, **parameters: object) -> dict:
        """Sends a command and waits for its answer."""
        self.number += 1
        message = {"id": self.number, "method": method, "params": parameters}
        if session:
            message["sessionId"] = self.session
        data = json.dumps(message).encode() + b"\0"
        while data:
            data = data[os.write(self.write, data) :]
        while (answer := self._next()).get("id") != self.number:
            self._heard(answer)
        if "error" in answer:
            raise RuntimeError(f"{method}: {answer['error']['message']}")
        return answer["result"]

    def _next(self) -> dict:
        while b"\0" not in self.rest:
            read = os.read(self.read, 1 << 16)
            if not read:
                raise RuntimeError("Chromium has ended")
            self.rest += read
        first, self.rest = self.rest.split(b"\0", 1)
        return json.loads(first)

    def _heard(self, event: dict) -> None:
        kind, what = event.get("method"), event.get("params", {})
        if kind == "Runtime.exceptionThrown":
            details = what["exceptionDetails"]
            self.console.append(details.get("exception", {}).get("description", details["text"]))
        elif kind == "Log.entryAdded" and what["entry"]["level"] in ("error", "warning"):
            self.console.append(what["entry"]["text"])
        elif kind == "Runtime.consoleAPICalled":
            self.console.append(" ".join(str(one.get("value")) for one in what["args"]))
        elif kind == "Network.requestWillBeSent":
            self.requests.append(what["request"]["url"])
        elif kind == "Page.lifecycleEvent" and what["name"] == "load":
            self.loaded = what["loaderId"]

    def open(self, page: Path, part: str = "") -> None:
        """Opens a file, and waits until it is loaded."""
        # The same file with another part would only go there, and not be loaded.
        self.call("Page.navigate", url="about:blank")
        loader = self.call("Page.navigate", url=page.resolve().as_uri() + part)["loaderId"]
        while self.loaded != loader:
            self._heard(self._next())

    def run(self, script: str) -> object:
        """What an expression is in the page; promises are waited for."""
        answer = self.call("Runtime.evaluate", expression=script, awaitPromise=True, returnByValue=True)
        if "exceptionDetails" in answer:
            raise RuntimeError(answer["exceptionDetails"].get("exception", {}).get("description", "?"))
        return answer["result"].get("value")

    def window(self, width: int, height: int, dark: bool = False) -> None:
        """Sets the size of the window and the colours the system prefers."""
        self.call("Emulation.setDeviceMetricsOverride", width=width, height=height, deviceScaleFactor=1, mobile=False)
        scheme = {"name": "prefers-color-scheme", "value": "dark" if dark else "light"}
        self.call("Emulation.setEmulatedMedia", features=[scheme])

    def press(self, key: str) -> None:
        """Presses and releases a key."""
        text = {"text": key} if len(key) == 1 else {"text": "\r"} if key == "Enter" else {}
        self.call("Input.dispatchKeyEvent", type="keyDown", key=key, **text)
        self.call("Input.dispatchKeyEvent", type="keyUp", key=key)

    def settled(self) -> None:
        """Waits until what was asked for has been drawn."""
        self.run("new Promise((done) => requestAnimationFrame(() => requestAnimationFrame(() => setTimeout(done))))")

    def screenshot(self, path: Path) -> None:
        """Writes what the window shows as a PNG."""
        path.write_bytes(base64.b64decode(self.call("Page.captureScreenshot", format="png")["data"]))
