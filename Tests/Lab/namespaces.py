"""Network namespaces joined by veth pairs: the near one looks at the far ones through routes."""

import contextlib
import ctypes
import os
import subprocess

_libc = ctypes.CDLL(None, use_errno=True)
_CLONE_NEWNET = 0x40000000


class Namespace:
    """One network namespace, made and removed by name."""

    def __init__(self, name):
        self.name = name
        self.path = f"/run/netns/{name}"
        _run("ip", "netns", "add", name)
        self.ip("link", "set", "lo", "up")

    def ip(self, *arguments):
        _run("ip", "-n", self.name, *arguments)

    def command(self, command):
        """The command as it runs inside; the process id stays the same."""
        return ["nsenter", f"--net={self.path}", "--", *command]

    def run(self, *command, text=None):
        return _run(*self.command(command), text=text)

    def setting(self, name, value):
        """Set a sysctl that belongs to this namespace alone."""
        self.run("sysctl", "-qw", f"{name}={value}")

    @contextlib.contextmanager
    def entered(self):
        """Sockets made by this thread meanwhile belong to the namespace, and stay there."""
        with open("/proc/thread-self/ns/net") as home, open(self.path) as there:
            _enter(there)
            try:
                yield
            finally:
                _enter(home)

    def remove(self):
        _run("ip", "netns", "del", self.name)


class Link:
    """A veth pair from a near namespace to a far one of its own. Far addresses are reached through a next hop,
    never on-link: an on-link range would fill the machine's neighbour table, which all namespaces share."""

    def __init__(self, near, far, number=0, device="far"):
        self.near, self.far = near, far
        self.device = f"near{number}"
        # 192.0.2.0/24 is for documentation: no configuration under test scans it.
        self._near_address = f"192.0.2.{4 * number + 1}"
        self.next_hop = f"192.0.2.{4 * number + 2}"
        self.routed = []
        near.ip("link", "add", self.device, "type", "veth", "peer", "name", device, "netns", far.name)
        near.ip("address", "add", f"{self._near_address}/30", "dev", self.device)
        far.ip("address", "add", f"{self.next_hop}/30", "dev", device)
        near.ip("link", "set", self.device, "up")
        far.ip("link", "set", device, "up")

    def route(self, prefix):
        """The far kernel answers for every address of the prefix from now on."""
        self.far.ip("route", "add", "local", prefix, "dev", "lo")
        self.near.ip("route", "add", prefix, "via", self.next_hop)
        self.routed.append(prefix)

    def unroute(self, prefix):
        self.routed.remove(prefix)
        self.far.ip("route", "del", "local", prefix, "dev", "lo")
        self.near.ip("route", "del", prefix, "via", self.next_hop)

    def cut(self):
        """Down, as a pulled cable; the kernel drops the routes with it."""
        self.near.ip("link", "set", self.device, "down")

    def mend(self):
        self.near.ip("link", "set", self.device, "up")
        for prefix in self.routed:
            self.near.ip("route", "replace", prefix, "via", self.next_hop)


def _enter(descriptor):
    if _libc.setns(descriptor.fileno(), _CLONE_NEWNET) != 0:
        raise OSError(ctypes.get_errno(), "setns")


def _run(*command, text=None):
    done = subprocess.run(command, input=text, capture_output=True, text=True, timeout=30,
                          stdin=subprocess.DEVNULL if text is None else None)
    if done.returncode != 0:
        raise AssertionError(f"{' '.join(command)}: {done.stderr.strip()}")
    return done.stdout


def unique(word):
    """A name no other run has."""
    return f"sd{os.getpid()}-{word}"
