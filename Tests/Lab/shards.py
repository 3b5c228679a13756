"""The lab in several processes side by side, each in an enclosure of its own; what measures time or load comes last, alone."""

import argparse
import re
import shutil
import signal
import subprocess
import sys
import tempfile
import threading
from pathlib import Path

_END = re.compile(r"(ok|FAIL|skip)\s")
_DURATION = re.compile(r"\((\d+\.\d) s\)$")
_SLOWEST = 10


class Shard:
    """One process, which takes the next class that no other has taken."""

    def __init__(self, number, package, claims, arguments, hear):
        self.counts = claims / f"counts-{number}"
        self._hear = hear
        self._process = subprocess.Popen(
            [sys.executable, "-m", package, "--claims", str(claims), "--counts", str(self.counts), *arguments],
            stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, errors="replace")
        self._reader = threading.Thread(target=self._read)
        self._reader.start()

    def _read(self):
        lines = []
        for line in self._process.stdout:
            lines.append(line)
            # What a test says and how it ends stay together.
            if _END.match(line):
                self._hear(lines)
                lines = []
        self._hear(lines)

    def wait(self):
        self._reader.join()
        return self._process.wait()

    def terminate(self):
        self._process.send_signal(signal.SIGTERM)


class Shards:
    def __init__(self, package, names):
        self._package, self._names = package, names
        self._lock = threading.Lock()
        self._durations = []
        self._running = []
        self.counts = [0, 0, 0]
        self.is_good = True

    def _hear(self, lines):
        with self._lock:
            for line in lines:
                # Each shard counts for itself; the sum comes at the end.
                if re.fullmatch(r"\d+ passed, \d+ failed, \d+ skipped\n", line):
                    continue
                print(line, end="", flush=True)
                if _END.match(line) and (duration := _DURATION.search(line)):
                    self._durations.append((float(duration[1]), line.strip()))

    def run(self, count, *arguments):
        """So many processes share the tests that `arguments` choose."""
        claims = Path(tempfile.mkdtemp(prefix="lab-claims-"))
        try:
            self._running = [Shard(number, self._package, claims, [*arguments, *self._names], self._hear)
                             for number in range(count)]
            for shard in self._running:
                self.is_good &= shard.wait() == 0
                if not shard.counts.exists():
                    self.is_good = False
                    self.counts[1] += 1
                    self._hear(["FAIL a shard of the lab ended without its counts\n"])
                    continue
                self.counts = [sum(pair) for pair in zip(self.counts, map(int, shard.counts.read_text().split()))]
        finally:
            shutil.rmtree(claims)

    def end(self, *_):
        for shard in self._running:
            shard.terminate()
        sys.exit(143)

    def show_slowest(self):
        print("slowest:")
        for _, line in sorted(self._durations, reverse=True)[:_SLOWEST]:
            print(f"     {line}")


def main(package, words):
    """Runs the package in as many processes as the first word says, then what has to be alone; ends the program."""
    parser = argparse.ArgumentParser(prog=f"python3 -m {package} --shards")
    parser.add_argument("count", type=int, metavar="N")
    parser.add_argument("names", nargs="*")
    parser.add_argument("--counts")
    arguments = parser.parse_args(words)
    shards = Shards(package, arguments.names)
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, shards.end)
    shards.run(arguments.count, "--only", "beside")
    shards.run(1, "--only", "alone")
    shards.show_slowest()
    if arguments.counts:
        Path(arguments.counts).write_text(" ".join(map(str, shards.counts)) + "\n")
    print("{} passed, {} failed, {} skipped".format(*shards.counts), flush=True)
    sys.exit(0 if shards.is_good else 1)
