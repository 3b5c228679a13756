"""What a client of the daemon's HTTP sees."""

import base64
import contextlib
import http.client
import json
import re
import socket
import time

from Lab.parts import PATIENCE


class Answer:
    def __init__(self, response):
        self.status, self.headers, self.body = response.status, response.headers, response.read()

    @property
    def text(self):
        return self.body.decode()

    @property
    def json(self):
        return json.loads(self.body)


class Web:
    """Asks a daemon at an address `HOST:PORT` or at the path of a socket, from within a namespace if there is one."""

    def __init__(self, place="127.0.0.1:19100", namespace=None, tls=None, user=None):
        self.place, self.namespace, self.tls = str(place), namespace, tls
        self.headers = {}
        if user:
            self.headers["Authorization"] = "Basic " + base64.b64encode(":".join(user).encode()).decode()

    def _connection(self):
        if self.place.startswith("/"):
            connection = http.client.HTTPConnection("localhost", timeout=PATIENCE)
            connection.sock = socket.socket(socket.AF_UNIX)
            connection.sock.connect(self.place)
            return connection
        host, port = self.place.rsplit(":", 1)
        if self.tls:
            return http.client.HTTPSConnection(host, int(port), timeout=PATIENCE, context=self.tls)
        return http.client.HTTPConnection(host, int(port), timeout=PATIENCE)

    def ask(self, method, path, **headers):
        fields = {**self.headers, **{name.replace("_", "-"): value for name, value in headers.items()}}
        with self.namespace.entered() if self.namespace else contextlib.nullcontext():
            connection = self._connection()
            connection.request(method, path, headers=fields)
        with contextlib.closing(connection):
            return Answer(connection.getresponse())

    def get(self, path, **headers):
        return self.ask("GET", path, **headers)

    def post(self, path, **headers):
        return self.ask("POST", path, Content_Length="0", **headers)

    def wait(self, path, matches, what):
        """Ask until the answer matches, or it took too long."""
        deadline = time.monotonic() + PATIENCE
        while not matches(answer := self.get(path)):
            if time.monotonic() > deadline:
                raise AssertionError(f"{path}, after {PATIENCE} s: {what}; the last answer: {answer.status}\n{answer.text}")
            time.sleep(0.05)  # an HTTP server sends no events
        return answer

    def metrics(self):
        return Metrics(self.get("/metrics").text)


class Metrics:
    """An exposition."""

    _SAMPLE = re.compile(r"^([a-zA-Z_:][a-zA-Z0-9_:]*)(?:\{(.*)\})? (\S+)$")
    _LABEL = re.compile(r'([a-zA-Z_]\w*)="((?:[^"\\]|\\.)*)"')

    def __init__(self, text):
        self.text = text
        self.samples = {}
        for line in text.splitlines():
            if not line.startswith("#"):
                name, labels, value = self._SAMPLE.match(line).groups()
                self.samples[name, tuple(sorted(self._LABEL.findall(labels or "")))] = float(value)

    def __call__(self, name, **labels):
        """The value of one sample; None if there is none."""
        return self.samples.get((name, tuple(sorted(labels.items()))))

    @property
    def families(self):
        """The names behind `# TYPE`."""
        return set(re.findall(r"^# TYPE (\S+)", self.text, re.MULTILINE))

    @property
    def labels(self):
        """All labels of all samples."""
        return {label for _, labels in self.samples for label in labels}
