"""The daemon under test, in the foreground, with a service manager of its own and a folder of its own."""

import itertools
import json
import os
import re
import signal
from pathlib import Path

from Lab import inventory, parts, target_file
from Lab.children import Child, finish
from Lab.notify import NotifySocket
from Lab.parts import PATIENCE
from Lab.watch import Watch

# One line a scan, when its events are logged and its targets published.
COMPLETE = r"job '[^']*': \d+ targets?\b.*; \d+ of \d+ endpoints"
INCOMPLETE = r"job '[^']*': scan incomplete"
SCANNED = f"{COMPLETE}|{INCOMPLETE}"


_starts = itertools.count(1)


class Daemon:
    """`subnet-sd run` in a folder: `config.yml`, `state/`, the target file in `state/file_sd/`, and `run/`, where it
    listens."""

    def __init__(self, folder, config, namespace=None, target_file="service_discovery.yml", prefix=()):
        self.folder = Path(folder)
        self.config = self.folder / "config.yml"
        self.state = self.folder / "state"
        self.runtime = self.folder / "run"
        self.target_file = self.state / "file_sd" / target_file
        self.state.mkdir(parents=True, exist_ok=True)
        self.configure(config)
        self.program = parts.daemon()
        self.prefix = list(prefix)  # a command that runs it, such as strace
        self.descriptors = ()  # that it inherits beside the standard ones
        self.child = self.notify = None
        self._namespace = namespace

    def configure(self, config):
        """JSON is YAML too; a string is written as it is."""
        if isinstance(config, str):
            self.config.write_text(config)
        else:
            self.jobs = [job["job_name"] for job in config["scan_configs"]]
            self.config.write_text(json.dumps(config, indent=1) + "\n")

    def command(self):
        return [*self.prefix, self.program, "run", "--config", str(self.config),
                "--state-directory", str(self.state), "--runtime-directory", str(self.runtime)]

    def start(self, ready=True, **environment):
        """Start it, and wait until it says READY=1 (unless that is not to come)."""
        if self.notify:
            self.notify.end()
        self.notify = NotifySocket(self.folder / f"notify{next(_starts)}")
        self.child = Child(
            self.command(), name="subnet-sd", namespace=self._namespace, descriptors=self.descriptors,
            env={"PATH": os.environ["PATH"], "NOTIFY_SOCKET": self.notify.path, **environment})
        if ready:
            self.wait_ready()
        return self

    def wait_ready(self, timeout=PATIENCE):
        self._or_dead(lambda limit: self.notify.wait("READY", "1", limit), timeout)

    def _or_dead(self, wait, timeout):
        try:
            return wait(timeout)
        except AssertionError as error:
            lines = "\n  ".join(self.child.lines.all()[-30:])
            raise AssertionError(f"{error}\nits stderr (exit status {self.child.status}):\n  {lines}") from None

    # What it says

    @property
    def lines(self):
        return self.child.lines

    def wait_line(self, pattern, timeout=PATIENCE, since=0):
        """The position and text of the first line that matches."""
        expression = re.compile(pattern)
        return self.lines.wait(expression.search, timeout, since, pattern)

    def said(self, pattern, since=0):
        expression = re.compile(pattern)
        return [line for line in self.lines.all(since) if expression.search(line)]

    def wait_scans(self, count, timeout=PATIENCE, since=None, kind=SCANNED):
        """Wait for so many more ends of scans, from now or from a position; returns where the next line will stand."""
        position = self.lines.count() if since is None else since
        for _ in range(count):
            position = self.wait_line(kind, timeout, position)[0] + 1
        return position

    def settle(self, timeout=PATIENCE):
        """Wait until a scan of each job that began after this call has been published: its second end from now,
        and the third, since a scan is published after its line."""
        begin = self.lines.count()
        for job in self.jobs:
            self.wait_scans(3, timeout, begin, rf"job '{job}': .*(endpoints in|scan incomplete)")

    # What it publishes

    def groups(self):
        return target_file.read(self.target_file)

    def listed(self):
        """The targets in the file now; none if there is no file."""
        return target_file.listed(self.groups()) if self.target_file.exists() else set()

    def wait_listed(self, matches, timeout=PATIENCE, what="the target file"):
        """Wait until the published set matches: a predicate, or the set itself. Needs its directory."""
        wanted = matches
        if not callable(matches):
            def matches(listed):
                return listed == wanted
            what = f"{len(wanted)} targets in the file"
        watch = Watch(self.target_file.parent)
        try:
            position = 0
            while not matches(self.listed()):
                try:
                    position = watch.events.wait(
                        lambda event: event[1] == self.target_file.name, timeout, position, what)[0] + 1
                except AssertionError as error:
                    listed = self.listed()
                    raise AssertionError(
                        f"{what}: {len(listed)} listed: {sorted(listed)[:8]}…; "
                        f"log:\n  " + "\n  ".join(self.lines.all()[-25:])) from error
            return self.listed()
        finally:
            watch.end()

    # What it keeps for itself

    def inventory(self):
        """What is stored; nothing if there is no file."""
        return inventory.read(self.state / "inventory")

    def unusable(self):
        """Inventories that it set aside."""
        return sorted(path.name for path in self.state.glob("inventory.unusable-*"))

    def leftovers(self):
        """Files that a replacement did not come to the end of."""
        return sorted(path.name for folder in (self.state, self.target_file.parent) for path in folder.glob(".*.tmp"))

    # What operators ask of it

    def ask(self, command, *arguments, status=0):
        """`targets`, `forget` or `release`, to its end."""
        return finish([self.program, command, *arguments, "--runtime-directory", str(self.runtime)], status=status)

    def targets(self, *options):
        """What `targets` knows: each target by its name, and the holds."""
        known = json.loads(self.ask("targets", "--format", "json", *options).output)
        return {target["target"]: target for target in known["targets"]}, known["holds"]

    def forget(self, *targets, status=0):
        return self.ask("forget", *targets, status=status)

    def release(self, job="node", status=0):
        return self.ask("release", job, status=status)

    def status(self):
        """Its last STATUS sentence."""
        return self.notify.said("STATUS")[-1].fields["STATUS"]

    # What the kernel knows of it

    @property
    def pid(self):
        """Its own process, which under strace is a child."""
        try:
            children = Path(f"/proc/{self.child.pid}/task/{self.child.pid}/children").read_text().split()
        except (FileNotFoundError, ProcessLookupError):
            children = []  # it has ended
        return int(children[0]) if children else self.child.pid

    @property
    def proc(self):
        return Path(f"/proc/{self.child.pid}")

    # What we tell it

    def reload(self):
        """SIGHUP; returns where the notices of this reload begin."""
        since = self.notify.notices.count()
        os.kill(self.pid, signal.SIGHUP)
        return since

    def reloaded(self):
        """Reload, and wait until it is done; returns where the next line will stand."""
        since = self.lines.count()
        self.reload()
        return self.wait_line("configuration reloaded", since=since)[0] + 1

    def stop(self, timeout=10):
        if self.pid != self.child.pid:
            os.kill(self.pid, signal.SIGTERM)  # strace ends with it
            self.child.ended.wait(timeout)
        return self.child.stop(timeout)

    def kill(self):
        return self.child.kill()

    def end(self):
        if self.child and self.child.alive:
            self.stop()
        if self.notify:
            self.notify.end()
            self.notify = None


def config(ranges, exporters=None, job="node", web=None, **settings):
    """A configuration of one job; keyword arguments are keys of `global`, `job_…` ones of the job. Nobody is listened to
    over HTTP unless `web` says so."""
    entry = {"job_name": job, "ranges": ranges}
    if exporters:
        entry["exporters"] = exporters
    entry.update({key[4:]: value for key, value in settings.items() if key.startswith("job_")})
    general = {key: value for key, value in settings.items() if not key.startswith("job_")}
    return {"global": general, "web": web or {"listen_address": ""}, "scan_configs": [entry]}
