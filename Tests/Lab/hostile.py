"""Thousands of hostile endpoints in one process, which are all addresses of its namespace.

What an address does is told by the address itself: its number modulo the number of kinds; or all do the same."""

import heapq
import selectors
import socket
import struct
import sys
import time

from Lab import handshakes
from Lab.children import Child
from Lab.parts import PATIENCE, ROOT

_HEAD = b"HTTP/1.1 200 OK\r\nContent-Type: text/plain; version=0.0.4\r\n"
_SPEAKS_TLS = b"HTTP/1.0 400 Bad Request\r\n\r\nClient sent an HTTP request to an HTTPS server.\n"
_PAUSE = 0.2
# A connection that nobody ends is ended.
_LIFETIME = 30

# What each kind sends: at once, after a request, after the beginning of a TLS handshake; what it repeats from then on;
# and whether that is a byte now and then, or as much as goes. None: it closes the connection. To plain HTTP those that
# speak TLS say what Go's server says, and close it, too.
KINDS = {
    "silent": {},
    "a drip": {"asked": _HEAD, "more": b"X", "drips": True},
    "endless": {"asked": _HEAD + b"\r\n", "more": b"# nothing yet\n" * 4096},
    "an endless head": {"asked": b"HTTP/1.1 200 OK\r\n", "more": b"X-Padding: " + b"x" * 65536 + b"\r\n"},
    "a reset": {"first": None},
    "garbage": {"first": bytes(range(256)) * 16},
    "a redirect": {"asked": b"HTTP/1.1 302 Found\r\nLocation: /\r\nContent-Length: 0\r\n\r\n"},
    "TLS garbage": {"asked": _SPEAKS_TLS, "greeted": b"\x16\x03\x03\x40\x00" + bytes(range(256)) * 64},
    "TLS that is silent": {"asked": _SPEAKS_TLS},
    "TLS that drips": {"asked": _SPEAKS_TLS, "greeted": b"\x16\x03\x03", "more": b"\0", "drips": True},
    "a printer": {},
    "half an answer": {"asked": _HEAD + b"Content-Length: 1000\r\n\r\n# HELP go_info"},
    "a closed door": {"asked": None},
    "credentials": {"asked": b"HTTP/1.1 401 Unauthorized\r\nContent-Length: 0\r\n\r\n"},
    "interim answers": {"asked": b"HTTP/1.1 100 Continue\r\n\r\n", "more": b"HTTP/1.1 100 Continue\r\n\r\n" * 4096},
    "an unknown exposition": {"asked": _HEAD + b"Content-Length: 9\r\n\r\napp_up 1\n"},
}

# Kinds that cost much, which an address is only where all are.
COSTLY = {
    "a page in chunks of a byte": {
        "asked": b"HTTP/1.1 400 Bad Request\r\nTransfer-Encoding: chunked\r\n\r\n" + b"1\r\nx\r\n" * 4000},
    "an exposition in chunks of a byte": {
        "asked": _HEAD + b"Transfer-Encoding: chunked\r\n\r\n", "more": b"1\r\nx\r\n" * 4096},
    "TLS records of a byte": {"asked": _SPEAKS_TLS, "greeted": handshakes.chain(10000, record=1)},
    "a chain that stalls": {"asked": _SPEAKS_TLS, "greeted": handshakes.chain(100000)},
    "a long handshake that stalls": {"asked": _SPEAKS_TLS, "greeted": handshakes.chain(60000)},
    "a usual handshake that stalls": {"asked": _SPEAKS_TLS, "greeted": handshakes.chain(8000)},
}


def kind_of(address):
    return list(KINDS)[struct.unpack("!I", socket.inet_aton(address))[0] % len(KINDS)]


def start(namespace, *ports, all_are=""):
    """As a child that listens in the namespace; `all_are` names the one kind of all addresses."""
    child = Child([sys.executable, "-m", "Lab.hostile", all_are, *map(str, ports)], "hostile", cwd=ROOT / "Tests",
                  namespace=namespace)
    child.lines.wait(lambda line: line == "listening", PATIENCE, what="listening")
    return child


class Peer:
    """One connection, and what is to be sent on it."""

    def __init__(self, connection, kind):
        self.connection = connection
        self.script = (KINDS | COSTLY)[kind or kind_of(connection.getsockname()[0])]
        self.is_asked = False
        self.pending = b""

    def say(self, what):
        """Returns whether the connection goes on."""
        if what not in self.script:
            return True
        if self.script[what] is None:
            return False
        self.pending += self.script[what]
        return self.send() and self.script[what] is not _SPEAKS_TLS

    def send(self):
        try:
            self.pending = self.pending[self.connection.send(self.pending):]
        except BlockingIOError:
            pass
        return True

    def hear(self):
        data = self.connection.recv(65536)
        if not data or self.is_asked:
            return bool(data)
        self.is_asked = True
        return self.say("greeted" if data[0] == 0x16 and "greeted" in self.script else
                        "silence" if data[0] == 0x16 else "asked")

    @property
    def wants_to_send(self):
        return bool(self.pending) or self.is_asked and "more" in self.script and not self.script.get("drips")


class Hostile:
    def __init__(self, kind, ports):
        self._kind = kind
        self._selector = selectors.DefaultSelector()
        self._dripping = []  # a heap of times and peers
        self._ends = []  # likewise, in the order of time
        for port in ports:
            listener = socket.create_server(("", port), backlog=4096)
            listener.setblocking(False)
            self._selector.register(listener, selectors.EVENT_READ)

    def run(self):
        while True:
            for key, events in self._selector.select(_PAUSE / 2):
                if key.data is None:
                    self._accept(key.fileobj)
                else:
                    self._advance(key.data, events)
            self._tick(time.monotonic())

    def _accept(self, listener):
        for _ in range(64):
            try:
                connection, _ = listener.accept()
            except BlockingIOError:
                return
            connection.setblocking(False)
            peer = Peer(connection, self._kind)
            if not peer.say("first"):
                connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
                connection.close()
                continue
            self._selector.register(connection, selectors.EVENT_READ, peer)
            self._ends.append((time.monotonic() + _LIFETIME, peer))
            if peer.script.get("drips"):
                heapq.heappush(self._dripping, (time.monotonic() + _PAUSE, id(peer), peer))

    def _advance(self, peer, events):
        try:
            if events & selectors.EVENT_READ and not peer.hear():
                return self._close(peer)
            if events & selectors.EVENT_WRITE:
                peer.pending = peer.pending or peer.script["more"]
                peer.send()
        except OSError:
            return self._close(peer)
        wanted = selectors.EVENT_READ | (selectors.EVENT_WRITE if peer.wants_to_send else 0)
        self._selector.modify(peer.connection, wanted, peer)

    def _tick(self, now):
        while self._dripping and self._dripping[0][0] <= now:
            _, _, peer = heapq.heappop(self._dripping)
            if peer.connection.fileno() < 0:
                continue
            if peer.is_asked:
                try:
                    peer.connection.send(peer.script["more"])
                except OSError:
                    self._close(peer)
                    continue
            heapq.heappush(self._dripping, (now + _PAUSE, id(peer), peer))
        while self._ends and self._ends[0][0] <= now:
            self._close(self._ends.pop(0)[1])

    def _close(self, peer):
        if peer.connection.fileno() >= 0:
            self._selector.unregister(peer.connection)
            peer.connection.close()


if __name__ == "__main__":
    hostile = Hostile(sys.argv[1], map(int, sys.argv[2:]))
    print("listening", flush=True)
    hostile.run()
