"""A network that the program is attached to, where each address costs an entry of a table that all namespaces share."""

from Lab.children import Child
from Lab.namespaces import Namespace
from Lab.parts import PATIENCE, program


class Lan:
    """A near namespace that is attached to a prefix, and a far one with live hosts on it."""

    def __init__(self, name, prefix, own, live):
        self.near, self.far = Namespace(f"{name}-near"), Namespace(f"{name}-far")
        length = prefix.split("/")[1]
        self.near.ip("link", "add", "lan", "type", "veth", "peer", "name", "lan", "netns", self.far.name)
        self.near.ip("address", "add", f"{own}/{length}", "dev", "lan")
        for host in live:
            self.far.ip("address", "add", f"{host}/32", "dev", "lo")
        self.near.ip("link", "set", "lan", "up")
        self.far.ip("link", "set", "lan", "up")
        self.far.ip("route", "add", f"{own}/32", "dev", "lan")
        self.exporter = Child([program("prometheus-node-exporter"), "--web.listen-address=:9100",
                               "--collector.disable-defaults", "--collector.uname"], namespace=self.far)
        self.exporter.lines.wait(lambda line: "address=" in line, PATIENCE, what="listening")

    def waiting(self):
        """How many neighbours are asked for, and do not answer."""
        return len(self.near.run("ip", "neigh", "show", "nud", "incomplete").splitlines())

    def end(self):
        self.exporter.stop()
        self.near.remove()
        self.far.remove()
