"""The daemon over HTTP: its metrics, its targets for http_sd_configs, TLS and users, and clients of ill will."""

import ipaddress
import json
import random
import re
import socket
import ssl
import statistics
import subprocess
import threading
import time

from Lab.cases import FleetCase
from Lab.certificates import Authority
from Lab.daemon import config
from Lab.events import ask_until
from Lab.fleet import addresses, endpoints
from Lab.parts import needs_lab, program
from Lab.prometheus import Prometheus
from Lab.test_secured import bcrypt
from Lab.web import Web

ON = {"listen_address": "127.0.0.1:19100"}


class WebCase(FleetCase):
    RANGE = "10.95.0.0/24"

    def setUp(self):
        super().setUp()
        hosts = addresses("10.95.0", 31, random.Random(95))
        self.newcomer, self.live = hosts[0], hosts[1:]
        self.fleet.wake(*self.live)
        self.web = Web(namespace=self.fleet.near)

    def start(self, web=ON, **settings):
        settings = {"scan_interval": "1s", "rate": 5000, **settings}
        self.subnet_sd = self.daemon(config([self.RANGE], web=web, **settings)).start()
        return self.subnet_sd


@needs_lab("prometheus", "promtool")
class Asked(WebCase):
    def test_metrics(self):
        """The metrics say what is there, promtool finds nothing wrong with them, and no address stands in a label."""
        daemon = self.start()
        daemon.wait_listed(endpoints(self.live))
        self.fleet.silence(*self.live[:2])
        daemon.wait_scans(1, kind="2 of them silent")
        daemon.settle()
        metrics = self.web.metrics()
        for name, labels, value in (
                ("subnet_sd_targets", {"state": "up"}, 28), ("subnet_sd_targets", {"state": "silent"}, 2),
                ("subnet_sd_targets", {"state": "held"}, 0), ("subnet_sd_hold", {}, 0),
                ("subnet_sd_target_events_total", {"event": "target_new"}, 30),
                ("subnet_sd_target_events_total", {"event": "target_silent"}, 2),
                ("subnet_sd_scan_interval_seconds", {}, 1), ("subnet_sd_endpoints", {}, 254),
                ("subnet_sd_target_file_replaces_total", {"result": "failed"}, 0)):
            with self.subTest(name, **labels):
                self.assertEqual(metrics(name, job="node", **labels), value)
        scans = metrics("subnet_sd_scans_total", job="node", result="complete")
        self.assertGreaterEqual(scans, 3)
        self.assertEqual(metrics("subnet_sd_scan_duration_seconds_count", job="node"), scans)
        self.assertEqual(metrics("subnet_sd_verdicts_total", job="node", verdict="exporter"),
                         metrics("subnet_sd_connects_total", job="node", result="accepted"))
        self.assertLess(abs(time.time() - metrics("subnet_sd_last_complete_scan_timestamp_seconds", job="node")), 5)
        self.assertGreater(metrics("process_resident_memory_bytes"), 1 << 20)
        checked = subprocess.run([program("promtool"), "check", "metrics"], input=metrics.text, text=True,
                                 capture_output=True, timeout=30, check=False)
        self.assertEqual((checked.returncode, checked.stdout + checked.stderr), (0, ""))
        for _, value in metrics.labels:
            with self.subTest(value), self.assertRaises(ValueError):
                ipaddress.ip_address(re.sub(r":\d+$|/\d+$", "", value))

    def test_not_trusted(self):
        """Until the first complete scan there is no list, and no empty one either; after a restart there is one at once."""
        daemon = self.start(rate=150)  # some two seconds
        for path in ("/sd", "/sd/node", "/-/ready"):
            answer = self.web.get(path)
            self.assertEqual((answer.status, answer.text), (503, "job 'node': there was no complete scan yet\n"), path)
        self.assertEqual(self.web.get("/-/healthy").status, 200)
        self.assertEqual(self.web.get("/sd/nod").status, 404)
        daemon.wait_scans(1, since=0)
        listed = self.web.wait("/sd", lambda answer: answer.status == 200, "trusted").json
        self.assertEqual({target for group in listed for target in group["targets"]}, endpoints(self.live))
        self.assertEqual(self.web.get("/-/ready").status, 200)
        daemon.stop()
        daemon.start()
        self.assertEqual(self.web.get("/sd/node").json, listed)

    def test_http_sd(self):
        """The list is the file's, in JSON; it is not sent to who has it."""
        daemon = self.start(job_labels={"env": "lab"}, job_target_labels=["nodename"])
        daemon.wait_listed(endpoints(self.live))
        answer = self.web.wait("/sd/node", lambda answer: answer.status == 200, "trusted")
        self.assertEqual(answer.headers["Content-Type"], "application/json")
        self.assertEqual(
            {target: group["labels"] for group in answer.json for target in group["targets"]},
            {target: group.labels for group in daemon.groups() for target in group.targets})
        tag = answer.headers["ETag"]
        again = self.web.get("/sd/node", If_None_Match=tag)
        self.assertEqual((again.status, again.body, again.headers["ETag"]), (304, b"", tag))
        self.fleet.wake(self.newcomer)
        daemon.wait_listed(endpoints([*self.live, self.newcomer]))
        self.assertEqual(self.web.get("/sd/node", If_None_Match=tag).status, 200)

    def test_inventory(self):
        """`/api/v1/targets` is what `subnet-sd targets --format json` shows."""
        daemon = self.start()
        daemon.wait_listed(endpoints(self.live))
        daemon.settle()

        def lasting(known):
            return {target["target"]: (target["state"], target["exporter"], target["nodename"])
                    for target in known["targets"]}

        self.assertEqual(lasting(self.web.get("/api/v1/targets").json),
                         lasting(json.loads(daemon.ask("targets", "--format", "json").output)))

    def test_prometheus(self):
        """A real Prometheus scrapes the daemon and, by http_sd_configs, its targets; no restart costs it one."""
        daemon = self.start()
        daemon.wait_listed(endpoints(self.live))
        watched = Prometheus(self.folder, [], self.fleet.near, jobs={
            "node": {"file_sd_configs": [], "http_sd_configs": [
                {"url": "http://127.0.0.1:19100/sd/node", "refresh_interval": "1s"}]},
            "subnet-sd": {"file_sd_configs": [], "static_configs": [{"targets": ["127.0.0.1:19100"]}]}})
        self.addCleanup(watched.end)
        everything = {target: 1 for target in [*endpoints(self.live), "127.0.0.1:19100"]}
        watched.wait_up(everything)
        self.assertEqual(watched.query("subnet_sd_targets{state='up'}")[0][1], len(self.live))
        begin = time.time()
        for how in (daemon.stop, daemon.kill):
            how()
            # Several refreshes fail meanwhile.
            watched.wait_up(lambda up: up["127.0.0.1:19100"] == 0, what="the daemon is missed")
            failures = watched.query("prometheus_sd_http_failures_total")
            self.assertEqual({target for target in watched.up() if target != "127.0.0.1:19100"}, endpoints(self.live), failures)
            daemon.start()
            watched.wait_up(everything)
        fewest = f"min_over_time(count(up{{job='node'}})[{int((time.time() - begin) * 1000)}ms:100ms])"
        self.assertEqual(watched.query(fewest)[0][1], len(self.live), "a target was lost")


@needs_lab("prometheus", "openssl")
class Secured(WebCase):
    def setUp(self):
        super().setUp()
        self.authority = Authority(self.folder)
        made = self.authority.issue("daemon", "IP:127.0.0.1")
        self.file = self.folder / "web.yml"
        self.settings = {
            "tls_server_config": {"cert_file": "daemon.pem", "key_file": "daemon.key"},
            "basic_auth_users": {"ann": bcrypt("secret")}}
        self.assertEqual(made.certificate.parent, self.folder)
        self.write()

    def write(self, **tls):
        self.settings["tls_server_config"].update(tls)
        self.file.write_text(json.dumps(self.settings))

    def client(self, user=("ann", "secret"), certificate=None):
        tls = ssl.create_default_context(cafile=self.authority.file)
        if certificate:
            tls.load_cert_chain(certificate.certificate, certificate.key)
        return Web(namespace=self.fleet.near, tls=tls, user=user)

    def test_prometheus(self):
        """With the exporters' own web config file, a Prometheus with certificate authority and password scrapes it."""
        self.start({**ON, "config_file": str(self.file)}).wait_listed(endpoints(self.live))
        access = {"scheme": "https", "tls_config": {"ca_file": str(self.authority.file)},
                  "basic_auth": {"username": "ann", "password": "secret"}}
        watched = Prometheus(self.folder, [], self.fleet.near, jobs={
            "node": {"file_sd_configs": [], "http_sd_configs": [
                {"url": "https://127.0.0.1:19100/sd", "refresh_interval": "1s", "tls_config": access["tls_config"],
                 "basic_auth": access["basic_auth"]}]},
            "subnet-sd": {"file_sd_configs": [], "static_configs": [{"targets": ["127.0.0.1:19100"]}], **access}})
        self.addCleanup(watched.end)
        watched.wait_up({target: 1 for target in [*endpoints(self.live), "127.0.0.1:19100"]})

    def test_users(self):
        """Nothing is told to who has no password, or a wrong one, and nothing at all over plain HTTP."""
        self.start({**ON, "config_file": str(self.file)})
        for path in ("/", "/metrics", "/sd", "/-/healthy", "/nothing"):
            for user in (None, ("ann", "wrong"), ("bob", "secret")):
                answer = self.client(user).get(path)
                self.assertEqual((answer.status, answer.body), (401, b"Unauthorized\n"), (path, user))
        self.assertEqual(self.client().get("/-/healthy").status, 200)
        with self.assertRaises(OSError):
            self.web.get("/-/healthy")

    def test_client_certificates(self):
        """Where clients have to show a certificate, one of the authority is let in, if it has an allowed name."""
        self.write(client_auth_type="RequireAndVerifyClientCert", client_ca_file="authority.pem")
        daemon = self.start({**ON, "config_file": str(self.file)})
        mine, other = self.authority.issue("mine", "DNS:prometheus.example"), self.authority.issue("other", "DNS:b.example")
        for certificate in mine, other:
            self.assertEqual(self.client(certificate=certificate).get("/-/healthy").status, 200)
        with self.assertRaises(OSError):
            self.client().get("/-/healthy")
        self.write(client_allowed_sans=["prometheus.example"])
        daemon.reloaded()
        ask_until(lambda: self.refuses(other), "another name is refused")
        # Nothing that is sent behind the handshake is done, either.
        daemon.configure(config([self.RANGE], web={**ON, "config_file": str(self.file), "enable_lifecycle": True}))
        since = daemon.reloaded()
        for _ in range(3):
            with self.assertRaises(OSError):
                self.client(certificate=other).post("/-/reload")
        self.assertEqual(self.client(certificate=mine).post("/-/reload").status, 200)
        daemon.wait_line("configuration reloaded", since=since)
        self.assertEqual(len(daemon.said("configuration reloaded", since)), 1)
        self.assertEqual(self.client(certificate=mine).get("/-/healthy").status, 200)

    def test_renewed(self):
        """A renewed certificate is taken up by itself; one that is broken is told, and the old one goes on."""
        daemon = self.start({**ON, "config_file": str(self.file)})
        self.assertEqual(self.client().get("/-/healthy").status, 200)
        first = self.served()
        (self.folder / "daemon.pem").write_text("")
        ask_until(lambda: self.served() and daemon.said("cert_file has no certificates in PEM"), "it is told")
        self.assertEqual(self.served(), first)
        self.authority.issue("daemon", "IP:127.0.0.1")
        ask_until(lambda: self.served() != first, "the new one is served")
        self.assertEqual(len(daemon.said("cert_file has no certificates in PEM")), 1)

    def served(self):
        with self.fleet.near.entered():
            return ssl.get_server_certificate(("127.0.0.1", 19100), timeout=10)

    def refuses(self, certificate):
        try:
            self.client(certificate=certificate).get("/-/healthy")
        except OSError:
            return True
        return False


@needs_lab()
class Attacked(WebCase):
    """Two hundred clients that are slow, say nothing, nonsense or too much, or do not read, while scans go on."""

    ALONE = True
    RANGE = "10.96.0.0/22"
    CLIENTS = 200
    SECONDS = 10  # at a time, three times

    def test_scans_go_on(self):
        """Scans take no longer, by 5 % at most, and the daemon does not grow by more than 20 MiB."""
        hosts = [f"10.96.{third}.{fourth}" for third in range(4) for fourth in range(1, 101)]
        self.fleet.wake(*hosts)
        # At the default rate, with a pause of the attack's length in between.
        daemon = self.start(rate=1000, connect_timeout="100ms")
        daemon.wait_listed(endpoints(hosts))
        before = daemon.child.memory()
        quiet, attacked, most = [], [], before
        for _ in range(3):
            quiet.append(self.mean_duration(daemon))
            with Attack(self.fleet.near, self.CLIENTS) as attack:
                attacked.append(self.mean_duration(daemon))
                most = max(most, daemon.child.memory())
            self.assertGreater(attack.answered, 200, "nobody was answered or hung up on")
        peak = daemon.child.memory("VmHWM")
        print(f"     scans of {statistics.median(quiet):.3f} s, attacked {statistics.median(attacked):.3f} s;"
              f" memory {before >> 20} MiB, attacked {most >> 20} MiB, peak {peak >> 20} MiB")
        self.assertLess(statistics.median(attacked), statistics.median(quiet) * 1.05)
        self.assertLess(peak - before, 20 << 20)
        self.assertEqual(self.web.get("/-/healthy").status, 200)
        self.assertEqual(daemon.said("silent"), [])

    def mean_duration(self, daemon):
        """Of the scans that end within the next seconds, as the daemon says in the end."""
        first = self.durations()
        time.sleep(self.SECONDS)
        last = self.durations()
        self.assertGreaterEqual(last[1] - first[1], 4, "scans")
        return (last[0] - first[0]) / (last[1] - first[1])

    def durations(self):
        """Sum and count; asked again while the table of clients is full."""
        while True:
            try:
                answer = self.web.get("/metrics")
            except OSError:
                continue
            if answer.status == 200:
                text = answer.text
                return tuple(float(re.search(rf"^subnet_sd_scan_duration_seconds_{part}\S* (\S+)$", text, re.MULTILINE)[1])
                             for part in ("sum", "count"))
            time.sleep(0.05)


class Attack:
    """Clients in threads of their own, each again and again until the end."""

    def __init__(self, namespace, count):
        self._namespace = namespace
        self._over = threading.Event()
        self.answered = 0
        ways = [self.silent, self.drip, self.nonsense, self.endless, self.large, self.deaf, self.pipelined]
        self._threads = [threading.Thread(target=self._run, args=(ways[number % len(ways)],), daemon=True)
                         for number in range(count)]

    def __enter__(self):
        for thread in self._threads:
            thread.start()
        return self

    def __exit__(self, *_):
        self._over.set()
        for thread in self._threads:
            thread.join(10)

    def _run(self, way):
        while not self._over.wait(1):
            try:
                with self._namespace.entered():
                    connection = socket.create_connection(("127.0.0.1", 19100), timeout=5)
                with connection:
                    way(connection)
            except OSError:
                pass

    def _read(self, connection):
        if connection.recv(4096):
            self.answered += 1

    def silent(self, connection):
        connection.settimeout(15)
        self._read(connection)

    def drip(self, connection):
        for byte in b"GET /metrics HTTP/1.1\r\nHost: a\r\nX: " + b"a" * 400:
            connection.sendall(bytes([byte]))
            if self._over.wait(0.05):
                return

    def nonsense(self, connection):
        connection.sendall(random.randbytes(64) + b"\r\n\r\n")
        self._read(connection)

    def endless(self, connection):
        connection.sendall(b"GET / HTTP/1.1\r\n")
        for _ in range(2000):
            connection.sendall(b"X-Header: " + b"a" * 1000 + b"\r\n")

    def large(self, connection):
        connection.sendall(b"POST /-/reload HTTP/1.1\r\nContent-Length: 100000000\r\n\r\n" + b"a" * 100_000)
        self._read(connection)

    def deaf(self, connection):
        connection.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
        connection.sendall(b"GET /api/v1/targets HTTP/1.1\r\nHost: a\r\n\r\n")
        self._over.wait(5)

    def pipelined(self, connection):
        connection.sendall(b"GET /-/healthy HTTP/1.1\r\nHost: a\r\n\r\n" * 100)
        self._read(connection)
