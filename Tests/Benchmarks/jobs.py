"""The daemon with many jobs of one address each: what they cost, and whom they hold up."""

import re
import statistics
import threading
import time

from Benchmarks.progress import say
from Benchmarks.scanners import processor_seconds
from Lab.daemon import Daemon
from Lab.web import Web

NUMBERS = (100, 250, 500, 1000)
INTERVAL = 10
# What is asked for over HTTP.
PATHS = {"/": "page", "/metrics": "metrics", "/sd": "sd", "/api/v1/targets": "targets"}
_PATIENCE = 600  # a build that is slow is to be measured, too


def jobs(setting, numbers, intervals=3):
    """Figures for each number of jobs, of which every second one has a live address."""
    return [_measure(setting, number, intervals) for number in numbers]


def configuration(number, interval=INTERVAL):
    """So many jobs of an address each, in 10.93.0.0/16."""
    return {"global": {"scan_interval": f"{interval}s", "connect_timeout": "500ms"},
            "web": {"listen_address": "127.0.0.1:19100"},
            "scan_configs": [{"job_name": f"job-{job}", "ranges": [address(job)], "target_file": f"{job}.yml"}
                             for job in range(number)]}


def address(job):
    return f"10.93.{job // 250}.{job % 250 + 1}"


def _measure(setting, number, intervals):
    fleet = setting.fleet
    fleet.reset()
    fleet.wake(*(address(job) for job in range(0, number, 2)))
    fleet.refuse("10.93.0.0/16")
    daemon = Daemon(setting.folder / f"jobs-{number}", configuration(number), namespace=fleet.near)
    say(f"{number} jobs: the first start")
    try:
        figures = {"jobs": number, "ready": _start(daemon)}
        daemon.wait_line(rf"job 'job-{number - 1}': .* endpoints in", timeout=_PATIENCE)
        begun = time.monotonic()
        for job in range(number):
            daemon.wait_line(rf"job 'job-{job}': .* endpoints in", timeout=_PATIENCE)
        figures["first_scans"] = {"more_seconds": time.monotonic() - begun,
                                  "cpu": processor_seconds(daemon.child.pid)}
        say(f"{number} jobs: {intervals} intervals of {INTERVAL} s")
        figures |= _steady(daemon, intervals)
        say(f"{number} jobs: HTTP")
        figures["web"] = {word: _ask(fleet.near, path) for path, word in PATHS.items()}
        say(f"{number} jobs: the end, and a second start")
        figures["stop"] = _stop(daemon)
        figures["ready_again"] = _start(daemon)
        figures["stop_again"] = _stop(daemon)
        return figures
    finally:
        daemon.end()


def _start(daemon):
    """Until READY=1."""
    begun = time.monotonic()
    daemon.start(ready=False, WATCHDOG_USEC="30000000")
    daemon.wait_ready(timeout=_PATIENCE)
    return {"seconds": time.monotonic() - begun, "cpu": processor_seconds(daemon.child.pid)}


def _stop(daemon):
    cpu, begun = processor_seconds(daemon.child.pid), time.monotonic()
    daemon.child.signal(15)
    # The last account there is of a process is while it stops.
    account = cpu
    while not daemon.child.ended.wait(0.02) and time.monotonic() - begun < _PATIENCE:
        try:
            account = processor_seconds(daemon.child.pid)
        except (FileNotFoundError, ProcessLookupError):
            break
    daemon.child.wait(_PATIENCE)
    return {"seconds": time.monotonic() - begun, "cpu": account - cpu}


def _steady(daemon, intervals):
    pid, notices = daemon.child.pid, daemon.notify.notices.count()
    cpu, begun, written = processor_seconds(pid), time.monotonic(), _written(pid)
    scans = daemon.lines.count()
    time.sleep(intervals * INTERVAL)  # a share of time is measured over a time
    seconds = time.monotonic() - begun
    said = daemon.notify.notices.all(notices)
    scanned = daemon.said("endpoints in", since=scans)
    fed = [notice.time for notice in said if "WATCHDOG" in notice.fields]
    return {
        "cpu_share": (processor_seconds(pid) - cpu) / seconds,
        "status_a_second": sum("STATUS" in notice.fields for notice in said) / seconds,
        "written_a_second": (_written(pid) - written) / seconds,
        "scans_a_second": len(scanned) / seconds,
        "scans_wanted": len(daemon.jobs) / INTERVAL,
        "longest_unfed": max((later - earlier for earlier, later in zip([begun, *fed], [*fed, begun + seconds]))),
        "rss": daemon.child.memory(), "peak": daemon.child.memory("VmHWM")}


def _written(pid):
    with open(f"/proc/{pid}/io") as account:
        return int(re.search(r"wchar: (\d+)", account.read())[1])


def _ask(namespace, path, runs=3):
    """How long an answer takes, its bytes, and how long a question for health waits that is asked while it is made."""
    web, taken, held, sizes = Web(namespace=namespace), [], [], []
    for _ in range(runs):
        begun = threading.Event()

        def healthy():
            begun.wait()
            time.sleep(0.005)  # behind the other one
            start = time.monotonic()
            web.get("/-/healthy")
            held.append(time.monotonic() - start)
        other = threading.Thread(target=healthy)
        other.start()
        start = time.monotonic()
        begun.set()
        try:
            answer = web.get(path)
            status, size = answer.status, len(answer.body)
        except OSError as error:
            status, size = str(error), 0
        taken.append(time.monotonic() - start)
        sizes.append(size)
        other.join()
    return {"status": status, "seconds": statistics.median(taken), "bytes": max(sizes),
            "held_up": statistics.median(held)}
