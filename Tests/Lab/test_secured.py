"""Exporters behind TLS and credentials, among plain ones; what Prometheus makes of it; and where secrets go."""

import base64
import ctypes
import json
import ssl

from Lab.cases import FleetCase
from Lab.certificates import Authority
from Lab.daemon import config
from Lab.fleet import PORT, endpoints
from Lab.imitation import metrics
from Lab.oddities import EXPOSITION, ODDITIES, speaks_http
from Lab.parts import needs_lab
from Lab.prometheus import Prometheus
from Lab.servers import Server, reply
from Lab.test_odd_hosts import refused

USER, PASSWORD = "prometheus", "pa55-w0rd-of-the-lab"
PLAIN_HTTP = ("plain_http", "speaks plain HTTP, and the job has credentials; write 'scheme: http' if that is meant")


def bcrypt(password):
    """As node_exporter wants passwords; with the least work, as each scrape costs it."""
    crypt = ctypes.CDLL("libcrypt.so.1").crypt
    crypt.restype = ctypes.c_char_p
    return crypt(password.encode(), b"$2b$04$abcdefghijklmnopqrstuu").decode()


class SecuredCase(FleetCase):
    """Real exporters of four kinds in one range."""

    RANGE = "10.91.0.0/24"
    PLAIN = ["10.91.0.200", "10.91.0.201"]
    TLS = ["10.91.0.10", "10.91.0.11"]
    BOTH = ["10.91.0.20", "10.91.0.21"]  # credentials over TLS
    BASIC = ["10.91.0.30"]  # credentials over plain HTTP

    def setUp(self):
        super().setUp()
        self.fleet.wake(*self.PLAIN)
        self.authority = Authority(self.folder)
        self.password = self.folder / "password"
        self.password.write_text(PASSWORD + "\n")
        self.access = {"basic_auth": {"username": USER, "password_file": str(self.password)},
                       "tls_config": {"ca_file": str(self.authority.file)}}

    def machine(self, address, alternatives=None, password=None):
        """An exporter with a certificate for these names, and with this password."""
        web = {}
        if alternatives:
            made = self.authority.issue(address, alternatives)
            web["tls_server_config"] = {"cert_file": str(made.certificate), "key_file": str(made.key)}
        if password:
            web["basic_auth_users"] = {USER: bcrypt(password)}
        # Read again at each request.
        file = self.folder / f"{address}.yml"
        file.write_text(json.dumps(web))
        child = self.fleet.machine(address, f"--web.config.file={file}")
        self.addCleanup(child.stop)
        return child

    def change_password(self, address, password):
        file = self.folder / f"{address}.yml"
        web = json.loads(file.read_text())
        file.write_text(json.dumps({**web, "basic_auth_users": {USER: bcrypt(password)}}))

    def machines(self):
        for address in self.TLS:
            self.machine(address, f"IP:{address}")
        for address in self.BOTH:
            self.machine(address, f"IP:{address}", PASSWORD)
        for address in self.BASIC:
            self.machine(address, password=PASSWORD)

    def server(self, address, answer, **options):
        server = Server(answer, address, PORT, namespace=self.fleet.place(address), **options)
        self.addCleanup(server.end)
        return server

    def config(self, **settings):
        keys = {f"job_{key}": value for key, value in self.access.items()}
        return config([self.RANGE], **{"scan_interval": "1s", "rate": 20000, **keys, **settings})

    def schemes(self, daemon):
        return {target: group.labels.get("__scheme__", "http") for group in daemon.groups() for target in group.targets}

    def assert_secret(self, daemon, *secrets):
        """They stand in nothing that the daemon says or keeps."""
        told = {"log": "\n".join(daemon.lines.all()), "status": daemon.status(),
                "targets": daemon.ask("targets").output + daemon.ask("targets").error,
                "JSON": daemon.ask("targets", "--format", "json").output,
                "refused": daemon.ask("targets", "--state", "refused").output,
                **{str(path): path.read_bytes().decode(errors="replace")
                   for path in daemon.state.rglob("*") if path.is_file()}}
        self.assertIn(str(daemon.state / "inventory"), told)
        for secret in secrets:
            for form in secret, base64.b64encode(secret.encode()).decode(), \
                    base64.b64encode(f"{USER}:{secret}".encode()).decode():
                for where, text in told.items():
                    self.assertNotIn(form, text, where)


@needs_lab("openssl", "prometheus", "promtool")
class OneRange(SecuredCase):
    def test_listed_and_scraped(self):
        """Of one range the TLS ones are listed, and a Prometheus scrapes each as the file says; of the plain ones it is told."""
        self.machines()
        daemon = self.daemon(self.config()).start()
        daemon.wait_scans(2, since=0)
        self.assertEqual(self.schemes(daemon), dict.fromkeys(endpoints([*self.TLS, *self.BOTH]), "https"))
        self.assertEqual(refused(daemon), dict.fromkeys(endpoints([*self.PLAIN, *self.BASIC]), PLAIN_HTTP))
        prometheus = Prometheus(self.folder, [daemon.target_file], self.fleet.near, **self.access)
        self.addCleanup(prometheus.end)
        prometheus.wait_up(dict.fromkeys(endpoints([*self.TLS, *self.BOTH]), 1))
        daemon.wait_scans(2)
        self.assertFalse(daemon.said("is silent|is gone"))
        self.assert_secret(daemon, PASSWORD)

    def test_server_name(self):
        """A second job, by server_name, lists those whose certificates name no address; Prometheus scrapes both jobs' files."""
        self.machines()
        named = ["10.91.0.40", "10.91.0.41"]
        for address in named:
            self.machine(address, "DNS:node.example", PASSWORD)
        settings = self.config()
        by_name = {"ca_file": str(self.authority.file), "server_name": "node.example"}
        settings["scan_configs"].append({
            **settings["scan_configs"][0], "job_name": "named", "ranges": ["10.91.0.40-49"], "scheme": "https",
            "target_file": "named.yml", "tls_config": by_name})
        daemon = self.daemon(settings).start()
        daemon.wait_listed(endpoints([*self.TLS, *self.BOTH]))
        second = daemon.target_file.with_name("named.yml")
        prometheus = Prometheus(self.folder, [], self.fleet.near, jobs={
            "node": {"files": [daemon.target_file], **self.access},
            "named": {"files": [second], **self.access, "tls_config": by_name}})
        self.addCleanup(prometheus.end)
        prometheus.wait_up(dict.fromkeys(endpoints([*self.TLS, *self.BOTH, *named]), 1))
        self.assertIn('__scheme__', second.read_text())


@needs_lab("openssl", "prometheus")
class OverPlainHTTP(SecuredCase):
    """A server that wants a password over plain HTTP, and whoever listens on the way."""

    def setUp(self):
        super().setUp()
        self.machines()
        self.thief = self.server("10.91.0.50", speaks_http(ODDITIES["401 to everything"].answer))
        self.token = base64.b64encode(f"{USER}:{PASSWORD}".encode())

    def test_auto(self):
        """The password is never sent over plain HTTP by itself, where nothing else is asked either; that is told."""
        daemon = self.daemon(self.config()).start()
        daemon.wait_scans(5, since=0, timeout=60)
        self.assertEqual(refused(daemon), dict.fromkeys(
            endpoints([*self.PLAIN, *self.BASIC, "10.91.0.50"]), PLAIN_HTTP))
        sent = b"".join(self.thief.received)
        self.assertGreaterEqual(len(self.thief.received), 5)
        self.assertNotIn(b"GET ", sent)
        self.assertNotIn(b"uthorization", sent)
        self.assertNotIn(self.token, sent)

    def test_http(self):
        """With `scheme: http` it is: the exporter is listed, and a Prometheus scrapes it."""
        del self.access["tls_config"]
        daemon = self.daemon(self.config(job_scheme="http")).start()
        daemon.wait_listed(endpoints([*self.PLAIN, *self.BASIC]))
        prometheus = Prometheus(self.folder, [daemon.target_file], self.fleet.near, **self.access)
        self.addCleanup(prometheus.end)
        prometheus.wait_up(dict.fromkeys(endpoints([*self.PLAIN, *self.BASIC]), 1))
        daemon.wait_scans(2)
        told = refused(daemon)
        self.assertEqual(told["10.91.0.50:9100"],
                         ("unauthorized", "does not accept the job's credentials (HTTP status 401)"))
        self.assertEqual({told[endpoint] for endpoint in endpoints([*self.TLS, *self.BOTH])}, {("tls", "speaks TLS")})
        self.assertIn(b"Authorization: Basic " + self.token, b"".join(self.thief.received))
        self.assert_secret(daemon, PASSWORD)

    def test_untrusted(self):
        """Nor is it sent to a TLS server whose certificate is not accepted."""
        made = Authority(self.folder, "others").issue("thief", "IP:10.91.0.51")
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(made.certificate, made.key)
        thief = self.server("10.91.0.51", ODDITIES["401 to everything"].answer, tls=context)
        daemon = self.daemon(self.config(job_scheme="https")).start()
        daemon.wait_scans(3, since=0)
        self.assertEqual(refused(daemon)["10.91.0.51:9100"], (
            "tls", "has a certificate that is not accepted: it is expired, or of no authority that is trusted"))
        self.assertEqual(thief.received, [])
        self.assertGreaterEqual(thief.accepted, 3)


@needs_lab("openssl")
class Rotation(SecuredCase):
    LISTED = [*SecuredCase.TLS, *SecuredCase.BOTH]

    def setUp(self):
        super().setUp()
        self.machines()
        self.subnet_sd = self.daemon(self.config())

    def test_new_password(self):
        """A password that is changed in the file and at the exporters costs no target a missed scan."""
        self.subnet_sd.start().wait_listed(endpoints(self.LISTED))
        # Between two scans.
        self.subnet_sd.wait_scans(1)
        for address in self.BOTH:
            self.change_password(address, "another-pa55")
        self.password.write_text("another-pa55\n")
        self.subnet_sd.wait_scans(4)
        self.assertFalse(self.subnet_sd.said("is silent|is gone|incomplete|password"))
        self.assertEqual(self.subnet_sd.listed(), endpoints(self.LISTED))
        self.assertEqual({target["state"] for target in self.subnet_sd.targets()[0].values()}, {"up"})
        self.assert_secret(self.subnet_sd, PASSWORD, "another-pa55")

    def test_wrong_password(self):
        """A wrong one makes them silent, with the reason, and the others stay up."""
        self.subnet_sd.start().wait_listed(endpoints(self.LISTED))
        self.password.write_text("wr0ng-pa55\n")
        for address in self.BOTH:
            self.subnet_sd.wait_line(
                rf"{address}:9100 is silent: does not accept the job's credentials \(HTTP status 401\)", since=0)
        self.assertEqual(self.subnet_sd.targets("--state", "silent")[0].keys(), endpoints(self.BOTH))
        self.assertEqual(self.subnet_sd.listed(), endpoints(self.LISTED))
        self.assert_secret(self.subnet_sd, PASSWORD, "wr0ng-pa55")

    def test_missing(self):
        """Without its file scans are incomplete, nobody is silent, one error says what is wrong; with it all goes on."""
        self.subnet_sd.start().wait_listed(endpoints(self.LISTED))
        since = self.subnet_sd.lines.count()
        self.password.rename(self.folder / "moved")
        told = rf"cannot read password_file '{self.password}': No such file or directory"
        self.subnet_sd.wait_line(told, since=since)
        since = self.subnet_sd.lines.count()
        self.subnet_sd.wait_scans(3, kind=r"scan incomplete", timeout=30)
        self.assertFalse(self.subnet_sd.said("is silent|is gone"))
        self.assertIn("cannot read password_file", self.subnet_sd.status())
        self.assertEqual(self.subnet_sd.listed(), endpoints(self.LISTED))
        (self.folder / "moved").rename(self.password)
        self.subnet_sd.wait_scans(2, kind=rf"{len(self.LISTED)} targets; ", since=self.subnet_sd.lines.count())
        self.assertFalse(self.subnet_sd.said("is silent|is gone|is back"))

    def test_missing_at_the_start(self):
        """A daemon that starts without the file keeps all that it knows."""
        self.subnet_sd.start().wait_listed(endpoints(self.LISTED))
        self.subnet_sd.stop()
        self.password.unlink()
        self.subnet_sd.start().wait_scans(3, since=0, kind="scan incomplete")
        self.assertFalse(self.subnet_sd.said("is silent|is gone"))
        self.assertEqual(self.subnet_sd.listed(), endpoints(self.LISTED))


@needs_lab("openssl")
class OtherCredentials(SecuredCase):
    TOKEN = "t0ken-of-the-lab"

    def bearer(self, connection, server):
        head = server.request(connection)
        good = f"\r\nAuthorization: Bearer {self.TOKEN}\r\n".encode() in head
        connection.sendall(reply("200 OK", metrics("bearer"), EXPOSITION) if good
                           else reply("401 Unauthorized", b"Unauthorized", headers=("WWW-Authenticate: Bearer",)))

    def secured(self, address):
        made = self.authority.issue(address, f"IP:{address}")
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(made.certificate, made.key)
        return self.server(address, self.bearer, tls=context)

    def test_bearer(self):
        """With `authorization` the token is sent, over TLS and nowhere else."""
        secured = self.secured("10.91.0.60")
        plain = self.server("10.91.0.61", speaks_http(self.bearer))
        token = self.folder / "token"
        token.write_text(f"  {self.TOKEN}\n")
        self.access = {"authorization": {"type": "Bearer", "credentials_file": str(token)},
                       "tls_config": {"ca_file": str(self.authority.file)}}
        settings = self.config(job_ranges=["10.91.0.60"], job_scheme="https")
        settings["scan_configs"].append({
            **settings["scan_configs"][0], "job_name": "plain", "ranges": ["10.91.0.61"], "scheme": "auto",
            "target_file": "plain.yml"})
        daemon = self.daemon(settings).start()
        daemon.wait_listed({"10.91.0.60:9100"})
        for job in "node", "plain":
            daemon.wait_scans(2, since=0, kind=rf"job '{job}': .* endpoints in")
        self.assertIn(self.TOKEN.encode(), b"".join(secured.received))
        self.assertNotIn(self.TOKEN.encode(), b"".join(plain.received))
        self.assertEqual(refused(daemon)["10.91.0.61:9100"], PLAIN_HTTP)
        self.assert_secret(daemon, self.TOKEN)

    def test_systemd_credentials(self):
        """A relative name is looked up among systemd's credentials first, then beside the configuration."""
        self.machines()
        credentials = self.folder / "credentials"
        credentials.mkdir()
        (credentials / "node.password").write_text(PASSWORD)
        self.access["basic_auth"]["password_file"] = "node.password"
        daemon = self.daemon(self.config())
        (daemon.folder / "node.password").write_text("beside-pa55")
        daemon.start(CREDENTIALS_DIRECTORY=str(credentials))
        daemon.wait_listed(endpoints([*self.TLS, *self.BOTH]))
        self.assert_secret(daemon, PASSWORD, "beside-pa55")
        daemon.stop()
        (daemon.folder / "node.password").write_text(PASSWORD)
        daemon.start().wait_scans(2, since=0)
        self.assertFalse(daemon.said("is silent|incomplete"))
