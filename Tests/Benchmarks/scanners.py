"""The programs that are compared: how each is started, and how its findings are read."""

import json
import re
import resource
from dataclasses import dataclass

from Lab import parts

PREFIX = "10.88.0.0/16"
# The same room for each, as much as this machine gives.
_FILES = min(65536, resource.getrlimit(resource.RLIMIT_NOFILE)[1])
_ROOMY = ["prlimit", f"--nofile={_FILES}:{_FILES}"]


@dataclass(frozen=True)
class Scanner:
    name: str
    command: list
    timeout: int
    pattern: str

    def found(self, output):
        return set(re.findall(self.pattern, output, re.MULTILINE))


def subnet_sd(folder, concurrency):
    """As fast as it goes: no rate, and as many connections at once as asked for."""
    path = folder / "config.yml"
    path.write_text(json.dumps({
        "global": {"rate": 1_000_000, "concurrency": concurrency, "connect_timeout": "300ms"},
        "scan_configs": [{"job_name": "node", "ranges": [PREFIX]}],
    }))
    return Scanner("subnet-sd", [*_ROOMY, parts.daemon(), "scan", "--config", str(path), "--format", "yaml"],
                   120, r'- "([\d.]+):9100"')


def nmap():
    """Connects only; does not look at what answers."""
    return Scanner("nmap", [*_ROOMY, "nmap", "-n", "-Pn", "-sT", "-p9100", "--open", "-T5", "--min-parallelism",
                            "1000", "--max-rtt-timeout", "300ms", "--max-retries", "0", "-oG", "-", PREFIX],
                   300, r"^Host: ([\d.]+) .*9100/open")


def aiohttp():
    script = parts.ROOT / "Tests/Benchmarks/aiohttp_scan.py"
    # Debian's python3 is the one that has Debian's aiohttp.
    return Scanner("aiohttp", [*_ROOMY, "/usr/bin/python3", str(script), PREFIX], 600, r"^([\d.]+)$")
