"""A fleet of real node_exporters: one process answers for every address, a filter decides which of them live."""

from Lab.children import Child
from Lab.namespaces import Link, Namespace
from Lab.parts import PATIENCE, program

PORT = 9100

_FILTER = f"""
  table ip fleet {{
    set live {{ type ipv4_addr; }}
    set refusing {{ type ipv4_addr; }}
    # The same of whole prefixes; what is said of an address itself comes first.
    set live_prefixes {{ type ipv4_addr; flags interval; }}
    set refusing_prefixes {{ type ipv4_addr; flags interval; }}
    chain loss {{ }}
    chain input {{
      type filter hook input priority 0; policy drop;
      iif lo accept
      jump loss
      ip daddr @live tcp dport {PORT} accept
      # What a machine does on its other ports, unless a firewall of its own drops all.
      ip daddr @live meta l4proto tcp reject with tcp reset
      ip daddr @refusing meta l4proto tcp reject with tcp reset
      ip daddr @live_prefixes tcp dport {PORT} accept
      ip daddr @live_prefixes meta l4proto tcp reject with tcp reset
      ip daddr @refusing_prefixes meta l4proto tcp reject with tcp reset
    }}
    chain output {{
      type filter hook output priority 0; policy accept;
      jump loss
    }}
  }}
"""
_ASIDE_FILTER = """
  table ip fleet {
    chain loss { }
    chain input {
      type filter hook input priority 0; policy accept;
      jump loss
    }
    chain output {
      type filter hook output priority 0; policy accept;
      jump loss
    }
  }
"""


class Fleet:
    """A near namespace, and a far one in which every address of a range may live: run the exporter, refuse, or
    be silent, as all are at first. Whatever is not the exporter stands in a third, `aside`."""

    def __init__(self, name, routed="10.0.0.0/8"):
        self.near, self.far, self.aside = (Namespace(f"{name}-{word}") for word in ("near", "far", "aside"))
        self.link = Link(self.near, self.far, 0)
        self.link.route(routed)
        self._aside_link = Link(self.near, self.aside, 1)
        for far in (self.far, self.aside):
            # A backlog for the whole fleet: one process stands for hundreds of machines.
            far.setting("net.core.somaxconn", 16384)
            far.setting("net.ipv4.tcp_max_syn_backlog", 16384)
        self.nft(_FILTER)
        self.aside.run("nft", "-f", "-", text=_ASIDE_FILTER)
        self.exporter = Child(
            [program("prometheus-node-exporter"), f"--web.listen-address=:{PORT}",
             # 40 scrapes at a time is the default of one machine, not of a fleet.
             "--web.max-requests=0",
             # What identification and `up` need: hundreds of targets are scraped from this one process.
             "--collector.disable-defaults", "--collector.uname", "--collector.loadavg"],
            namespace=self.far)
        self.exporter.lines.wait(lambda line: "address=" in line, PATIENCE, what="listening")

    def nft(self, text):
        self.far.run("nft", "-f", "-", text=text)

    def _change(self, verb, kind, hosts):
        prefixes = [host for host in hosts if "/" in host]
        for name, elements in ((f"{kind}_prefixes", prefixes), (kind, [host for host in hosts if "/" not in host])):
            if elements:
                self.nft(f"{verb} element ip fleet {name} {{ {', '.join(elements)} }}")

    # Hosts are addresses, or prefixes: then each address of it that nothing else is said of.

    def wake(self, *addresses):
        """These hosts run a node_exporter from now on."""
        self._change("add", "live", addresses)

    def silence(self, *addresses):
        """These hosts answer nothing any more, on open connections neither."""
        self._change("delete", "live", addresses)

    def stop(self, *addresses):
        """The exporters of these live hosts end; their machines stay up."""
        self.silence(*addresses)
        self.refuse(*addresses)

    def refuse(self, *addresses):
        """These hosts are up and run no exporter: their ports are closed."""
        self._change("add", "refusing", addresses)

    def place(self, address):
        """Something that is not the fleet's exporter stands on this address, or on all of a prefix: the namespace to
        listen in."""
        prefix = address if "/" in address else f"{address}/32"
        if prefix not in self._aside_link.routed:
            self._aside_link.route(prefix)
        return self.aside

    def machine(self, address, *options, port=PORT):
        """A machine of its own stands on this address, with a real node_exporter that has these options."""
        exporter = Child(
            [program("prometheus-node-exporter"), f"--web.listen-address={address}:{port}",
             "--collector.disable-defaults", "--collector.uname", *options], namespace=self.place(address))
        exporter.lines.wait(lambda line: "address=" in line, PATIENCE, what="listening")
        return exporter

    def displace(self, address):
        self._aside_link.unroute(f"{address}/32")

    def reset(self):
        """All silent again, nothing lost, nobody aside."""
        for prefix in list(self._aside_link.routed):
            self._aside_link.unroute(prefix)
        self.nft("\n".join(f"flush set ip fleet {name}"
                           for name in ("live", "refusing", "live_prefixes", "refusing_prefixes")))
        self.lose(0)

    def lose(self, percent):
        """So many packets in a hundred are lost, in each direction, whoever answers."""
        rule = f"add rule ip fleet loss numgen random mod 1000 < {int(percent * 10)} drop" if percent else ""
        for namespace in (self.far, self.aside):
            namespace.run("nft", "-f", "-", text="flush chain ip fleet loss\n" + rule)

    def end(self):
        self.exporter.stop()
        for namespace in (self.near, self.far, self.aside):
            namespace.remove()


def addresses(prefix, count, random):
    """So many different addresses of an octet prefix such as `10.77`, seeded."""
    free = 4 - len(prefix.split("."))
    numbers = random.sample(range(1, 256 ** free - 1), count)
    # .0 and .255 of a /16 are hosts as good as others; 0 and the last are its network and broadcast address.
    return [f"{prefix}." + ".".join(str(number >> shift & 255) for shift in range(8 * (free - 1), -1, -8))
            for number in numbers]


def endpoints(hosts):
    return {f"{host}:{PORT}" for host in hosts}
