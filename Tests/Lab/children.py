"""Child processes: started by us, watched by us, ended by their own id, and never outliving us."""

import os
import signal
import subprocess
import tempfile
import threading
import time

from Lab.events import Events


class Child:
    """One running program whose lines on stderr (and stdout, unless taken elsewhere) are events."""

    def __init__(self, command, name=None, env=None, cwd=None, stdin=subprocess.DEVNULL, stdout=None,
                 namespace=None, descriptors=()):
        self.name = name or os.path.basename(command[0])
        self.lines = Events(self.name)
        self.status = None  # exit status; -N for a signal
        self.started = time.monotonic()
        self.ended = threading.Event()
        command = namespace.command(command) if namespace else command
        # Without a new session Ctrl-C would reach the child before our own orderly end does.
        self._process = subprocess.Popen(
            ["setpriv", "--pdeathsig", "KILL", "--", *command], env=env, cwd=cwd, stdin=stdin,
            stdout=subprocess.PIPE if stdout is None else stdout, stderr=subprocess.PIPE,
            start_new_session=True, pass_fds=descriptors)
        self.pid = self._process.pid
        self._readers = [
            threading.Thread(target=self._read, args=(pipe,), daemon=True)
            for pipe in (self._process.stderr, self._process.stdout) if pipe
        ]
        for reader in self._readers:
            reader.start()
        threading.Thread(target=self._reap, daemon=True).start()

    def _read(self, pipe):
        for line in pipe:
            self.lines.add(line.decode(errors="replace").rstrip("\n"))
        pipe.close()

    def _reap(self):
        _, status = os.waitpid(self.pid, 0)
        self.status = self._process.returncode = os.waitstatus_to_exitcode(status)
        for reader in self._readers:
            reader.join(timeout=5)  # a grandchild may still hold the pipe
        self.lines.end()
        self.ended.set()

    @property
    def alive(self):
        return self.status is None

    def signal(self, number):
        if self.alive:
            os.kill(self.pid, number)

    def wait(self, timeout):
        """The exit status, or a failure if it does not end in time."""
        if not self.ended.wait(timeout):
            tail = "\n  ".join(self.lines.all()[-25:])
            raise AssertionError(f"{self.name} did not end within {timeout} s\n  {tail}")
        return self.status

    def stop(self, timeout=15):
        """Ask it to end; insist if it does not."""
        self.signal(signal.SIGCONT)
        self.signal(signal.SIGTERM)
        if not self.ended.wait(timeout):
            self.kill()
        return self.status

    def kill(self):
        self.signal(signal.SIGKILL)
        return self.wait(10)

    def memory(self, field="VmRSS"):
        """Bytes of memory now (VmRSS) or at most so far (VmHWM)."""
        with open(f"/proc/{self.pid}/status") as status:
            for line in status:
                if line.startswith(field + ":"):
                    return int(line.split()[1]) * 1024
        raise AssertionError(f"{self.name} has no {field}")


class Finished:
    """What a command left behind when it ended."""

    def __init__(self, child, output, elapsed):
        self.status, self.output, self.elapsed = child.status, output, elapsed
        self.error = "\n".join(child.lines.all())


def finish(command, timeout=60, status=0, name=None, **options):
    """Run a command to its end; its stdout is kept apart. Fails on another exit status (None: any)."""
    read, write = os.pipe()
    chunks = []

    def collect():
        with open(read, "rb") as pipe:
            chunks.append(pipe.read())

    collector = threading.Thread(target=collect, daemon=True)
    collector.start()
    try:
        child = Child(command, name, stdout=write, **options)
    finally:
        os.close(write)
    try:
        child.wait(timeout)
    finally:
        if child.alive:
            child.kill()
    elapsed = time.monotonic() - child.started
    collector.join(timeout=10)
    done = Finished(child, b"".join(chunks).decode(errors="replace"), elapsed)
    if status is not None and done.status != status:
        said = f"stdout:\n{done.output[-3000:]}\nstderr:\n{done.error[-3000:]}"
        raise AssertionError(f"{' '.join(command)}: exit status {done.status}, not {status}\n{said}")
    return done


def measure(command, **options):
    """Runs a command as finish() does, and adds `peak`, the most bytes of memory it used, and `cpu`, its seconds
    of processor time. By GNU time, as the kernel's account of a child of ours begins with *our* memory."""
    with tempfile.NamedTemporaryFile("r") as account:
        done = finish(["time", "-f", "%M %U %S", "-o", account.name, *command], name=command[0], **options)
        kibibytes, user, system = account.read().split()[-3:]
    done.peak = int(kibibytes) * 1024
    done.cpu = float(user) + float(system)
    return done
