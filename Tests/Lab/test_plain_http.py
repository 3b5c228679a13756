"""Plain HTTP where Prometheus has a password: rogue hosts that take down every byte, and a real Prometheus that reads the list."""

import base64

from Lab.fleet import PORT, endpoints
from Lab.imitation import metrics
from Lab.oddities import EXPOSITION, speaks_http
from Lab.parts import PATIENCE, needs_lab
from Lab.prometheus import Prometheus
from Lab.servers import Server, reply
from Lab.test_odd_hosts import refused
from Lab.test_secured import PASSWORD, USER, SecuredCase

CREDENTIALS = "speaks plain HTTP, and the job has credentials; write 'scheme: http' if that is meant"
PAST = "speaks plain HTTP, and spoke TLS before; if that is meant, forget it"
# So many scrapes of one target, one a second, are longer than Prometheus takes to heed a file: five seconds.
SCRAPES = 10


class Rogue(Server):
    """An exporter over plain HTTP that lets in anybody, and to a TLS handshake says what Go's server says."""

    def __init__(self, address, namespace):
        super().__init__(speaks_http(Rogue._answer), address, PORT, namespace=namespace)

    @staticmethod
    def _answer(connection, server):
        server.request(connection)
        connection.sendall(reply("200 OK", metrics("rogue"), EXPOSITION))

    @property
    def heard(self):
        return b"".join(self.received)


@needs_lab("openssl", "prometheus")
class RogueHosts(SecuredCase):
    ROGUE, TURNCOAT = "10.91.0.50", "10.91.0.51"

    def setUp(self):
        super().setUp()
        for address in self.BOTH:
            self.machine(address, f"IP:{address}", PASSWORD)
        self.honest = self.machine(self.TURNCOAT, f"IP:{self.TURNCOAT}", PASSWORD)
        self.rogue = self.place(self.ROGUE)

    def place(self, address):
        rogue = Rogue(address, self.fleet.place(address))
        self.addCleanup(rogue.end)
        return rogue

    def turn(self):
        """The honest exporter goes, and a rogue is in its place."""
        self.honest.stop()
        return self.place(self.TURNCOAT)

    def prometheus(self, daemon):
        prometheus = Prometheus(self.folder, [daemon.target_file], self.fleet.near, **self.access)
        self.addCleanup(prometheus.end)
        return prometheus

    def wait_scrapes(self, prometheus, *addresses):
        """Until each is scraped so many times more, with success or not."""
        def count():
            return {labels["instance"]: value for labels, value in prometheus.query("count_over_time(up[10m])")}

        before = count()
        for endpoint in endpoints(addresses):
            prometheus.wait_up(lambda _: count().get(endpoint, 0) >= before.get(endpoint, 0) + SCRAPES,
                               timeout=PATIENCE + SCRAPES, what=f"{SCRAPES} scrapes of {endpoint}")

    def assert_nothing_told(self, rogue):
        for word in b"uthorization", PASSWORD.encode(), base64.b64encode(f"{USER}:{PASSWORD}".encode()):
            self.assertNotIn(word, rogue.heard)
        self.assertIn(b"\x16\x03", rogue.heard)  # it was asked, in TLS

    def check(self):
        """What a job with credentials does."""
        daemon = self.daemon(self.config()).start()
        honest = endpoints([*self.BOTH, self.TURNCOAT])
        daemon.wait_listed(lambda listed: listed >= honest)
        prometheus = self.prometheus(daemon)
        prometheus.wait_up(lambda up: all(up.get(endpoint) == 1 for endpoint in honest))
        self.wait_scrapes(prometheus, self.BOTH[0])
        self.assert_nothing_told(self.rogue)
        turned = self.turn()
        daemon.wait_scans(4)
        self.wait_scrapes(prometheus, self.TURNCOAT)
        self.assert_nothing_told(turned)
        self.assert_nothing_told(self.rogue)
        self.assertEqual(prometheus.up(), {**dict.fromkeys(endpoints(self.BOTH), 1), f"{self.TURNCOAT}:9100": 0})
        self.assertEqual(self.schemes(daemon), dict.fromkeys(honest, "https"))
        told = refused(daemon)
        self.assertEqual(told[f"{self.ROGUE}:9100"], ("plain_http", CREDENTIALS))
        self.assertEqual(daemon.targets("--state", "silent")[0][f"{self.TURNCOAT}:9100"]["reason"], PAST)
        warning = rf"{self.TURNCOAT}:9100 is downgraded: {PAST}; it stays listed with https"
        self.assertEqual(len(daemon.said(warning)), 1)
        # Nor is it forgotten, or told again, by the next process.
        daemon.stop()
        daemon.start().wait_scans(3, since=0)
        self.assertFalse(daemon.said("is downgraded"))
        self.assertEqual(self.schemes(daemon), dict.fromkeys(honest, "https"))
        # What is forgotten is not found anew over plain HTTP.
        daemon.forget(f"{self.TURNCOAT}:9100")
        daemon.wait_scans(3)
        self.assertEqual(daemon.listed(), endpoints(self.BOTH))
        self.assert_nothing_told(turned)

    def test_verified(self):
        """The password reaches neither a rogue in the range nor one in place of an honest exporter."""
        self.check()

    def test_not_verified(self):
        """Nor where any certificate is believed."""
        self.access["tls_config"] = {"insecure_skip_verify": True}
        self.check()

    def test_password_comes_later(self):
        """A job that gets a password by a reload lists what it had over plain HTTP with https, so that nothing is sent."""
        config, listed = self.config(), endpoints([*self.BOTH, self.TURNCOAT, self.ROGUE])
        del config["scan_configs"][0]["basic_auth"], config["scan_configs"][0]["tls_config"]
        config["scan_configs"][0]["ranges"] = [self.ROGUE]
        daemon = self.daemon(config).start()
        daemon.wait_listed({f"{self.ROGUE}:9100"})
        self.assertEqual(self.schemes(daemon), {f"{self.ROGUE}:9100": "http"})
        daemon.configure(self.config())
        daemon.reloaded()
        self.assertEqual(self.schemes(daemon), {f"{self.ROGUE}:9100": "https"})
        daemon.wait_line("1 target found or listed without https, and the job has credentials: listed with https")
        daemon.wait_listed(listed)
        prometheus = self.prometheus(daemon)
        prometheus.wait_up({endpoint: int(self.ROGUE not in endpoint) for endpoint in listed})
        self.wait_scrapes(prometheus, self.ROGUE)
        self.assert_nothing_told(self.rogue)
        self.assertEqual(self.schemes(daemon), dict.fromkeys(listed, "https"))

    def test_without_credentials(self):
        """Without a password plain HTTP is listed; what spoke TLS before stays with https until it is forgotten, and `explain`
        knows it."""
        self.access = {"tls_config": {"insecure_skip_verify": True}}
        self.machine("10.91.0.60", "IP:10.91.0.60")
        self.honest.stop()
        self.honest = self.machine(self.TURNCOAT, f"IP:{self.TURNCOAT}")
        daemon = self.daemon(self.config(job_ranges=["10.91.0.50-60"])).start()
        turncoat = f"{self.TURNCOAT}:9100"
        schemes = {f"{self.ROGUE}:9100": "http", turncoat: "https", "10.91.0.60:9100": "https"}
        daemon.wait_listed(schemes.keys())
        turned = self.turn()
        daemon.wait_line(rf"{turncoat} is downgraded: {PAST}; it stays listed with https")
        daemon.wait_scans(3)
        self.assertEqual(self.schemes(daemon), schemes)
        self.assertNotIn(b"GET ", turned.heard)
        explained = self.run_subnet_sd(
            "explain", turncoat, "--config", str(daemon.config), "--runtime-directory", str(daemon.runtime),
            namespace=self.fleet.near).output
        self.assertRegex(explained, r"(?m) ms  memory    the daemon knows it over TLS, for ")
        self.assertTrue(explained.rstrip().endswith(f"verdict   no target: {PAST}"), explained)
        self.assertNotIn(b"GET ", turned.heard)
        daemon.forget(turncoat)
        daemon.wait_line(rf"{turncoat} is new: node_exporter 1\.5\.0 rogue")
        daemon.wait_scans(1)
        self.assertEqual(self.schemes(daemon), {**schemes, turncoat: "http"})
