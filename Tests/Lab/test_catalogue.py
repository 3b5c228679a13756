"""Every exporter that Debian packages and that starts by itself, for real: who is taken for whom."""

import gzip
import json
import re
import shutil
import tempfile
import threading
import time
import unittest
import urllib.request
from dataclasses import dataclass
from pathlib import Path

from Lab import enclosure, parts, target_file
from Lab.cases import Case
from Lab.children import Child
from Lab.namespaces import Namespace, unique
from Lab.servers import Server, always, reply

UNPACKED = parts.CACHE / "unpacked"
_PAUSE = threading.Event()  # never set: a bounded pause between two questions to a program that sends no events


@dataclass(frozen=True)
class Exporter:
    """How a real exporter is started; `{endpoint}`, `{address}` and `{folder}` are filled in."""

    package: str
    port: int
    command: str
    tells_version: bool = True
    # Asked until the answer is 200, by which those that count requests have one to show.
    ready: str = "/metrics"
    environment: tuple = ()

    @property
    def version(self):
        """What the package brings, without epoch and Debian's revision; None if the program does not tell it."""
        if not self.tells_version:
            return None
        changelog = UNPACKED / "usr/share/doc" / self.package / "changelog.Debian.gz"
        with gzip.open(changelog, "rt") as lines:
            return re.match(r"\S+ \((?:\d+:)?(.+)-[^-]+\)", next(lines))[1]


# What they watch is not there: nobody listens on port 1. For the two that do not even listen then, there is a stub.
_TOOLKIT = "--web.listen-address={endpoint}"
_PLAIN = "-web.listen-address={endpoint}"
EXPORTERS = {
    "alertmanager": Exporter(
        "prometheus-alertmanager", 9093,
        f"prometheus-alertmanager {_TOOLKIT} --config.file={{folder}}/alertmanager.yml"
        " --storage.path={folder}/alertmanager --cluster.listen-address="),
    "apache_exporter": Exporter(
        "prometheus-apache-exporter", 9117, "prometheus-apache-exporter --telemetry.address={endpoint}"),
    "bind_exporter": Exporter("prometheus-bind-exporter", 9119, f"prometheus-bind-exporter {_TOOLKIT}"),
    "blackbox_exporter": Exporter(
        "prometheus-blackbox-exporter", 9115,
        f"prometheus-blackbox-exporter {_TOOLKIT} --config.file={{folder}}/blackbox.yml"),
    "caddy": Exporter("caddy", 2019, "caddy run --config {folder}/caddy.json", False),
    # Waits ten seconds for Elasticsearch before it listens.
    "elasticsearch_exporter": Exporter(
        "prometheus-elasticsearch-exporter", 9114, f"prometheus-elasticsearch-exporter {_TOOLKIT}"),
    "etcd": Exporter(
        "etcd-server", 2379,
        "etcd --data-dir={folder}/etcd --listen-client-urls=http://{endpoint} --advertise-client-urls=http://{endpoint}"
        " --listen-peer-urls=http://{address}:2380 --initial-advertise-peer-urls=http://{address}:2380"
        " --initial-cluster=default=http://{address}:2380"),
    # Has something of its own to show once it has passed a scrape on: of itself, here.
    "exporter_exporter": Exporter(
        "prometheus-exporter-exporter", 9999,
        f"prometheus-exporter-exporter {_PLAIN} -config.file={{folder}}/exporter-exporter.yml",
        ready="/proxy?module=self"),
    "frr_exporter": Exporter("prometheus-frr-exporter", 9342, f"prometheus-frr-exporter {_TOOLKIT}"),
    # One of the programs it runs has to be there.
    "ha_cluster_exporter": Exporter(
        "prometheus-hacluster-exporter", 9664, f"ha_cluster_exporter {_TOOLKIT} --drbdsetup-path=/bin/true", False),
    "haproxy": Exporter("haproxy", 8404, "haproxy -db -f {folder}/haproxy.cfg"),
    "haproxy_exporter": Exporter("prometheus-haproxy-exporter", 9101, f"prometheus-haproxy-exporter {_TOOLKIT}"),
    "homeplug_exporter": Exporter(
        "prometheus-homeplug-exporter", 9702,
        "prometheus-homeplug-exporter --telemetry.address={endpoint} --interface=lo"),
    "ipmi_exporter": Exporter("prometheus-ipmi-exporter", 9290, f"prometheus-ipmi-exporter {_TOOLKIT}", False),
    "mqtt_exporter": Exporter(
        "prometheus-mqtt-exporter", 9641,
        "prometheus-mqtt-exporter -listen-address={address} -config={folder}/mqtt.yml", False),
    "mtail": Exporter(
        "mtail", 3903, "mtail --address={address} --port=3903 --progs={folder} --logs={folder}/empty"),
    "mysqld_exporter": Exporter(
        "prometheus-mysqld-exporter", 9104, f"prometheus-mysqld-exporter {_TOOLKIT}",
        environment=(("DATA_SOURCE_NAME", "u:p@(127.0.0.1:1)/"),)),
    "nextcloud_exporter": Exporter(
        "prometheus-nextcloud-exporter", 9205,
        "prometheus-nextcloud-exporter -a {endpoint} -s http://127.0.0.1:1 -u u -p p", False),
    "nginx_exporter": Exporter(
        "prometheus-nginx-exporter", 9113,
        f"prometheus-nginx-exporter {_PLAIN} -nginx.scrape-uri=http://127.0.0.1:8080/stub_status", False),
    "node_exporter": Exporter("prometheus-node-exporter", 9100, f"prometheus-node-exporter {_TOOLKIT}"),
    "postfix_exporter": Exporter(
        "prometheus-postfix-exporter", 9154,
        f"prometheus-postfix-exporter {_TOOLKIT} --postfix.logfile_path={{folder}}/empty", False),
    "postgres_exporter": Exporter(
        "prometheus-postgres-exporter", 9187, f"prometheus-postgres-exporter {_TOOLKIT}",
        environment=(("DATA_SOURCE_NAME", "postgresql://u:p@127.0.0.1:1/p?sslmode=disable"),)),
    "process_exporter": Exporter(
        "prometheus-process-exporter", 9256, f"prometheus-process-exporter {_PLAIN} -procnames=none", False),
    "prometheus": Exporter(
        "prometheus", 9090,
        f"prometheus {_TOOLKIT} --config.file={{folder}}/prometheus.yml --storage.tsdb.path={{folder}}/prometheus"),
    "pushgateway": Exporter("prometheus-pushgateway", 9091, f"prometheus-pushgateway {_TOOLKIT} --persistence.file="),
    "redis_exporter": Exporter(
        "prometheus-redis-exporter", 9121, f"prometheus-redis-exporter {_PLAIN} -redis.addr=redis://127.0.0.1:1"),
    "smokeping_prober": Exporter(
        "prometheus-smokeping-prober", 9374,
        f"prometheus-smokeping-prober {_TOOLKIT} --config.file={{folder}}/smokeping.yml 127.0.0.1"),
    "snmp_exporter": Exporter(
        "prometheus-snmp-exporter", 9116, f"prometheus-snmp-exporter {_TOOLKIT} --config.file={{folder}}/snmp.yml"),
    "sql_exporter": Exporter(
        "prometheus-sql-exporter", 9237, f"prometheus-sql-exporter {_PLAIN} -config.file={{folder}}/sql.yml", False),
    "squid_exporter": Exporter(
        "prometheus-squid-exporter", 9301,
        "prometheus-squid-exporter -listen={endpoint} -squid-hostname=127.0.0.1 -squid-port=1"),
    "varnish_exporter": Exporter(
        "prometheus-varnish-exporter", 9131, f"prometheus-varnish-exporter {_PLAIN} -no-exit", False),
    "victoriametrics": Exporter(
        "victoria-metrics", 8428,
        "victoria-metrics -storageDataPath={folder}/victoria-metrics -httpListenAddr={endpoint}", False),
    "vmagent": Exporter(
        "victoria-metrics", 8429,
        "vmagent -remoteWrite.url=http://127.0.0.1:1 -remoteWrite.tmpDataPath={folder}/vmagent"
        " -httpListenAddr={endpoint}", False),
    "vmalert": Exporter(
        "victoria-metrics", 8880,
        "vmalert -datasource.url=http://127.0.0.1:1 -notifier.url=http://127.0.0.1:1 -rule= -httpListenAddr={endpoint}",
        False),
}
ENDPOINTS = {name: f"127.90.0.{octet}:{EXPORTERS[name].port}" for octet, name in enumerate(EXPORTERS, 1)}


def address(name):
    return ENDPOINTS[name].partition(":")[0]


FILES = {
    "alertmanager.yml": {"route": {"receiver": "nobody"}, "receivers": [{"name": "nobody"}]},
    "blackbox.yml": {"modules": {}},
    "caddy.json": {"admin": {"listen": ENDPOINTS["caddy"], "origins": [ENDPOINTS["caddy"]]}},
    "exporter-exporter.yml": {"modules": {"self": {
        "method": "http", "http": {"address": address("exporter_exporter"), "port": 9999, "path": "/metrics"}}}},
    "haproxy.cfg": "defaults\n mode http\n timeout client 5s\n timeout connect 5s\n timeout server 5s\n"
                   f"frontend stats\n bind {ENDPOINTS['haproxy']}\n"
                   " http-request use-service prometheus-exporter if { path /metrics }\n",
    "mqtt.yml": {"mqtt": {"server": "tcp://127.0.0.1:1883", "topic_path": "a/+"},
                 "metrics": [{"prom_name": "a", "mqtt_name": "a", "type": "gauge"}]},
    "prometheus.yml": {},
    "smokeping.yml": {"targets": []},
    "snmp.yml": {},
    "sql.yml": {"jobs": []},
    "empty": "",
}


def mqtt(connection, _):
    """As much of a broker as lets a client connect (MQTT 3.1.1): CONNACK, SUBACK."""
    while packet := connection.recv(4096):
        if packet[0] == 0x10:
            connection.sendall(b"\x20\x02\0\0")
        elif packet[0] == 0x82:
            connection.sendall(b"\x90\x03" + packet[2:4] + b"\0")


NGINX = b"Active connections: 1 \nserver accepts handled requests\n 1 1 1 \nReading: 0 Writing: 1 Waiting: 0 \n"


def program(name):
    """Where it was unpacked, or None."""
    return next((str(path) for path in UNPACKED.glob(f"usr/*bin/{name}")), None)


MISSING = sorted({each.package for each in EXPORTERS.values() if program(each.command.split()[0]) is None})


@unittest.skipIf(MISSING, f"needs {' '.join(MISSING[:3])} and such; packaging/test run as root fetches them")
@parts.needs("ip", "nsenter", "unshare", root=True)
class CatalogueOfRealExporters(Case):
    """Each on the loopback address and the port it has by default, in a network namespace for all of them."""

    @classmethod
    def setUpClass(cls):
        if not enclosure.entered():
            raise unittest.SkipTest("needs the enclosure: run `packaging/test`, or `python3 -m Lab` as root")
        cls.home = Path(tempfile.mkdtemp(prefix="catalogue-"))
        cls.addClassCleanup(shutil.rmtree, cls.home, ignore_errors=True)
        for name, content in FILES.items():
            (cls.home / name).write_text(content if isinstance(content, str) else json.dumps(content))
        cls.namespace = Namespace(unique("catalogue"))
        cls.addClassCleanup(cls.namespace.remove)
        for port, answer in (1883, mqtt), (8080, always(reply("200 OK", NGINX))):
            cls.addClassCleanup(Server(answer, port=port, namespace=cls.namespace).end)
        children = {name: cls.start(name) for name in EXPORTERS}
        for name, child in children.items():
            cls.wait_ready(name, child)

    @classmethod
    def start(cls, name):
        exporter = EXPORTERS[name]
        words = exporter.command.format(endpoint=ENDPOINTS[name], address=address(name), folder=cls.home).split()
        command = [program(words[0]), *words[1:]]
        if name == "alertmanager":
            # Debian's wants its templates in /usr/share/prometheus.
            shared = "mount -t overlay overlay -o lowerdir=$0/usr/share:/usr/share /usr/share && exec \"$@\""
            command = ["unshare", "--mount", "sh", "-c", shared, str(UNPACKED), *command]
        libraries = ":".join(map(str, UNPACKED.glob("usr/lib/*-linux-gnu")))
        environment = {"PATH": "/usr/sbin:/usr/bin:/sbin:/bin", "HOME": str(cls.home), "LD_LIBRARY_PATH": libraries}
        child = Child(command, name, env=environment | dict(exporter.environment), cwd=cls.home,
                      namespace=cls.namespace)
        cls.addClassCleanup(child.kill)
        return child

    @classmethod
    def wait_ready(cls, name, child):
        begin = time.monotonic()
        while True:
            try:
                with cls.namespace.entered():
                    urllib.request.urlopen(f"http://{ENDPOINTS[name]}{EXPORTERS[name].ready}", timeout=10).close()
                return
            except OSError as error:
                if not child.alive or time.monotonic() - begin > 2 * parts.PATIENCE:
                    tail = "\n  ".join(child.lines.all()[-10:])
                    raise AssertionError(f"{name} does not answer: {error}\n  {tail}") from None
                _PAUSE.wait(0.1)

    def scan(self, *arguments):
        return self.run_subnet_sd("scan", *arguments, namespace=self.namespace)

    def test_recognised(self):
        """Each real exporter is listed as what it is."""
        for name, endpoint in ENDPOINTS.items():
            with self.subTest(name):
                done = self.scan(address(name), "--exporter", name, "--port", str(EXPORTERS[name].port),
                                 "--format", "json")
                groups = target_file.parse_json(done.output)
                self.assertEqual(target_file.listed(groups), {endpoint})
                self.assertEqual(groups[0].labels["__meta_subnet_sd_exporter"], name)

    def test_versions(self):
        """The table shows the version of each that tells one: that of its package."""
        for name, endpoint in ENDPOINTS.items():
            with self.subTest(name):
                done = self.scan(address(name), "--exporter", name, "--port", str(EXPORTERS[name].port),
                                 "--format", "table")
                rows = [row.split() for row in done.output.splitlines() if row.startswith(endpoint)]
                self.assertEqual([row[:2] for row in rows], [[endpoint, name]])
                # Some tell Debian's revision too.
                self.assertRegex(rows[0][2], rf"^{re.escape(EXPORTERS[name].version or '-')}(-\S+)?$")

    def test_one_is_a_node_exporter(self):
        """A scan of all of them for node_exporter, on all their ports, lists the one that is."""
        ports = sorted({str(exporter.port) for exporter in EXPORTERS.values()})
        done = self.scan(f"127.90.0.1-127.90.0.{len(EXPORTERS)}", "--exporter", "node_exporter",
                         *(word for port in ports for word in ("--port", port)), "--format", "json")
        self.assertEqual(target_file.listed(target_file.parse_json(done.output)), {ENDPOINTS["node_exporter"]})
