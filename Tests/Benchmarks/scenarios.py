"""The networks that are scanned: how large, who lives there, what the others do, and how many connections suit them."""

import ipaddress
import random
from dataclasses import dataclass

LIVE = 656
PORT = 9100


@dataclass(frozen=True)
class Scenario:
    name: str
    prefix: str
    about: str
    contenders: tuple  # who is compared there unless others are asked for; names of scanners.CONTENDERS
    live: int | None = LIVE  # None: all
    refusing: bool = False  # the others refuse; else they are silent
    concurrency: int | None = None  # connections at a time; None: as many as are asked for

    @property
    def network(self):
        return ipaddress.ip_network(self.prefix)

    @property
    def addresses(self):
        """How many hosts it has, without the network's own and the broadcast address."""
        return self.network.num_addresses - 2

    @property
    def edges(self):
        """The two addresses that are no hosts; some scanners try them, too."""
        return [str(self.network.network_address), str(self.network.broadcast_address)]

    def hosts(self):
        """Those that live."""
        if self.live is None:
            return [str(host) for host in self.network.hosts()]
        numbers = random.Random(self.live).sample(range(1, self.network.num_addresses - 1), self.live)
        return [str(self.network[number]) for number in numbers]

    def set_up(self, fleet):
        """All this and nothing else lives in the fleet; returns who does."""
        fleet.reset()
        hosts = self.hosts()
        if self.live is None:
            fleet.wake(self.prefix)
        else:
            fleet.wake(*hosts)
        if self.refusing:
            fleet.refuse(self.prefix)
        return set(hosts)


SCENARIOS = {scenario.name: scenario for scenario in [
    Scenario("silent-16", "10.88.0.0/16", "656 live of 65,534, the others silent",
             ("connect", "syn", "loop", "nmap", "zmap", "aiohttp")),
    Scenario("refusing-16", "10.91.0.0/16", "656 live of 65,534, the others refuse",
             ("connect", "syn", "loop", "nmap", "zmap"), refusing=True),
    # One process is all the exporters: the fewer ask it at once, the faster it answers.
    Scenario("dense-20", "10.90.0.0/20", "all 4,094 live, one process that answers for all",
             ("connect", "syn", "loop", "nmap", "zmap", "ab"), live=None, concurrency=64),
    Scenario("silent-12", "10.96.0.0/12", "656 live of 1,048,574, the others silent",
             ("connect", "syn", "loop", "zmap")),
]}
