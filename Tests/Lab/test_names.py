"""Names of targets: the machine's own, what the DNS calls its address, and what a Prometheus makes of them."""

import re
import time

from Lab.cases import FleetCase
from Lab.daemon import config
from Lab.fleet import PORT, endpoints
from Lab.imitation import metrics
from Lab.names import HOSTILE, LONGEST, NameServer
from Lab.oddities import EXPOSITION
from Lab.parts import ROOT, needs_lab
from Lab.prometheus import Prometheus
from Lab.servers import Server, always, reply
from Lab.watch import Watch, say


class NamesCase(FleetCase):
    RANGE = "10.95.0.0/24"
    LIVE = ["10.95.0.10", "10.95.0.11", "10.95.0.12"]

    def setUp(self):
        super().setUp()
        self.fleet.wake(*self.LIVE)
        self.names = NameServer(self.fleet.near)
        self.addCleanup(self.names.end)
        # What runs meanwhile asks no other.
        self.enterContext(self.names.asked())
        self.subnet_sd = self.daemon(self.config())

    def config(self, **settings):
        return config([self.RANGE], **{"scan_interval": "1s", "rate": 20000, "connect_timeout": "100ms",
                                       "job_target_labels": ["nodename", "hostname", "version"], **settings})

    def label(self, word):
        """The label of each target that has it."""
        name = f"__meta_subnet_sd_{word}"
        return {target: group.labels[name] for group in self.subnet_sd.groups() if name in group.labels
                for target in group.targets}

    def wait_hostnames(self, names):
        wanted = {f"{address}:{PORT}": name for address, name in names.items()}
        self.subnet_sd.wait_listed(lambda listed: listed and self.label("hostname") == wanted, what=f"the names {wanted}")

    def name_all(self):
        names = {address: f"web{number}.example" for number, address in enumerate(self.LIVE)}
        for address, name in names.items():
            self.names.name(address, name)
        return names


@needs_lab()
class Hostnames(NamesCase):
    def test_labels(self):
        """Each target has the name of its machine, that of its address, and its version; the DNS is asked once."""
        names = self.name_all()
        self.subnet_sd.start()
        self.wait_hostnames(names)
        self.assertEqual(self.label("nodename").keys(), endpoints(self.LIVE))
        self.assertEqual(self.label("version"), dict.fromkeys(endpoints(self.LIVE), "1.5.0"))
        asked = self.names.queries.count()
        self.assertEqual(sum(query.startswith("PTR ") for query in self.names.queries.all()), len(self.LIVE))
        self.subnet_sd.wait_scans(3)
        self.assertEqual(self.names.queries.count(), asked)
        known = self.subnet_sd.targets()[0]
        self.assertEqual({target: item["hostname"] for target, item in known.items()}, self.label("hostname"))

    def test_not_wanted(self):
        """Where no job wants host names, the DNS is not asked."""
        self.name_all()
        self.subnet_sd.configure(self.config(job_target_labels=["nodename"]))
        self.subnet_sd.start().wait_scans(3, since=0)
        self.assertEqual((self.names.queries.all(), self.label("hostname")), ([], {}))

    def test_does_not_lead_back(self):
        """A name that does not lead back to its address is not used."""
        liar, stranger, honest = self.LIVE
        self.names.point(liar, "www.example.org")
        self.names.point(stranger, "db.example")
        self.names.name("10.95.0.99", "db.example")
        self.names.name(honest, "web.example")
        self.subnet_sd.start()
        self.wait_hostnames({honest: "web.example"})
        self.assertIn("A www.example.org", self.names.queries.all())

    def test_flapping(self):
        """A name that is another at each question does not have the file written at each scan."""
        names = self.name_all()
        self.subnet_sd.start()
        self.wait_hostnames(names)
        self.subnet_sd.wait_scans(1)
        watch = Watch(self.subnet_sd.target_file.parent)
        self.addCleanup(watch.end)
        for number in range(5):
            self.names.name(self.LIVE[0], f"flap{number}.example")
            self.subnet_sd.wait_scans(1)
        self.assertEqual([say(event) for event in watch.events.all()], [])
        self.wait_hostnames(names)

    def test_hostile(self):
        """A name that is none stands neither in the file nor in the log; the longest that is one does."""
        hosts = [f"10.95.0.{octet}" for octet in range(50, 50 + len(HOSTILE))]
        self.fleet.wake(*hosts)
        for address, name in zip(hosts, HOSTILE.values()):
            self.names.point(address, name) if isinstance(name, bytes) else self.names.name(address, name)
        self.names.name(self.LIVE[0], LONGEST)
        self.subnet_sd.start()
        self.wait_hostnames({self.LIVE[0]: LONGEST})
        self.subnet_sd.wait_scans(3)
        self.assertEqual(self.label("hostname"), {f"{self.LIVE[0]}:9100": LONGEST})
        self.assertEqual(self.subnet_sd.listed(), endpoints([*self.LIVE, *hosts]))
        asked = {query.removeprefix("PTR ") for query in self.names.queries.all()}
        self.assertGreaterEqual(asked, {".".join(reversed(host.split("."))) + ".in-addr.arpa" for host in hosts})
        log = "\n".join(self.subnet_sd.lines.all()) + self.subnet_sd.ask("targets").output
        self.assertNotRegex(log, r"owned|oProxyCommand|labels|[\x00-\x09\x0b-\x1f\x7f]")


@needs_lab()
class BrokenDNS(NamesCase):
    def test_never_there(self):
        """With a DNS that says nothing, refuses or fails, targets are listed at once and scans come in time."""
        for how in "silent", "servfail", "refused":
            with self.subTest(how):
                self.names.fails = how
                daemon = self.daemon(self.config(), folder=how).start()
                daemon.wait_listed(endpoints(self.LIVE), timeout=3)
                begin = time.monotonic()
                daemon.wait_scans(5)
                self.assertLess(time.monotonic() - begin, 7)
                self.assertFalse(daemon.said("is silent|incomplete"))
                begin = time.monotonic()
                self.assertEqual(daemon.stop(), 0)
                self.assertLess(time.monotonic() - begin, 2, "a lookup holds up the end")

    def test_names_stay(self):
        """Names that are known stay while the DNS fails, also over a restart, and after a kill -9; and without any DNS."""
        names = self.name_all()
        self.subnet_sd.start()
        self.wait_hostnames(names)
        text = self.subnet_sd.target_file.read_bytes()
        for how, end in (("silent", self.subnet_sd.stop), ("servfail", self.subnet_sd.kill), ("refused", self.subnet_sd.stop)):
            with self.subTest(how):
                self.subnet_sd.wait_scans(1)
                end()
                self.names.fails = how
                self.subnet_sd.start().wait_scans(4, since=0)
                self.assertEqual(self.subnet_sd.target_file.read_bytes(), text)
        self.subnet_sd.stop()
        self.names.end()
        self.subnet_sd.start().wait_scans(3, since=0)
        self.assertEqual(self.subnet_sd.target_file.read_bytes(), text)

    def test_new_name(self):
        """A restart asks again: another name is taken, and one that is no more is dropped."""
        self.subnet_sd.start()
        self.wait_hostnames(self.name_all())
        self.subnet_sd.stop()
        self.names.forget()
        self.names.name(self.LIVE[0], "other.example")
        self.subnet_sd.start()
        self.wait_hostnames({self.LIVE[0]: "other.example"})


@needs_lab("prometheus")
class Relabelled(NamesCase):
    def example(self):
        """The rule that the example for Prometheus shows, as it stands there."""
        text = (ROOT / "packaging/prometheus/prometheus.example.yml").read_text()
        rule = dict(re.findall(
            r"(?m)^ +(?:- )?(\w+): (.+)$", re.search(r"(?m)^ +- source_labels: .*nodename.*\n(?: +\w+: .*\n)+", text)[0]))
        rule["source_labels"] = re.findall(r"\w+", rule["source_labels"])
        return {key: value.strip("'") if isinstance(value, str) else value for key, value in rule.items()}

    def test_instance(self):
        """By the example's lines `instance` is a name and a port in a Prometheus; without a name it is the address."""
        self.fleet.silence(*self.LIVE)
        page = metrics("NODE")
        names = {"10.95.0.30": b"web1", "10.95.0.31": b"db.example.org", "10.95.0.32": b""}
        for address, name in names.items():
            server = Server(always(reply("200 OK", page.replace(b"NODE", name), EXPOSITION)), address, PORT,
                            namespace=self.fleet.place(address))
            self.addCleanup(server.end)
        self.subnet_sd.start().wait_listed(endpoints(names))
        prometheus = Prometheus(self.folder, [self.subnet_sd.target_file], self.fleet.near,
                                relabel_configs=[self.example()])
        self.addCleanup(prometheus.end)
        prometheus.wait_up({"web1:9100": 1, "db.example.org:9100": 1, "10.95.0.32:9100": 1})
