"""A mount and process-id namespace around a whole run: whatever is made in it, mounts, named network
namespaces and processes, the kernel removes when the run ends, however it ends."""

import os
import subprocess
import sys
import tempfile

_MARK = "SUBNET_SD_LAB"
_FILES = "/run/subnet-sd-lab"  # short: the path of a socket has at most 107 bytes


def enter():
    """Start this program again inside the enclosure; returns only there. Needs root."""
    if os.environ.get(_MARK) == "inside":
        _settle()
        return
    python = [sys.executable, *sys.orig_argv[1:]]
    os.environ[_MARK] = "inside"
    os.execvp("unshare", ["unshare", "--mount", "--pid", "--fork", "--kill-child", "--mount-proc",
                          "--propagation", "private", "--", *python])


def _settle():
    # Names of network namespaces live in /run/netns: with one of our own, none is left behind.
    _mount("/run/netns", "1m")
    # And what the tests write, a machine's disk among it, is gone with the last process.
    _mount(_FILES, "4g")
    tempfile.tempdir = _FILES
    os.environ[_MARK] = "settled"


def _mount(path, size):
    os.makedirs(path, exist_ok=True)
    subprocess.run(["mount", "-t", "tmpfs", "-o", f"size={size},mode=755", "subnet-sd-lab", path], check=True)


def entered():
    return os.environ.get(_MARK) == "settled"
