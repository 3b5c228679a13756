"""Stops one thread of a process, which no signal can do: a hang, made on purpose."""

import ctypes
import os
from pathlib import Path

_libc = ctypes.CDLL(None, use_errno=True)
_libc.ptrace.argtypes = [ctypes.c_long, ctypes.c_long, ctypes.c_void_p, ctypes.c_void_p]
_libc.ptrace.restype = ctypes.c_long
_DETACH, _SEIZE, _INTERRUPT = 17, 0x4206, 0x4207
_ALL_THREADS = 0x40000000  # __WALL


class FrozenThread:
    """Thread `number` stands still until `thaw()`, which the same thread of ours must call."""

    def __init__(self, number):
        self.number = number
        _ptrace(_SEIZE, number)
        _ptrace(_INTERRUPT, number)
        os.waitpid(number, _ALL_THREADS)

    def thaw(self):
        _ptrace(_DETACH, self.number)


def _ptrace(request, thread):
    if _libc.ptrace(request, thread, None, None) != 0:
        raise OSError(ctypes.get_errno(), f"ptrace {request:#x}")


def sweeping_thread(proc):
    """The thread that waits for connections: its epoll set has sockets in the state SYN-SENT. None if no scan is
    under way."""
    inodes = _connecting(proc)
    for task in (proc / "task").iterdir():
        try:
            words = (task / "syscall").read_text().split()
            watched = _watched(proc, int(words[1], 16)) if len(words) > 1 else []
            sockets = {os.readlink(proc / "fd" / number) for number in watched}
        except (OSError, ValueError):
            continue  # running, or a descriptor that is closed by now
        if sockets & inodes:
            return int(task.name)
    return None


def _connecting(proc):
    """Sockets of the process's network namespace that wait for an answer, as `socket:[inode]`."""
    lines = (proc / "net/tcp").read_text().splitlines()[1:]
    return {f"socket:[{fields[9]}]" for fields in map(str.split, lines) if fields[3] == "02"}


def _watched(proc, descriptor):
    lines = Path(proc, "fdinfo", str(descriptor)).read_text().splitlines()
    return [line.split()[1] for line in lines if line.startswith("tfd:")]
