"""A daemon with many jobs that scan each second while targets come and go: what it takes of memory and the rest."""

import os
import random
import time
from dataclasses import dataclass

from Lab.daemon import COMPLETE

# Of the fourteen hosts of each so many live all the time, as many come and go, and the others are silent.
_ALWAYS = 4


@dataclass(frozen=True)
class Sample:
    scans: int
    seconds: float
    memory: int  # bytes
    descriptors: frozenset  # what is open, each by its number and what it stands for
    threads: int


class Soak:
    """So many jobs, each with a /28 of 10.94.0.0/16; `settings` is for the daemon, which whoever has this starts."""

    def __init__(self, fleet, jobs):
        self._fleet = fleet
        self._jobs = range(jobs)
        self._restless = {job: [f"10.94.{job}.{host}" for host in range(_ALWAYS + 1, 2 * _ALWAYS + 1)]
                          for job in self._jobs}
        self._random = random.Random(jobs)
        self._live = set()
        fleet.wake(*(f"10.94.{job}.{host}" for job in self._jobs for host in range(1, _ALWAYS + 1)))
        self.settings = {
            # Whoever is missed once leaves: each change is a new target file and a new inventory.
            "global": {"scan_interval": "1s", "connect_timeout": "100ms", "remove_after": "0s", "max_loss": "100%",
                       "rate": 20000},
            "web": {"listen_address": ""},
            "scan_configs": [{"job_name": f"soak-{job}", "ranges": [f"10.94.{job}.0/28"], "target_file": f"{job}.yml"}
                             for job in self._jobs]}

    def run(self, daemon, rounds, progress=lambda sample: None):
        """A sample after each round, which is as many scans as there are jobs; then in a fifth of them someone comes or
        goes."""
        samples, position, begin = [], 0, time.monotonic()
        for number in range(1, rounds + 1):
            position = daemon.wait_scans(len(self._jobs), since=position, kind=COMPLETE)
            samples.append(self._sample(daemon, number * len(self._jobs), time.monotonic() - begin))
            progress(samples[-1])
            self._stir()
        return samples

    def _stir(self):
        hosts = {self._random.choice(self._restless[job])
                 for job in self._random.sample(self._jobs, max(1, len(self._jobs) // 5))}
        gone = hosts & self._live
        self._fleet.silence(*gone)
        self._fleet.wake(*hosts - gone)
        self._live ^= hosts

    @staticmethod
    def _sample(daemon, scans, seconds):
        return Sample(scans, round(seconds, 3), daemon.child.memory(), frozenset(_open(daemon.proc / "fd")),
                      len(os.listdir(daemon.proc / "task")))


def _open(folder):
    for number in os.listdir(folder):
        try:
            yield number, os.readlink(folder / number)
        except FileNotFoundError:
            pass  # closed meanwhile


def held(earlier, later):
    """How many descriptors stayed open from one sample to another: what is in flight does not, what is lost does."""
    return len(earlier.descriptors & later.descriptors)


def slope(samples):
    """Bytes of memory that each scan adds, by least squares."""
    count = len(samples)
    mean_scans = sum(sample.scans for sample in samples) / count
    mean_memory = sum(sample.memory for sample in samples) / count
    above = sum((sample.scans - mean_scans) * (sample.memory - mean_memory) for sample in samples)
    return above / sum((sample.scans - mean_scans) ** 2 for sample in samples)
