"""A real systemd, journald and Prometheus: a small Debian booted in a container inside the fleet's near namespace."""

import fcntl
import hashlib
import itertools
import json
import os
import shutil
import subprocess
import threading
from pathlib import Path

from Lab import parts
from Lab.children import Child, finish
from Lab.notify import NotifySocket

# libyaml is what the release needs beside what is always there.
_PACKAGES = "systemd,systemd-sysv,dbus,iproute2,prometheus,prometheus-node-exporter,curl,libyaml-0-2"
# The version of systemd in each release of Debian.
SYSTEMD = {"bookworm": "252", "trixie": "257"}
_NAME = "machine"
_PAUSE = threading.Event()  # never set: a bounded pause between two looks at what sends no events


def base(suite):
    """The tree all machines of a release start from; made once (a minute), kept in the cache."""
    tree = parts.CACHE / f"{suite}-{hashlib.sha256(_PACKAGES.encode()).hexdigest()[:8]}"
    parts.CACHE.mkdir(exist_ok=True)
    # Of several runs side by side one makes it, and the others wait for it.
    with open(tree.with_suffix(".lock"), "w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if not tree.exists():
            _make(tree, suite)
    return tree


def _make(tree, suite):
    unfinished = tree.with_suffix(".unfinished")
    shutil.rmtree(unfinished, ignore_errors=True)
    try:
        finish(["debootstrap", "--variant=minbase", f"--include={_PACKAGES}", suite, str(unfinished),
                "http://deb.debian.org/debian"], timeout=600)
    except BaseException:
        shutil.rmtree(unfinished, ignore_errors=True)
        raise
    unfinished.rename(tree)


class Machine:
    """One booted machine over a copy of the base tree; gone with all it wrote at the end."""

    def __init__(self, folder, namespace, suite="bookworm"):
        self.folder = Path(folder)
        self.root = self.folder / "root"
        self._namespace = namespace
        self._boots = itertools.count(1)
        self._plant(base(suite))
        # Prometheus asks for its own name as it starts, and waits for a name server that is not there.
        self.write("/etc/hosts", f"127.0.0.1 localhost {_NAME}\n")
        self.write("/etc/resolv.conf", "")
        self._boot()

    def _boot(self):
        self.notify = NotifySocket(self.folder / f"notify{next(self._boots)}")
        self.child = Child(
            ["systemd-nspawn", "--register=no", "--keep-unit", "--notify-ready=yes", "--console=pipe",
             # So that IPAddressAllow= of a unit is enforced and not just read.
             "--capability=CAP_BPF,CAP_NET_ADMIN,CAP_PERFMON,CAP_SYS_ADMIN", "--system-call-filter=bpf",
             f"--network-namespace-path={self._namespace.path}", "--directory", str(self.root), "--boot",
             f"--hostname={_NAME}", "--resolv-conf=off"],
            env={"PATH": os.environ["PATH"], "NOTIFY_SOCKET": self.notify.path,
                 "SYSTEMD_NSPAWN_UNIFIED_HIERARCHY": "1"})
        _, notice = self.notify.wait("X_NSPAWN_LEADER_PID", timeout=60)
        self.leader = notice.fields["X_NSPAWN_LEADER_PID"]
        self.notify.wait("READY", "1", timeout=120)

    def reboot(self):
        """Shut down in order and start again, with the files as they were left."""
        self.run("systemctl", "reboot", status=None)
        # What a service manager of nspawn is told by: start it anew (EXIT_FORCE_RESTART).
        assert self.child.wait(60) == 133, f"ended with {self.child.status}"
        self.notify.end()
        self._boot()

    def _plant(self, tree):
        """The base tree under a layer of our own, or a copy where the file system has no layers."""
        upper, work = self.folder / "upper", self.folder / "work"
        for folder in (self.root, upper, work):
            folder.mkdir(parents=True)
        options = f"lowerdir={tree},upperdir={upper},workdir={work}"
        if subprocess.run(["mount", "-t", "overlay", "overlay", "-o", options, str(self.root)],
                          capture_output=True, timeout=30).returncode != 0:
            self.root.rmdir()
            subprocess.run(["cp", "-a", "--reflink=auto", str(tree), str(self.root)], check=True, timeout=300)

    def run(self, *command, status=0, timeout=60):
        """A command inside, to its end."""
        return finish(["nsenter", "-t", self.leader, "-m", "-u", "-i", "-p", "-n", "--", *command],
                      timeout=timeout, status=status)

    def write(self, path, text, mode=0o644):
        """A file inside."""
        inside = self.root / path.lstrip("/")
        inside.parent.mkdir(parents=True, exist_ok=True)
        inside.unlink(missing_ok=True)  # it may be a link that leads out of the tree
        inside.write_text(text)
        inside.chmod(mode)

    def install(self, source, path, mode=0o755):
        """A file of ours, put inside."""
        inside = self.root / path.lstrip("/")
        inside.parent.mkdir(parents=True, exist_ok=True)
        shutil.copyfile(source, inside)
        inside.chmod(mode)

    def read(self, path):
        """The text of a file inside; None if there is none."""
        inside = self.root / path.lstrip("/")
        return inside.read_text() if inside.exists() else None

    def remove(self, path):
        (self.root / path.lstrip("/")).unlink()

    def property(self, unit, name):
        """Of a unit, or where that is empty of the service manager."""
        return self.run("systemctl", "show", "--value", "-p", name, *filter(None, [unit])).output.strip()

    def journal(self, unit, *matches):
        """The unit's entries as dictionaries of fields, up to now."""
        self.run("journalctl", "--sync")  # what was sent may not have been written yet
        output = self.run("journalctl", "--no-pager", "-o", "json", "-u", unit, *matches).output
        return [json.loads(line) for line in output.splitlines()]

    def wait(self, question, timeout=parts.PATIENCE, what="state"):
        """Ask until the answer is true."""
        waited = 0.0
        while not question():
            if waited >= timeout:
                raise AssertionError(f"the machine did not come to it within {timeout} s: {what}")
            _PAUSE.wait(0.2)
            waited += 0.2

    def end(self):
        if self.child.alive:
            subprocess.run(["nsenter", "-t", self.leader, "-m", "-p", "--", "systemctl", "poweroff"],
                           capture_output=True, timeout=30, check=False)
            if not self.child.ended.wait(20):
                self.child.kill()
        subprocess.run(["umount", "-l", str(self.root)], capture_output=True, timeout=30, check=False)
        self.notify.end()
