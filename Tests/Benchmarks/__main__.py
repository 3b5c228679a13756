"""`Tests/Benchmarks/run`, as root: how long a /16 takes, what is found of it, and what it costs."""

import argparse
import json
import os
import random
import statistics
import sys
import tempfile
from pathlib import Path

from Benchmarks import scanners
from Lab import enclosure, parts
from Lab.children import measure
from Lab.daemon import Daemon, config
from Lab.fleet import Fleet, addresses, endpoints
from Lab.namespaces import unique

LIVE = 656
IDLE_TARGETS = 1000


def main():
    options = argparse.ArgumentParser(prog="Tests/Benchmarks/run")
    options.add_argument("--rounds", type=int, default=5, help="runs of each; they take turns (5)")
    options.add_argument("--aiohttp-rounds", type=int, default=1, help="it takes three minutes (1)")
    options.add_argument("--concurrency", type=int, default=16000, help="subnet-sd's connections at once (16000)")
    options.add_argument("--json", default=str(parts.CACHE / "benchmark.json"), help="where all figures go")
    options = options.parse_args()
    if os.geteuid() != 0:
        sys.exit("needs root, for network namespaces")
    enclosure.enter()
    folder = Path(tempfile.mkdtemp(prefix="benchmark-"))
    fleet = Fleet(unique("bench"))
    try:
        result = {"machine": {"cores": os.cpu_count(), "kernel": os.uname().release}, "live": LIVE,
                  "scan": compare(fleet, folder, options), "daemon": idle(fleet, folder)}
    finally:
        fleet.end()
    Path(options.json).parent.mkdir(exist_ok=True)
    Path(options.json).write_text(json.dumps(result, indent=2) + "\n")
    report(result)
    print(f"all figures: {options.json}")


def compare(fleet, folder, options):
    """A B C A B C …: all runs of each, with what each found."""
    live = set(addresses(scanners.PREFIX.rsplit(".", 2)[0], LIVE, random.Random(LIVE)))
    fleet.wake(*live)
    runs = {}
    contenders = [scanners.subnet_sd(folder, options.concurrency), scanners.nmap(), scanners.aiohttp()]
    for number in range(options.rounds):
        for scanner in contenders:
            if scanner.name == "aiohttp" and number >= options.aiohttp_rounds:
                continue
            print(f"round {number + 1}: {scanner.name}", file=sys.stderr, flush=True)
            done = measure(scanner.command, timeout=scanner.timeout, namespace=fleet.near)
            found = scanner.found(done.output)
            runs.setdefault(scanner.name, []).append({
                "seconds": round(done.elapsed, 3), "cpu": done.cpu, "peak": done.peak,
                "found": len(found & live), "extra": len(found - live)})
    fleet.reset()
    return runs


def idle(fleet, folder):
    """The daemon's memory between two scans, knowing a thousand targets."""
    hosts = addresses("10.89", IDLE_TARGETS, random.Random(IDLE_TARGETS))
    fleet.wake(*hosts)
    print(f"the daemon with {IDLE_TARGETS} targets", file=sys.stderr, flush=True)
    settings = config(["10.89.0.0/16"], web={"listen_address": "127.0.0.1:19100"}, scan_interval="1h", rate=50000,
                      concurrency=4096)
    daemon = Daemon(folder / "idle", settings, namespace=fleet.near).start()
    try:
        daemon.wait_listed(endpoints(hosts), timeout=120)
        return {"targets": IDLE_TARGETS, "rss": daemon.child.memory(), "peak": daemon.child.memory("VmHWM")}
    finally:
        daemon.end()


def report(result):
    rows = [("", "seconds", "ratio", "CPU s", "peak MiB", f"found of {LIVE}", "extra", "runs")]
    median = {name: {key: statistics.median(run[key] for run in runs) for key in runs[0]}
              for name, runs in result["scan"].items()}
    for name, figures in median.items():
        rows.append((
            name, f"{figures['seconds']:.2f}", f"{figures['seconds'] / median['subnet-sd']['seconds']:.2f}",
            f"{figures['cpu']:.2f}", f"{figures['peak'] / 2**20:.1f}", f"{figures['found']:.0f}",
            f"{figures['extra']:.0f}", str(len(result["scan"][name]))))
    widths = [max(len(row[column]) for row in rows) for column in range(len(rows[0]))]
    print(f"one scan of {scanners.PREFIX}, port 9100, medians:")
    for row in rows:
        print("  " + row[0].ljust(widths[0]), *(cell.rjust(width) for cell, width in zip(row[1:], widths[1:])), sep="  ")
    daemon = result["daemon"]
    print(f"the daemon between scans, {daemon['targets']} targets: {daemon['rss'] / 2**20:.1f} MiB, "
          f"at most {daemon['peak'] / 2**20:.1f} MiB")


main()
