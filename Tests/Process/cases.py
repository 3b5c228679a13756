"""What these tests share: exporters on loopback addresses, all on one port."""

import subprocess

from Lab import parts
from Lab.cases import Case
from Lab.children import Child
from Lab.imitation import NodeExporter


class LoopbackCase(Case):
    """A test with some exporters of its own on 127.0.0.0/8; all other addresses refuse."""

    RANGE = "127.83.0.0/24"

    def exporters(self, *last_octets):
        """Exporters at these addresses of RANGE; `self.port` is the port of all."""
        servers = []
        for octet in last_octets:
            server = NodeExporter(f"127.83.0.{octet}", self.port if servers else 0)
            self.addCleanup(server.end)
            self.port = server.port
            servers.append(server)
        return servers

    def endpoints(self, *last_octets):
        return {f"127.83.0.{octet}:{self.port}" for octet in last_octets}

    def scan(self, *arguments, status=0, **options):
        """`subnet-sd scan` of RANGE on the exporters' port."""
        return self.run_subnet_sd("scan", self.RANGE, "--port", str(self.port), *arguments, status=status, **options)

    def config(self, ranges=None, **settings):
        return {"global": {"scan_interval": "1s", **settings}, "web": {"listen_address": ""},
                "scan_configs": [{"job_name": "node", "ranges": ranges or [self.RANGE], "ports": [self.port]}]}

    def start(self, *arguments, **options):
        """A command that is still running when this returns."""
        child = Child([parts.daemon(), *arguments], name="subnet-sd", **options)
        self.addCleanup(child.stop)
        return child

    def shell(self, line, **options):
        """A line of bash in which $1 is the program."""
        return subprocess.run(["bash", "-c", line, "bash", parts.daemon()], capture_output=True, text=True,
                              timeout=60, stdin=subprocess.DEVNULL, check=False, **options)
