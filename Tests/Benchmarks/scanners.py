"""The programs that are compared: how each is started, and how its findings are read."""

import json
import os
import re
import resource
from dataclasses import dataclass

from Benchmarks.scenarios import PORT
from Lab import parts

# The same room for each, as much as this machine gives.
_FILES = min(65536, resource.getrlimit(resource.RLIMIT_NOFILE)[1])
_ROOMY = ["prlimit", f"--nofile={_FILES}:{_FILES}"]
TIMEOUT = 300  # milliseconds for a handshake
# What Tests/Benchmarks/run has compiled.
BUILT = parts.CACHE / "benchmarks"


def most_connections(asked):
    """So many at a time, if the limit of open files leaves room for them and what else a program opens."""
    return min(asked, _FILES * 4 // 5)


@dataclass(frozen=True)
class Scanner:
    name: str
    command: list
    timeout: int
    pattern: str
    counts: bool = False  # prints how many answers it got, not from whom

    def found(self, output):
        return set(re.findall(self.pattern, output, re.MULTILINE))

    def count(self, output):
        return int(re.search(self.pattern, output, re.MULTILINE)[1])


@dataclass(frozen=True)
class Setting:
    """What a scanner is to work with."""

    scenario: object
    concurrency: int
    rate: int  # packets a second, for those that send their own
    folder: object
    fleet: object


def _million(setting):
    return max(1, setting.scenario.addresses / 1e6)


def scan_command(path, *before):
    return [*_ROOMY, *before, parts.daemon(), "scan", "--config", str(path), "--format", "yaml"]


def write_config(path, prefix, concurrency, **settings):
    """A job over the prefix; as fast as it goes unless a rate is given."""
    path.write_text(json.dumps({
        "global": {"rate": 1_000_000, "concurrency": concurrency, "connect_timeout": f"{TIMEOUT}ms",
                   "max_addresses": 1 << 24, **settings},
        "scan_configs": [{"job_name": "node", "ranges": [prefix]}],
    }))
    return path


FOUND = r'- "([\d.]+):9100"'


def _subnet_sd(name, setting, **settings):
    path = setting.folder / f"{name.replace(' ', '-')}-{setting.scenario.name}.yml"
    write_config(path, setting.scenario.prefix, setting.concurrency, **settings)
    return Scanner(name, scan_command(path), int(120 * _million(setting)), FOUND)


def connect(setting):
    """subnet-sd with connections, as many at once as asked for, and no rate."""
    return _subnet_sd("subnet-sd", setting)


def syn(setting):
    """subnet-sd that sends the first packet of a handshake alone, and connects to whoever answers it."""
    return _subnet_sd("subnet-sd syn", setting, sweep="syn", rate=setting.rate)


def loop(setting):
    """Connections and nothing else, in C: the floor for whoever connects."""
    return Scanner("C loop", [*_ROOMY, str(BUILT / "connect_loop"), setting.scenario.prefix, str(PORT),
                              str(setting.concurrency), str(TIMEOUT)], int(120 * _million(setting)), r"^([\d.]+)$")


def nmap(setting):
    """Connects only; does not look at what answers."""
    return Scanner("nmap", [*_ROOMY, "nmap", "-n", "-Pn", "-sT", f"-p{PORT}", "--open", "-T5", "--min-parallelism",
                            "1000", "--max-rtt-timeout", f"{TIMEOUT}ms", "--max-retries", "0",
                            "--exclude", ",".join(setting.scenario.edges), "-oG", "-", setting.scenario.prefix],
                   int(600 * _million(setting)), r"^Host: ([\d.]+) .*9100/open")


def zmap(setting):
    """Sends the first packet of each handshake from one thread, hears answers in another, and a second longer."""
    excluded = setting.folder / f"edges-{setting.scenario.name}"
    excluded.write_text("".join(f"{address}/32\n" for address in setting.scenario.edges))
    link = setting.fleet.link
    [peer] = json.loads(setting.fleet.far.run("ip", "-j", "link", "show", "far"))
    return Scanner("zmap", [*_ROOMY, "zmap", "-q", "-v", "0", "--disable-syslog", "-b", str(excluded),
                            "-p", str(PORT), "-r", str(setting.rate), "-c", "1", "-i", link.device,
                            "-G", peer["address"], "-o", "-", setting.scenario.prefix],
                   int(120 * _million(setting)), r"^([\d.]+)$")


def aiohttp(setting):
    script = parts.ROOT / "Tests/Benchmarks/aiohttp_scan.py"
    # Debian's python3 is the one that has Debian's aiohttp.
    return Scanner("aiohttp", [*_ROOMY, "/usr/bin/python3", str(script), setting.scenario.prefix],
                   int(900 * _million(setting)), r"^([\d.]+)$")


def ab(setting):
    """As many requests as there are live hosts, to one of them, a new connection each: what the exporter can do."""
    hosts = setting.scenario.hosts()
    return Scanner("ab, one address",
                   [*_ROOMY, "ab", "-q", "-n", str(len(hosts)), "-c", str(min(setting.concurrency, len(hosts))),
                    f"http://{hosts[0]}:{PORT}/metrics"],
                   120, r"^Complete requests: +(\d+)$", counts=True)


CONTENDERS = {contender.__name__: contender for contender in (connect, syn, loop, nmap, zmap, aiohttp, ab)}


def processor_seconds(pid):
    """What a running process has used so far, without its children."""
    with open(f"/proc/{pid}/stat") as stat:
        user, system = stat.read().rsplit(")", 1)[1].split()[11:13]
    return (int(user) + int(system)) / os.sysconf("SC_CLK_TCK")
