"""What is measured of subnet-sd alone: whether it finds all each time, what it allocates, what it keeps, its pieces."""

import json
import random
import re
import statistics

from Benchmarks import scanners
from Benchmarks.progress import say
from Benchmarks.scenarios import SCENARIOS
from Lab import parts
from Lab.children import finish
from Lab.daemon import Daemon, config
from Lab.fleet import addresses, endpoints

IDLE_TARGETS = 1000
# Nobody lives in either; the smaller is a part of the larger.
EMPTY = ("10.92.0.0/18", "10.92.0.0/16")
EMPTY_HOSTS = (16_382, 65_534)


def recall(setting, scans):
    """How many of the live hosts each of so many scans of the silent /16 finds."""
    scenario = SCENARIOS["silent-16"]
    live = scenario.set_up(setting.fleet)
    path = scanners.write_config(setting.folder / "recall.yml", scenario.prefix, setting.concurrency)
    found = []
    for number in range(scans):
        say(f"recall, scan {number + 1} of {scans}")
        done = finish(scanners.scan_command(path), timeout=120, namespace=setting.fleet.near)
        found.append(len(set(re.findall(scanners.FOUND, done.output)) & live))
    return {"live": len(live), "found": found}


def allocations(setting, rounds=3):
    """How often memory is asked for an address that does not answer: the difference of two scans by their sizes."""
    setting.fleet.reset()
    counts = {}
    for prefix in EMPTY:
        path = scanners.write_config(setting.folder / "allocations.yml", prefix, setting.concurrency)
        command = scanners.scan_command(path, "env", f"LD_PRELOAD={scanners.BUILT / 'count_allocations.so'}")
        for number in range(rounds):
            say(f"allocations, {prefix}, scan {number + 1} of {rounds}")
            done = finish(command, timeout=120, namespace=setting.fleet.near)
            counts.setdefault(prefix, []).append(int(re.search(r"allocations: (\d+)", done.error)[1]))
    small, large = (statistics.median(counts[prefix]) for prefix in EMPTY)
    return {"counts": counts, "per_address": (large - small) / (EMPTY_HOSTS[1] - EMPTY_HOSTS[0])}


def idle(setting):
    """The daemon's memory between two scans, knowing a thousand targets."""
    setting.fleet.reset()
    hosts = addresses("10.89", IDLE_TARGETS, random.Random(IDLE_TARGETS))
    setting.fleet.wake(*hosts)
    say(f"the daemon with {IDLE_TARGETS} targets")
    settings = config(["10.89.0.0/16"], web={"listen_address": "127.0.0.1:19100"}, scan_interval="1h", rate=50000,
                      concurrency=4096)
    daemon = Daemon(setting.folder / "idle", settings, namespace=setting.fleet.near).start()
    try:
        daemon.wait_listed(endpoints(hosts), timeout=120)
        return {"targets": IDLE_TARGETS, "rss": daemon.child.memory(), "peak": daemon.child.memory("VmHWM")}
    finally:
        daemon.end()


def micro(runs):
    """Nanoseconds of processor time for the pieces of a scan and of what follows it."""
    say("the pieces of a scan, one by one")
    here = parts.ROOT / "Tests/Benchmarks"
    done = finish([str(parts.ROOT / ".build-release/release/micro-benchmark"), "pieces", str(runs),
                   str(here / "Fixtures"), str(parts.ROOT / "packaging/config.yml")], timeout=60 + 20 * runs)
    return [json.loads(line) for line in done.output.splitlines()]
