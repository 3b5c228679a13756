"""Clients of ill will, beside honest ones: of HTTP and of the control socket."""

import base64
import concurrent.futures
import contextlib
import json
import resource
import socket
import time

from Lab.test_secured import bcrypt
from Lab.web import Web
from Process.cases import LoopbackCase
from Process.test_web import free_port


class HostileClients(LoopbackCase):
    def setUp(self):
        super().setUp()
        self.exporters(3)
        self.port_of_web = free_port()
        self.web = Web(f"127.0.0.1:{self.port_of_web}")
        self.stack = contextlib.ExitStack()
        self.addCleanup(self.stack.close)

    def start(self, interval="1s", **web):
        daemon = self.daemon({**self.config(scan_interval=interval), "web": {"listen_address": self.web.place, **web}})
        daemon.start().wait_listed(self.endpoints(3))
        return daemon

    def connect(self, text=b"", source="127.0.0.1"):
        connection = self.stack.enter_context(
            socket.create_connection(("127.0.0.1", self.port_of_web), timeout=10, source_address=(source, 0)))
        connection.sendall(text)
        return connection

    def answered(self, tries, user=None):
        """How many of so many honest requests get 200."""
        count = 0
        for _ in range(tries):
            with contextlib.suppress(OSError):
                count += Web(self.web.place, user=user).get("/sd").status == 200
        return count

    def test_half_sent(self):
        """Ninety requests that do not end starve no honest one."""
        self.start()
        for _ in range(90):
            with contextlib.suppress(OSError):
                self.connect(b"GET /sd HTTP/1.1\r\nHost: 127.0.0.1\r\n")
        count = self.answered(50)
        print(f"     {count} of 50 honest requests answered beside 90 half-sent ones")
        self.assertEqual(count, 50)

    def test_guesses(self):
        """Wrong passwords of other addresses keep nobody out who knows his."""
        (self.folder / "web.yml").write_text(json.dumps({"basic_auth_users": {"ann": bcrypt("secret")}}))
        self.start(config_file="web.yml")
        guess = base64.b64encode(b"ann:wrong").decode()
        request = f"GET /sd HTTP/1.1\r\nHost: 127.0.0.1\r\nAuthorization: Basic {guess}\r\n\r\n".encode()
        for number in range(12):
            self.connect(request, source=f"127.0.1.{number // 2 + 1}")
        self.assertEqual(self.answered(1, user=("ann", "secret")), 1)

    def test_other_names(self):
        """A page that has a name of its own point here reads nothing, and reloads nothing."""
        daemon = self.start(enable_lifecycle=True, allowed_hosts=["sd.example.org"])
        for host, status in (("evil.example", 421), (f"evil.example:{self.port_of_web}", 421), ("localhost", 200),
                             ("SD.example.org.:80", 200), ("[::1]:19100", 200)):
            with self.subTest(host):
                self.assertEqual(self.web.get("/api/v1/targets", Host=host).status, status)
        self.assertEqual(self.web.post("/-/reload", Host="evil.example").status, 421)
        self.assertEqual(daemon.said("reloaded"), [])

    def test_reloads(self):
        """However many ask for a reload, there is one a second, and the journal hears as much."""
        daemon = self.start(enable_lifecycle=True)
        since, begin = daemon.lines.count(), time.monotonic()

        def ask(_):
            with contextlib.suppress(OSError):
                self.web.post("/-/reload")

        with concurrent.futures.ThreadPoolExecutor(16) as pool:
            list(pool.map(ask, range(200)))
        took = time.monotonic() - begin
        reloads = len(daemon.said("configuration reloaded", since))
        print(f"     200 wishes: {reloads} reloads in {took:.1f} s")
        self.assertLessEqual(reloads, took + 2)

    def test_reloads_wait(self):
        """Clients that wait for a reload take no place that others of their address need."""
        self.start(enable_lifecycle=True)
        self.assertEqual(self.web.post("/-/reload").status, 200)
        # The next reload is due only in a second: until then they wait, or hear that too many do.
        count = 0
        for _ in range(60):
            with contextlib.suppress(OSError):
                self.connect(b"POST /-/reload HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n")
            # When another address has its answer, the wish was heard.
            self.connect(b"GET /-/healthy HTTP/1.0\r\n\r\n", source="127.0.0.2").recv(4096)
            count += self.answered(1)
        print(f"     {count} of 60 honest requests answered beside 60 that wish for a reload")
        self.assertEqual(count, 60)

    def test_idle_operators(self):
        """Connections to the control socket that say nothing hold up no operator."""
        daemon = self.start()
        for _ in range(20):
            idle = self.stack.enter_context(socket.socket(socket.AF_UNIX))
            idle.connect(str(daemon.runtime / "control"))
        begin = time.monotonic()
        daemon.ask("targets")
        print(f"     an operator beside 20 idle ones is answered after {time.monotonic() - begin:.2f} s")

    def test_without_descriptors(self):
        """Where there are no descriptors, the daemon does not turn round and round, and goes on when there are some."""
        # Scans need descriptors, too, and are not what is measured.
        daemon = self.start(interval="1h")
        limits = resource.prlimit(daemon.pid, resource.RLIMIT_NOFILE)
        resource.prlimit(daemon.pid, resource.RLIMIT_NOFILE, (1, limits[1]))
        waiting = [self.connect(b"GET /sd HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n") for _ in range(4)]
        operators = []
        for _ in range(4):
            operators.append(self.stack.enter_context(socket.socket(socket.AF_UNIX)))
            operators[-1].connect(str(daemon.runtime / "control"))
        before = self.processor_time(daemon)
        time.sleep(3)  # what is measured is that nothing happens
        used = self.processor_time(daemon) - before
        print(f"     {used:.2f} s of processor time in 3 s without descriptors")
        self.assertLess(used, 0.6)
        resource.prlimit(daemon.pid, resource.RLIMIT_NOFILE, limits)
        for connection in waiting:
            self.assertIn(b" 200 ", connection.recv(4096))
        daemon.ask("targets")

    def processor_time(self, daemon):
        with open(f"/proc/{daemon.pid}/stat", encoding="ascii") as file:
            fields = file.read().rsplit(")", 1)[1].split()
        return (int(fields[11]) + int(fields[12])) / 100
