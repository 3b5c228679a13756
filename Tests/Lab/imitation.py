"""A small imitation of node_exporter for tests that need no root: real HTTP, the pages of version 1.5."""

from Lab.servers import Server, reply

PAGE = b"""<html>
<head><title>Node Exporter</title></head>
<body>
<h1>Node Exporter</h1>
<p><a href="/metrics">Metrics</a></p>
</body>
</html>"""


def metrics(nodename, version="1.5.0"):
    return f"""# HELP node_exporter_build_info A metric with a constant '1' value labeled by version.
# TYPE node_exporter_build_info gauge
node_exporter_build_info{{branch="HEAD",goversion="go1.19.3",revision="1b48970f",version="{version}"}} 1
# HELP node_scrape_collector_success node_exporter: Whether a collector succeeded.
# TYPE node_scrape_collector_success gauge
node_scrape_collector_success{{collector="uname"}} 1
# HELP node_uname_info Labeled system information as provided by the uname system call.
# TYPE node_uname_info gauge
node_uname_info{{domainname="(none)",machine="x86_64",nodename="{nodename}",release="6.1.0-18-amd64",\
sysname="Linux",version="#1 SMP"}} 1
""".encode()


class NodeExporter(Server):
    """One exporter on one loopback address."""

    def __init__(self, address, port=0, nodename=None):
        self.nodename = nodename or f"host-{address.replace('.', '-')}"
        super().__init__(NodeExporter._answer, address, port)

    @staticmethod
    def _answer(connection, server):
        path = server.request(connection).split(b" ")[1:2]
        if path and path[0].startswith(b"/metrics"):
            connection.sendall(reply(
                "200 OK", metrics(server.nodename), "text/plain; version=0.0.4; charset=utf-8"))
        else:
            connection.sendall(reply("200 OK", PAGE))
