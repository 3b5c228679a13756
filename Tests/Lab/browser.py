"""A real Chromium without a window, led by its driver (W3C WebDriver over HTTP)."""

import base64
import contextlib
import http.client
import json
import os
import re
from pathlib import Path

from Lab.children import Child
from Lab.events import ask_until
from Lab.parts import PATIENCE, program

_ELEMENT = "element-6066-11e4-a52e-4f735466cecf"  # the key of a reference, W3C WebDriver section 12.1
TAB, ENTER = "\ue004", "\ue007"
# Nothing that a browser does beside showing a page, and no sandbox, which root has none of.
_SWITCHES = (
    "--headless=new", "--no-sandbox", "--disable-gpu", "--disable-dev-shm-usage", "--no-first-run", "--no-proxy-server",
    "--disable-background-networking", "--disable-component-update", "--disable-sync", "--disable-extensions",
    "--disable-default-apps", "--disable-domain-reliability", "--metrics-recording-only", "--hide-scrollbars",
    "--password-store=basic", "--use-mock-keychain",
    # It asks the DNS for places of its maker's, whatever it is told; pages are opened by address.
    "--host-resolver-rules=MAP * ~NOTFOUND, EXCLUDE localhost, EXCLUDE 127.0.0.1, EXCLUDE [::1]")


class Browser:
    """One tab, in a namespace if there is one."""

    def __init__(self, folder, namespace=None):
        self._namespace = namespace
        home = Path(folder) / "browser"
        home.mkdir()
        environment = {"PATH": os.environ["PATH"], "HOME": str(home), "TMPDIR": str(home), "XDG_CONFIG_HOME": str(home),
                       "XDG_CACHE_HOME": str(home), "XDG_RUNTIME_DIR": str(home), "DBUS_SESSION_BUS_ADDRESS": "disabled:"}
        self._driver = Child([program("chromedriver"), "--port=0", "--allowed-ips="], name="chromedriver",
                             namespace=namespace, env=environment)
        started = re.compile(r"started successfully on port (\d+)")
        _, line = self._driver.lines.wait(started.search, PATIENCE, what="a port")
        self._port = int(started.search(line)[1])
        self._session = ""
        session = self._ask("POST", "/session", {"capabilities": {"alwaysMatch": {
            "browserName": "chrome", "goog:loggingPrefs": {"browser": "ALL", "performance": "ALL"},
            "goog:chromeOptions": {"binary": program("chromium"),
                                   "args": [*_SWITCHES, f"--user-data-dir={home}/profile"]}}}})
        self._session = f"/session/{session['sessionId']}"

    def end(self):
        """Chromium ends with its session, and its driver then."""
        with contextlib.suppress(Exception):
            self._ask("DELETE", "")
        self._driver.stop()

    def _ask(self, method, path, body=None):
        with self._namespace.entered() if self._namespace else contextlib.nullcontext():
            connection = http.client.HTTPConnection("127.0.0.1", self._port, timeout=60)
            connection.connect()
        with contextlib.closing(connection):
            connection.request(method, self._session + path, None if method == "GET" else json.dumps(body or {}),
                               {"Content-Type": "application/json"})
            value = json.loads(connection.getresponse().read())["value"]
        if isinstance(value, dict) and "error" in value:
            raise AssertionError(f"{path}: {value['error']}: {value['message'].splitlines()[0]}")
        return value

    def protocol(self, command, **parameters):
        """A command of the DevTools protocol."""
        return self._ask("POST", "/goog/cdp/execute", {"cmd": command, "params": parameters})

    # What is shown

    def open(self, url):
        """Returns when the page is loaded."""
        self._ask("POST", "/url", {"url": url})
        if self.script("return location.protocol") == "chrome-error:":
            raise AssertionError(f"{url} cannot be opened")

    @contextlib.contextmanager
    def leaving(self):
        """What is done within leads to another page; returns when that is loaded."""
        # The driver waits for a page that is on its way, but does not know of one that a key or a click is about to ask for.
        # No two pages of a tab began at the same time.
        left = self.script("return performance.timeOrigin")
        yield
        ask_until(lambda: self.script("return document.readyState == 'complete' && performance.timeOrigin != arguments[0]",
                                      left), "another page", pause=0.01)

    def script(self, text, *arguments):
        """Runs a function's body in the page; returns what it returns."""
        return self._ask("POST", "/execute/sync", {"script": text, "args": list(arguments)})

    def find(self, selector):
        return Element(self, self._ask("POST", "/element", {"using": "css selector", "value": selector})[_ELEMENT])

    def texts(self, selector):
        """Of all elements, as they are shown."""
        return self.script("return [...document.querySelectorAll(arguments[0])].map(one => one.innerText.trim())", selector)

    def press(self, *keys):
        """One after the other."""
        actions = [{"type": kind, "value": key} for key in keys for kind in ("keyDown", "keyUp")]
        self._ask("POST", "/actions", {"actions": [{"type": "key", "id": "keyboard", "actions": actions}]})

    # How it is shown

    def slow_down(self, milliseconds):
        """Each answer takes that much longer from now on."""
        self.protocol("Network.enable")
        self.protocol("Network.emulateNetworkConditions", offline=False, latency=milliseconds, downloadThroughput=-1,
                      uploadThroughput=-1)

    def resize(self, width, height):
        self.protocol("Emulation.setDeviceMetricsOverride", width=width, height=height, deviceScaleFactor=1, mobile=False)

    def color_scheme(self, scheme):
        self.protocol("Emulation.setEmulatedMedia", features=[{"name": "prefers-color-scheme", "value": scheme}])

    def screenshot(self, path):
        """The whole page."""
        image = self.protocol("Page.captureScreenshot", format="png", captureBeyondViewport=True)
        Path(path).write_bytes(base64.b64decode(image["data"]))

    # What happened

    def console(self):
        """What went wrong since the last call: errors, warnings, what could not be loaded."""
        return [entry["message"] for entry in self._ask("POST", "/se/log", {"type": "browser"})
                if entry["level"] in ("SEVERE", "WARNING")]

    def requests(self):
        """What was asked for since the last call."""
        events = [json.loads(entry["message"])["message"] for entry in self._ask("POST", "/se/log", {"type": "performance"})]
        return [event["params"]["request"]["url"] for event in events if event["method"] == "Network.requestWillBeSent"]


class Element:
    def __init__(self, browser, reference):
        self._browser, self._path = browser, f"/element/{reference}"

    def click(self):
        self._browser._ask("POST", f"{self._path}/click")

    def type(self, text):
        self._browser._ask("POST", f"{self._path}/value", {"text": text})
