"""Under a real systemd 252: installed by hand as the README says, driven by systemctl, read with journalctl."""

import base64
import json
import re
import tempfile
import threading
import time
import unittest

from Lab import parts
from Lab.cases import FleetCase
from Lab.daemon import config
from Lab.fleet import endpoints
from Lab.machine import Machine
from Lab.oddities import BUILD_INFO
from Lab.parts import ROOT, needs_lab
from Lab.servers import Server, reply
from Lab.test_web import ON
from Lab.web import Web

UNIT = ROOT / "systemd/subnet-sd.service"
SERVICE = "subnet-sd.service"
TARGETS = "/var/lib/subnet-sd/file_sd/service_discovery.yml"


@needs_lab("systemd-nspawn", "debootstrap")
@unittest.skipUnless(UNIT.exists(), "the unit is not there")
class UnderSystemd(FleetCase):
    RANGE = "10.86.0.0/24"
    LIVE = [f"10.86.0.{octet}" for octet in (3, 7, 11, 200)]

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.machine = Machine(tempfile.mkdtemp(prefix="machine-"), cls.fleet.near)
        cls.addClassCleanup(cls.machine.end)
        cls.install()

    @classmethod
    def install(cls):
        """What somebody does who installs it by hand."""
        unit = UNIT.read_text()
        program = re.search(r"(?m)^ExecStart=(\S+)", unit)[1]
        cls.machine.install(parts.daemon(), program)
        # Fails here, and says why, if it is not the release with its runtime linked in.
        cls.machine.run(program, "--version")
        cls.machine.write(f"/etc/systemd/system/{SERVICE}", unit)
        cls.machine.install(ROOT / "systemd/subnet-sd.sysusers.conf", "/etc/sysusers.d/subnet-sd.conf", 0o644)
        cls.machine.run("systemd-sysusers")
        cls.configure(cls.settings())
        cls.machine.write("/etc/prometheus/prometheus.yml", json.dumps({
            "global": {"scrape_interval": "1s", "scrape_timeout": "1s"},
            "scrape_configs": [{"job_name": "node", "file_sd_configs": [{"files": [TARGETS]}]}]}))
        cls.machine.run("systemctl", "daemon-reload")
        cls.machine.run("systemctl", "enable", SERVICE)

    @classmethod
    def settings(cls, **settings):
        return config([cls.RANGE], **{"scan_interval": "1s", "rate": 5000, **settings})

    @classmethod
    def configure(cls, settings):
        text = settings if isinstance(settings, str) else json.dumps(settings, indent=1) + "\n"
        cls.machine.write("/etc/subnet-sd/config.yml", text)

    def setUp(self):
        super().setUp()
        self.fleet.wake(*self.LIVE)
        self.configure(self.settings())
        self.machine.run("systemctl", "reset-failed", SERVICE)
        self.machine.run("systemctl", "restart", SERVICE)
        self.addCleanup(self.machine.run, "systemctl", "stop", SERVICE, status=None)
        self.wait_listed(self.LIVE)

    def listed(self):
        text = self.machine.read(TARGETS)
        return set(re.findall(r'"([\d.]+:\d+)"', text or ""))

    def wait_listed(self, hosts):
        self.machine.wait(lambda: self.listed() == endpoints(hosts), what=f"{len(hosts)} targets in {TARGETS}")

    def entries(self, **fields):
        return self.machine.journal(SERVICE, *(f"{key}={value}" for key, value in fields.items()))

    def test_active(self):
        """The unit is active as it is shipped, as its own user, and its status is a sentence."""
        self.assertEqual(self.machine.property(SERVICE, "ActiveState"), "active")
        self.assertEqual(self.machine.property(SERVICE, "Type"), "notify")
        self.assertRegex(self.machine.property(SERVICE, "StatusText"), r"\b4 targets in 1 job\b")
        process = self.machine.property(SERVICE, "MainPID")
        self.assertEqual(self.machine.run("stat", "-c", "%U", f"/proc/{process}").output.strip(), "subnet-sd")

    def test_no_complaints(self):
        """systemd finds nothing to complain of in the unit."""
        done = self.machine.run("systemd-analyze", "verify", f"/etc/systemd/system/{SERVICE}", status=None)
        self.assertEqual((done.status, done.output, re.sub(r"(?m)^.*man:subnet-sd.*\n?", "", done.error)), (0, "", ""))

    def test_exposure(self):
        """The sandbox scores 1.0 or less."""
        self.machine.run("systemd-analyze", "security", "--threshold=10", "--no-pager", SERVICE)

    def test_journal_fields(self):
        """What happens to a target is an entry of the journal with its fields."""
        lost = self.LIVE[0]
        self.fleet.silence(lost)
        silent = {"SUBNET_SD_EVENT": "target_silent", "SUBNET_SD_TARGET": f"{lost}:9100"}
        self.machine.wait(lambda: self.entries(**silent), what="target_silent in the journal")
        entry = self.entries(**silent)[-1]
        self.assertEqual(entry["SUBNET_SD_JOB"], "node")
        self.assertEqual(entry["SUBNET_SD_TARGET"], f"{lost}:9100")
        self.assertRegex(entry["MESSAGE_ID"], r"^[0-9a-f]{32}$")
        self.assertEqual(entry["SYSLOG_IDENTIFIER"], "subnet-sd")
        self.assertEqual(entry["PRIORITY"], "5")
        self.assertEqual(entry["_TRANSPORT"], "journal")
        self.assertIn(f"{lost}:9100 is silent", entry["MESSAGE"])
        new = self.entries(SUBNET_SD_EVENT="target_new")
        self.assertLessEqual({f"{host}:9100" for host in self.LIVE}, {entry["SUBNET_SD_TARGET"] for entry in new})

    def test_hold(self):
        """A hold is a warning in the journal with its fields, and in the status; `release` as root ends it."""
        self.fleet.stop(*self.LIVE[:3])
        held = {"SUBNET_SD_EVENT": "hold_begun"}
        self.machine.wait(lambda: self.entries(**held), what="hold_begun in the journal")
        entry = self.entries(**held)[-1]
        self.assertRegex(entry["MESSAGE_ID"], r"^[0-9a-f]{32}$")
        self.assertEqual((entry["SUBNET_SD_JOB"], entry["PRIORITY"]), ("node", "4"))
        self.assertIn("hold begins: 3 of 4 targets are silent", entry["MESSAGE"])
        self.machine.wait(
            lambda: "node: hold, 3 of 4" in self.machine.property(SERVICE, "StatusText"), what="the status")
        self.machine.run("subnet-sd", "release", "node")
        self.machine.wait(lambda: self.entries(SUBNET_SD_EVENT="hold_ended"), what="hold_ended in the journal")

    def test_operators(self):
        """Root and the group of the service may ask the daemon, without options; others are refused, and told why."""
        done = self.machine.run("subnet-sd", "targets", "--format", "json")
        self.assertEqual({target["target"] for target in json.loads(done.output)["targets"]}, endpoints(self.LIVE))
        nobody = ["setpriv", "--reuid=nobody", "--regid=nogroup"]
        member = [*nobody, "--groups=subnet-sd", "--", "subnet-sd"]
        stranger = [*nobody, "--clear-groups", "--", "subnet-sd"]
        self.assertEqual(self.machine.run(*member, "targets", "--format", "json").output, done.output)
        for command in (["targets"], ["forget", f"{self.LIVE[0]}:9100"], ["release", "node"]):
            with self.subTest(command):
                refused = self.machine.run(*stranger, *command, status=1)
                self.assertIn("not permitted to use '/run/subnet-sd/control'; only root and the group", refused.error)
                self.assertEqual(refused.output, "")

    def test_operators_of_a_stopped_service(self):
        """With the service stopped, root is told that it is not running."""
        self.machine.run("systemctl", "stop", SERVICE)
        done = self.machine.run("subnet-sd", "targets", status=1)
        self.assertIn("the daemon is not running: nobody listens at '/run/subnet-sd/control'", done.error)

    def test_reload(self):
        """systemctl reload waits for the new configuration to be in force."""
        self.configure({**self.settings(), "scan_configs": [{"job_name": "node", "ranges": [self.LIVE[0]]}]})
        self.machine.run("systemctl", "reload", SERVICE)
        self.assertTrue(self.entries(SUBNET_SD_EVENT="reloaded"))
        self.wait_listed(self.LIVE[:1])

    def test_bad_reload(self):
        """systemctl reload of a bad configuration fails and says where the mistake is; the old one goes on."""
        process = self.machine.property(SERVICE, "MainPID")
        self.configure("global:\n  scan_intervall: 1m\n")
        done = self.machine.run("systemctl", "reload", SERVICE, status=None)
        self.assertNotEqual(done.status, 0)
        self.machine.wait(
            lambda: any("config.yml:2:3" in str(entry.get("MESSAGE")) for entry in self.entries()),
            what="the mistake in the journal")
        self.assertEqual(self.machine.property(SERVICE, "ActiveState"), "active")
        self.assertEqual(self.machine.property(SERVICE, "MainPID"), process)
        self.assertEqual(self.listed(), endpoints(self.LIVE))

    def test_bad_start(self):
        """A start with a bad configuration fails for good: status 78, no restarts, the reason in the journal."""
        self.configure("global:\n  scan_intervall: 1m\n")
        done = self.machine.run("systemctl", "restart", SERVICE, status=None)
        self.assertNotEqual(done.status, 0)
        self.machine.wait(lambda: self.machine.property(SERVICE, "ActiveState") == "failed", what="failed")
        self.assertEqual(self.machine.property(SERVICE, "ExecMainStatus"), "78")
        self.assertEqual(self.machine.property(SERVICE, "NRestarts"), "0")
        self.assertEqual(self.listed(), endpoints(self.LIVE))

    def test_watchdog(self):
        """A daemon that stands still is killed by the watchdog and started again; the targets stay listed."""
        # The shipped patience is a minute; here we have ten seconds.
        self.machine.write(f"/etc/systemd/system/{SERVICE}.d/test.conf", "[Service]\nWatchdogSec=5\n")
        self.addCleanup(self.machine.remove, f"/etc/systemd/system/{SERVICE}.d/test.conf")
        self.machine.run("systemctl", "daemon-reload")
        self.machine.run("systemctl", "restart", SERVICE)
        process = self.machine.property(SERVICE, "MainPID")
        self.machine.run("sh", "-c", f"kill -STOP {process}")
        self.machine.wait(lambda: self.machine.property(SERVICE, "NRestarts") == "1", 60, "a restart")
        self.machine.wait(lambda: self.machine.property(SERVICE, "ActiveState") == "active", 60, "active again")
        self.assertNotEqual(self.machine.property(SERVICE, "MainPID"), process)
        self.assertEqual(self.listed(), endpoints(self.LIVE))
        self.assertTrue([entry for entry in self.machine.journal(SERVICE) if "Watchdog timeout" in str(entry.get("MESSAGE"))])

    def test_stop(self):
        """systemctl stop takes less than two seconds, leaves the target file, and counts as a success."""
        begin = time.monotonic()
        self.machine.run("systemctl", "stop", SERVICE)
        self.assertLess(time.monotonic() - begin, 2)
        self.assertEqual(self.machine.property(SERVICE, "Result"), "success")
        self.assertEqual(self.listed(), endpoints(self.LIVE))

    def test_prometheus_reads(self):
        """Debian's Prometheus, another user, reads the file and scrapes the targets."""
        self.machine.run("systemctl", "restart", "prometheus.service")

        def up():
            done = self.machine.run("curl", "-sS", "http://127.0.0.1:9090/api/v1/query?query=up", status=None)
            if not done.output.startswith("{"):
                return {}  # not ready yet
            result = json.loads(done.output)["data"]["result"]
            values = {series["metric"]["instance"]: series["value"][1] for series in result}
            # What Debian's own configuration scraped before stays visible for five minutes.
            return {instance: value for instance, value in values.items() if not instance.startswith("localhost:")}

        wanted = dict.fromkeys(endpoints(self.LIVE), "1")
        try:
            self.machine.wait(lambda: up() == wanted, what="up == 1 for all")
        except AssertionError as error:
            raise AssertionError(f"{error}: {up()}") from error

    def test_hostname(self):
        """The resolver works in the sandbox: what a machine is called becomes a label."""
        hosts = self.machine.read("/etc/hosts")
        self.addCleanup(self.machine.write, "/etc/hosts", hosts)
        self.machine.write("/etc/hosts", f"{hosts}{self.LIVE[0]} web3.example.org\n")
        self.configure(self.settings(job_target_labels=["hostname"]))
        self.machine.run("systemctl", "reload", SERVICE)
        self.machine.wait(lambda: '"__meta_subnet_sd_hostname": "web3.example.org"' in self.machine.read(TARGETS),
                          what="the name in the target file")
        self.assertEqual(self.listed(), endpoints(self.LIVE))

    def test_credential(self):
        """A password that only root can read comes to the daemon by LoadCredential=, and is never shown."""
        # Outside the range of the other tests, whose configuration takes it along.
        address, secret = "10.87.0.77", "correct horse"
        wanted = b"Authorization: Basic " + base64.b64encode(b"prometheus:" + secret.encode())

        def answer(connection, server):
            told = wanted in server.request(connection)
            connection.sendall(reply("200 OK", BUILD_INFO, "text/plain; version=0.0.4") if told
                               else reply("401 Unauthorized", headers=("WWW-Authenticate: Basic",)))

        server = Server(answer, address, 9100, namespace=self.fleet.place(address))
        self.addCleanup(self.fleet.displace, address)
        self.addCleanup(server.end)
        self.machine.write("/root/node.password", f"{secret}\n", 0o600)
        drop_in = f"/etc/systemd/system/{SERVICE}.d/credential.conf"
        self.machine.write(drop_in, "[Service]\nLoadCredential=node.password:/root/node.password\n")
        self.addCleanup(self.machine.remove, drop_in)
        self.configure(self.settings(
            job_ranges=[self.RANGE, address], job_scheme="http", job_basic_auth={"username": "prometheus", "password_file": "node.password"}))
        self.machine.run("systemctl", "daemon-reload")
        self.machine.run("systemctl", "restart", SERVICE)
        self.wait_listed([*self.LIVE, address])
        shown = json.dumps(self.entries()) + self.machine.run("subnet-sd", "targets", "--format", "json").output
        shown += self.machine.read("/var/lib/subnet-sd/inventory")
        for word in (secret, wanted.decode().split()[-1]):
            self.assertNotIn(word, shown)

    def test_http(self):
        """In its sandbox the daemon answers HTTP, and with the socket unit nobody is turned away while it restarts."""
        self.machine.run("systemctl", "stop", SERVICE)
        self.machine.write("/etc/systemd/system/subnet-sd.socket", (ROOT / "systemd/subnet-sd.socket").read_text())
        self.addCleanup(self.machine.run, "systemctl", "disable", "--now", "subnet-sd.socket")
        self.configure(self.settings(web=ON))
        self.machine.run("systemctl", "enable", "--now", "subnet-sd.socket")
        self.machine.run("systemctl", "start", SERVICE)
        web, over, answers = Web(namespace=self.fleet.near), threading.Event(), []

        def ask():
            while not over.is_set():
                try:
                    answers.append(web.get("/sd/node").status)
                except OSError as error:
                    answers.append(repr(error))

        client = threading.Thread(target=ask, daemon=True)
        client.start()
        try:
            for _ in range(3):
                self.machine.run("systemctl", "restart", SERVICE)
        finally:
            over.set()
            client.join(20)
        self.assertEqual(set(answers), {200})
        self.assertGreater(len(answers), 3)
        self.assertTrue(self.entries(MESSAGE="listening to HTTP on 127.0.0.1:19100"))
        metrics = web.metrics()
        self.assertEqual(metrics("subnet_sd_targets", job="node", state="up"), len(self.LIVE))
        self.assertGreater(metrics("process_open_fds"), 3)

    def test_no_noise(self):
        """A quiet hour would be quiet: no entry of a scan is above info, and a refused connection is none at all."""
        self.fleet.refuse("10.86.0.50")
        position = len(self.entries())
        self.machine.wait(lambda: len(self.entries(SUBNET_SD_EVENT="scan_complete")) > 5, what="five scans")
        later = self.entries()[position:]
        self.assertFalse([entry["MESSAGE"] for entry in later if int(entry["PRIORITY"]) < 5])
        self.assertFalse([entry["MESSAGE"] for entry in later if "10.86.0.50" in entry["MESSAGE"]])
