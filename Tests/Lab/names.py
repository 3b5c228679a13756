"""A small name server, the only one that the programs in the enclosure ask meanwhile; it may also fail and lie."""

import contextlib
import ipaddress
import os
import socket
import struct
import tempfile
import threading

from Lab import enclosure
from Lab.events import Events
from Lab.mounts import mount, unmount

_TYPES = {1: "A", 12: "PTR", 28: "AAAA"}
_NO_ERROR, _SERVFAIL, _NXDOMAIN, _REFUSED = 0, 2, 3, 5  # RFC 1035, 4.1.1

# Names that are none, as the labels of a record (RFC 2181, 11: a label may hold any byte), or as its bytes.
HOSTILE = {
    "control characters": [b"web\x00\x01\x07\n\t\x7f", b"example"],
    "terminal escapes": [b"\x1b]0;owned\x07\x1b[31m", b"example"],
    "dots in a label": [b"10.0.0.1"],
    "backslashes": [b"a\\046b", b"example"],
    "quotes": [b"a\"b'c`d", b"example"],
    "a template": [b"{{ $labels }}", b"example"],
    "spaces": [b"two words", b"example"],
    "no UTF-8": [b"\xc3\x28\xff", b"example"],
    "UTF-8": ["b\u00fccher".encode(), b"example"],
    "an address": [b"10", b"0", b"0", b"1"],
    "an option": [b"-oProxyCommand", b"example"],
    "the root": [],
    "255 bytes that grow": [b"\x01" * 63, b"\x01" * 63, b"\x01" * 63, b"\x01" * 61],
    "more than 255 bytes": [b"a" * 63] * 5,
    "a pointer beyond the end": b"\x03web\xff\xff",
    "a cut label": b"\x3fweb",
}

# The longest that is one: 253 bytes, 255 in a record.
LONGEST = ".".join(["a" * 63, "b" * 63, "c" * 63, "d" * 61])


class NameServer:
    """Answers for a table of PTR, A and AAAA records on UDP port 53 of an address of the namespace. What it was asked
    is an event each, such as `PTR 7.0.0.10.in-addr.arpa`."""

    def __init__(self, namespace, address="127.0.0.1"):
        self.queries = Events("the name server")
        self.fails = None  # or "silent", "servfail", "refused"
        self.address = address
        self._records = {}  # by owner, as labels in lower case, and type: a list of record data
        self._ended = threading.Event()
        with namespace.entered():
            self._socket = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        self._socket.bind((address, 53))
        threading.Thread(target=self._serve, daemon=True).start()

    def name(self, address, name):
        """The address has this name, and the name this address too."""
        self.point(address, name)
        owner, data = tuple(_labels(name)), ipaddress.ip_address(address)
        self._records.setdefault((owner, "A" if data.version == 4 else "AAAA"), []).append(data.packed)

    def point(self, address, name):
        """The address says that this is its name: text, a list of labels, or the very bytes of the record."""
        owner = ipaddress.ip_address(address).reverse_pointer
        data = name if isinstance(name, bytes) else _wire(_labels(name, lower=False))
        self._records[tuple(_labels(owner)), "PTR"] = [data]

    def forget(self):
        """No address has a name any more."""
        self._records = {}

    @contextlib.contextmanager
    def asked(self, options="timeout:1 attempts:1"):
        """Every program in the enclosure asks this server meanwhile, running ones too: glibc sees that the file is
        another. All namespaces of the run share it; where no server listens on the address, lookups fail at once."""
        if not enclosure.entered():
            raise AssertionError("outside the enclosure the machine's own /etc/resolv.conf would be covered")
        with contextlib.ExitStack() as stack:
            for path, text in (("/etc/resolv.conf", f"nameserver {self.address}\noptions {options}\n"),
                               # A systemd-resolved would be asked in its own network.
                               ("/etc/nsswitch.conf", "hosts: files dns\n")):
                stack.enter_context(_covered(path, text))
            yield self

    def end(self):
        self._ended.set()
        with contextlib.suppress(OSError):
            self._socket.shutdown(socket.SHUT_RDWR)  # not connected, it says, but wakes recvfrom()

    def _serve(self):
        with self._socket:
            while True:
                query, peer = self._socket.recvfrom(4096)
                if self._ended.is_set():
                    return
                answer = self._answer(query)
                if answer:
                    self._socket.sendto(answer, peer)

    def _answer(self, query):
        labels, end = _question(query)
        number, = struct.unpack_from("!H", query, end)
        kind, question = _TYPES.get(number, str(number)), query[12:end + 4]
        self.queries.add(f"{kind} {b'.'.join(labels).decode(errors='backslashreplace')}")
        owner = tuple(label.lower() for label in labels)
        records = []
        if self.fails == "silent":
            return None
        if self.fails:
            code = {"servfail": _SERVFAIL, "refused": _REFUSED}[self.fails]
        else:
            records = self._records.get((owner, kind), [])
            code = _NO_ERROR if any((owner, kind) in self._records for kind in _TYPES.values()) else _NXDOMAIN
        # An authoritative answer, with recursion as desired and available.
        head = query[:2] + struct.pack("!5H", 0x8580 | code, 1, len(records), 0, 0)
        body = b"".join(b"\xc0\x0c" + struct.pack("!HHIH", number, 1, 60, len(data)) + data for data in records)
        return head + question + body


def _labels(name, lower=True):
    labels = name.rstrip(".").encode().split(b".") if isinstance(name, str) else name
    return [label.lower() if lower else label for label in labels]


def _wire(labels):
    return b"".join(bytes([len(label)]) + label for label in labels) + b"\0"


def _question(query):
    """The labels that are asked for, and where their type stands."""
    labels, position = [], 12
    while length := query[position]:
        labels.append(query[position + 1:position + 1 + length])
        position += 1 + length
    return labels, position + 1


@contextlib.contextmanager
def _covered(path, text):
    """A file that is another meanwhile."""
    with tempfile.NamedTemporaryFile("w", suffix=os.path.basename(path)) as file:
        os.fchmod(file.fileno(), 0o644)  # the daemon may be another user
        file.write(text)
        file.flush()
        mount("--bind", file.name, path)
        try:
            yield
        finally:
            unmount(path)
