"""The kernel's own account of what leaves a namespace: neither a lost packet nor a peer that forgets can hide from it."""

import json

_TABLE = """
  table ip witness {
    set attempts { type ipv4_addr . inet_service; size 65536; flags dynamic; counter; }
    set data { type ipv4_addr . inet_service; size 65536; flags dynamic; counter; }
    chain output {
      type filter hook output priority -10; policy accept;
      tcp flags & (syn | ack) == syn add @attempts { ip daddr . tcp dport }
      # A packet without data has 60 bytes at most, with a SYN's options.
      meta l4proto tcp ip length > 60 add @data { ip daddr . tcp dport }
    }
  }
"""


class Witness:
    """Counts, for each endpoint, the SYNs and the packets with data that a namespace sends from now on."""

    def __init__(self, namespace):
        self._namespace = namespace
        namespace.run("nft", "-f", "-", text=_TABLE)

    def attempts(self):
        """Those that are sent again because one was lost are counted, too."""
        return self._counts("attempts")

    def data(self):
        return self._counts("data")

    def _counts(self, name):
        [*_, told] = json.loads(self._namespace.run("nft", "-j", "list", "set", "ip", "witness", name))["nftables"]
        counts = {}
        for element in told["set"].get("elem", []):
            address, port = element["elem"]["val"]["concat"]
            counts[f"{address}:{port}"] = element["elem"]["counter"]["packets"]
        return counts

    def end(self):
        self._namespace.run("nft", "delete", "table", "ip", "witness")
