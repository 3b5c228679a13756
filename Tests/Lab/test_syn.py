"""`sweep: syn`: it finds what connections find, believes nobody who guesses, and is no reason to be root."""

import collections
import contextlib
import ipaddress
import json
import os
import random
import re
import signal
import socket

from Lab import target_file
from Lab.cases import FleetCase
from Lab.children import Child
from Lab.daemon import COMPLETE, config
from Lab.events import Events
from Lab.fleet import PORT, addresses, endpoints
from Lab.lan import Lan
from Lab.namespaces import Link, Namespace, unique
from Lab.packets import ACK, RST, SYN, Forger, Tap
from Lab.parts import PATIENCE, daemon, needs_lab, program
from Lab.printers import IPP, LPD
from Lab.servers import Server
from Lab.witness import Witness


class SynCase(FleetCase):
    ALONE = True

    def scan(self, ranges, prefix=(), status=0, **settings):
        path = self.folder / "config.yml"
        path.write_text(json.dumps(config(ranges, **{"sweep": "syn", "rate": 50_000, **settings})))
        return self.run_subnet_sd("scan", "--config", str(path), "--format", "json", timeout=120,
                                  namespace=self.fleet.near, prefix=prefix, status=status)

    def listed(self, done):
        return target_file.listed(target_file.parse_json(done.output))


@needs_lab()
class SynSweep(SynCase):
    def test_many(self):
        """Of a /16 with 656 live hosts a sweep by SYN finds each in each of five scans, and connects to nobody else."""
        hosts = addresses("10.77", 656 + 400, random.Random(656))
        live, refusing = hosts[:656], hosts[656:]
        self.fleet.wake(*live)
        self.fleet.refuse(*refusing)
        for _ in range(5):
            done = self.scan(["10.77.0.0/16"])
            self.assertEqual(self.listed(done), endpoints(live))
            # Each is connected to once, and its ports 515 and 631 are tried.
            self.assertIn("sent 65534 SYNs, 1968 connection attempts, 656 requests", done.error)
            self.assertIn("65534 of 65534 endpoints", done.error)
            self.assertIn("400 refused, 64478 unanswered", done.error)

    def test_same_as_connections(self):
        """What is open and no exporter gets the verdict that it gets by connections."""
        self.fleet.wake("10.77.1.1")
        self.fleet.refuse("10.77.1.2")
        self.addCleanup(self.fleet.machine("10.77.1.3", port=9101).stop)
        silent = Server(lambda connection, server: server.ended.wait(PATIENCE), "10.77.1.4", 9100,
                        namespace=self.fleet.place("10.77.1.4"))
        self.addCleanup(silent.end)
        by_syn, by_connections = (
            self.scan(["10.77.1.0/24"], sweep=sweep, job_ports=[9100, 9101]) for sweep in ("syn", "connect"))
        self.assertEqual(by_syn.output, by_connections.output)
        counts = re.compile(r"endpoints in [\d.]+ s: (.*); sent")
        self.assertEqual(counts.search(by_syn.error)[1], counts.search(by_connections.error)[1])

    def test_excluded(self):
        """Nothing is sent to what is excluded."""
        witness = Witness(self.fleet.near)
        self.addCleanup(witness.end)
        self.scan(["10.77.2.0/24"], exclude=["10.77.2.128/25"])
        self.assertEqual({int(name.split(".")[3].split(":")[0]) for name in witness.attempts()}, set(range(1, 128)))

    def test_targets(self):
        """The daemon connects to its targets: one whose SYNs are answered and whose port is closed is silent, another is back."""
        live = [f"10.77.3.{octet}" for octet in (3, 7, 11)]
        self.fleet.wake(*live)
        daemon = self.daemon(config(["10.77.3.0/24"], sweep="syn", scan_interval="1s", rate=20_000)).start()
        daemon.wait_listed(endpoints(live))
        self.fleet.stop(live[0])
        daemon.wait_line(rf"{live[0]}:9100 is silent")
        self.fleet.wake(live[0])
        daemon.wait_line(rf"{live[0]}:9100 is back")
        self.assertEqual(daemon.listed(), endpoints(live))

    def test_loss(self):
        """With 5 % of the packets lost, what is missed by SYN in one scan is found in the next."""
        live = addresses("10.77.4", 200, random.Random(200))
        self.fleet.wake(*live)
        self.fleet.lose(5)
        daemon = self.daemon(config(["10.77.4.0/24"], sweep="syn", scan_interval="1s", rate=20_000)).start()
        daemon.wait_listed(endpoints(live), timeout=60)

    def test_large(self):
        """A /12 takes hardly more memory than a /16: it is not held address by address."""
        def peak(ranges):
            path = self.folder / "large.yml"
            path.write_text(json.dumps(config(
                ranges, sweep="syn", rate=1_000_000, max_addresses=1 << 24)))
            done = self.measure_subnet_sd("scan", "--config", str(path), timeout=120, namespace=self.fleet.near)
            self.assertIn("0 refused", done.error)
            return done.peak
        # A bit for each address is 128 KiB.
        self.assertLess(peak(["10.16.0.0/12"]) - peak(["10.16.0.0/16"]), 3 << 20)


@needs_lab()
class Sources(SynCase):
    """Which of a machine's addresses a SYN comes from is the kernel's choice, and its checksum depends on it."""

    def check(self, namespace, ranges, hosts):
        path = self.folder / "config.yml"
        for _ in range(4):
            path.write_text(json.dumps(config(ranges, sweep="syn", rate=20_000, connect_timeout="1s")))
            done = self.run_subnet_sd("scan", "--config", str(path), "--format", "json", namespace=namespace)
            self.assertEqual(self.listed(done), endpoints(hosts))

    def test_own_address(self):
        """An address that this machine has itself is found, and so is everybody beside it."""
        hosts = [f"10.98.0.{octet}" for octet in (18, 19, 20, 21, 22)]
        lan = Lan(unique("own"), "10.98.0.0/24", "10.98.0.1", [host for host in hosts if host != "10.98.0.20"])
        self.addCleanup(lan.end)
        lan.near.ip("address", "add", "10.98.0.20/32", "dev", "lan")
        lan.far.ip("route", "add", "10.98.0.20/32", "dev", "lan")
        own = exporter(lan.near, "10.98.0.20:9100")
        self.addCleanup(own.stop)
        self.check(lan.near, ["10.98.0.18-10.98.0.22"], hosts)

    def test_two_ways(self):
        """Where two next hops share the load, each with an address of this machine of its own, everybody is found."""
        near, far = Namespace(unique("ways-near")), Namespace(unique("ways-far"))
        self.addCleanup(near.remove)
        self.addCleanup(far.remove)
        links = [Link(near, far, number, device=f"far{number}") for number in (0, 1)]
        near.ip("route", "add", "10.98.1.0/24", *(word for link in links for word in ("nexthop", "via", link.next_hop)))
        far.ip("route", "add", "local", "10.98.1.0/24", "dev", "lo")
        everywhere = exporter(far, ":9100", "--web.max-requests=0")
        self.addCleanup(everywhere.stop)
        self.check(near, ["10.98.1.0/24"], [f"10.98.1.{octet}" for octet in range(1, 255)])

    @contextlib.contextmanager
    def dead_ways(self):
        """A namespace with routes to three /19, 10.98.32.0 and so on; the next hops of the last two answer nobody."""
        with contextlib.ExitStack() as stack:
            near, far = Namespace(unique("dead-near")), Namespace(unique("dead-far"))
            stack.callback(near.remove)
            stack.callback(far.remove)
            links = [Link(near, far, number, device=f"far{number}") for number in range(3)]
            for number, link in enumerate(links):
                link.route(f"10.98.{32 * (number + 1)}.0/19")
            for number in (1, 2):
                far.ip("address", "flush", "dev", f"far{number}")
                near.ip("neigh", "flush", "dev", links[number].device)
            everywhere = exporter(far, ":9100", "--web.max-requests=0")
            stack.callback(everywhere.stop)
            yield near

    def scan_dead_ways(self, ranges, **settings):
        """What is found, in how many seconds, and how many SYNs were sent."""
        path = self.folder / "config.yml"
        path.write_text(json.dumps(config(ranges, sweep="syn", rate=10_000, **settings)))
        with self.dead_ways() as near:
            done = self.run_subnet_sd("scan", "--config", str(path), "--format", "json", timeout=60, namespace=near)
        duration, sent = re.search(r"endpoints in ([\d.]+) s.*sent (\d+) SYNs", done.error).groups()
        print(f"     {duration} s, {sent} SYNs", flush=True)
        return self.listed(done), float(duration), int(sent)

    def test_dead_ways(self):
        """Next hops that are gone, whose SYNs wait in this machine for three seconds, hold up nobody else."""
        found, duration, _ = self.scan_dead_ways(["10.98.32.0/23", "10.98.64.0/19", "10.98.96.0/19"], concurrency=8192)
        self.assertEqual(len(found), 510)
        # 1.7 s at the rate, and a little for the attempts to send.
        self.assertLess(duration, 5)

    def test_last_of_dead_ways(self):
        """Nor does a scan whose very last SYNs find no room wait for ever."""
        *_, room = self.scan_dead_ways(["10.98.64.0/23", "10.98.96.0/23"])
        self.assertLess(room, 1020, "there is room for all")
        half = (room + 15) // 2
        found, duration, _ = self.scan_dead_ways([f"{first}-{ipaddress.ip_address(first) + half}"
                                                  for first in ("10.98.64.0", "10.98.96.0")], connect_timeout="50ms")
        self.assertEqual(found, set())
        self.assertLess(duration, 3)

    def test_ipv6(self):
        """IPv6 is swept by SYN, too: all of a /120 are found, and what has no route makes the scan incomplete."""
        self.fleet.near.ip("-6", "address", "add", "fd00:99::1/64", "dev", self.fleet.link.device, "nodad")
        self.fleet.far.ip("-6", "address", "add", "fd00:99::2/64", "dev", "far", "nodad")
        self.fleet.far.ip("-6", "route", "add", "local", "fd00:1::/120", "dev", "lo")
        self.fleet.near.ip("-6", "route", "add", "fd00:1::/120", "via", "fd00:99::2")
        done = self.scan(["fd00:1::/120"])
        self.assertEqual(len(self.listed(done)), 256)
        self.assertIn("sent 256 SYNs", done.error)
        lost = self.scan(["fd00:1::/120", "fd00:2::/126"], status=1)
        self.assertIn("4 not tried", lost.error)
        self.assertEqual(self.listed(lost), self.listed(done))


@needs_lab()
class Crowd(SynCase):
    def test_same_endpoint(self):
        """Jobs that ask one endpoint by SYN at the same time all find it, each time."""
        self.fleet.wake("10.77.10.1")
        settings = config(["10.77.10.1"], sweep="syn", scan_interval="1s", connect_timeout="100ms")
        for number in range(3):
            settings["scan_configs"].append({"job_name": f"other{number}", "ranges": ["10.77.10.1"],
                                             "target_file": f"other{number}.yml"})
        daemon = self.daemon(settings).start()
        daemon.wait_scans(20, kind=COMPLETE, since=0)
        self.assertEqual([line for line in daemon.said(COMPLETE) if "1 target; 1 of 1" not in line], [])

    def test_attached(self):
        """Several ports of an attached network that is silent: the scan ends, however the neighbours are queued."""
        lan = Lan(unique("queue"), "10.98.16.0/20", "10.98.16.1", [])
        self.addCleanup(lan.end)
        path = self.folder / "config.yml"
        path.write_text(json.dumps(config(["10.98.17.1-10.98.17.172"], sweep="syn", job_ports=[9100, 9101, 9102])))
        done = self.run_subnet_sd("scan", "--config", str(path), namespace=lan.near, timeout=30)
        self.assertIn("516 of 516 endpoints", done.error)

    def test_full(self):
        """A job whose connections fill all places does not keep the SYNs of another waiting."""
        self.fleet.wake("10.77.32.1")
        settings = config(["10.64.0.0/14"], rate=100_000, concurrency=256, connect_timeout="5s", scan_interval="1h",
                          max_addresses=1 << 20)
        settings["scan_configs"].append({"job_name": "syn", "ranges": ["10.77.0.0/18"], "sweep": "syn",
                                         "target_file": "syn.yml"})
        daemon = self.daemon(settings).start()
        # 256 connections of five seconds each: by turns with those, the others would take minutes.
        daemon.wait_line(r"job 'syn': 1 target; 16382 of 16382 endpoints", timeout=60)

    def test_changes(self):
        """Reloads amid sweeps by SYN, to another way and back, leave no socket open, and the last finds everything."""
        self.fleet.wake("10.77.9.1")

        def configured(sweep):
            return config(["10.77.9.0/24"], rate=300, scan_interval="1s", sweep=sweep)

        daemon = self.daemon(configured("connect")).start()
        daemon.wait_listed(endpoints(["10.77.9.1"]))
        daemon.wait_scans(1)
        for sweep in ("syn", "connect") * 4:
            daemon.configure(configured(sweep))
            daemon.reloaded()
        daemon.wait_scans(2, kind=COMPLETE)
        self.assertEqual(daemon.listed(), endpoints(["10.77.9.1"]))
        inodes = {link.split("[")[1][:-1] for link in map(os.readlink, (daemon.proc / "fd").iterdir()) if "socket:" in link}
        raw = (daemon.proc / "net/raw").read_text().splitlines()[1:]
        self.assertEqual([line for line in raw if line.split()[9] in inodes], [])


def exporter(namespace, address, *options):
    """A node_exporter that listens at an address of a namespace."""
    child = Child([program("prometheus-node-exporter"), f"--web.listen-address={address}",
                   "--collector.disable-defaults", "--collector.uname", *options], namespace=namespace)
    child.lines.wait(lambda line: "address=" in line, PATIENCE, what="listening")
    return child


@needs_lab()
class Forged(SynCase):
    def forge(self, answers):
        forger = Forger(self.fleet, answers)
        self.addCleanup(forger.end)
        return forger

    def test_guessed(self):
        """Answers with a number that is not the one sent are believed in nothing: nobody is connected to or counted."""
        forger = self.forge(lambda segment: [
            segment.answer(flags, segment.sequence + offset)
            for flags in (SYN | ACK, RST | ACK) for offset in (0, 2, -1, 1 << 31)])
        done = self.scan(["10.77.5.0/24"])
        self.assertGreater(forger.answered, 254)
        self.assertIn("0 refused, 254 unanswered; sent 254 SYNs, 0 connection attempts, 0 requests", done.error)

    def test_repeated(self):
        """Who answers again and again is asked no more often than who answers late: each port has its three tries."""
        sent = collections.defaultdict(set)

        def count(segment, _):
            # What the kernel sends again has the same source port.
            if segment.flags & (SYN | ACK) == SYN:
                sent[segment.target, segment.port].add(segment.source_port)

        tap = Tap(self.fleet.far, "far", count)
        self.addCleanup(tap.end)
        self.forge(lambda segment: [segment.answer(SYN | ACK, segment.sequence + 1)] * 50)
        done = self.scan(["10.77.6.0/24"])
        self.assertIn("254 open but no target", done.error)
        tries = {port: [len(ports) for (_, other), ports in sent.items() if other == port] for _, port in sent}
        # And the SYN of the sweep itself.
        self.assertLessEqual(max(tries.pop(PORT)), 1 + 3)
        # Where a printer may be its ports are tried, with the same patience.
        self.assertEqual(tries.keys(), {LPD, IPP})
        for port, counts in tries.items():
            self.assertLessEqual(max(counts), 3, port)

    def test_stalled(self):
        """Answers that came in time are heard, all of them, by a program that was stopped meanwhile."""
        asked = Events("SYNs")
        tap = Tap(self.fleet.far, "far", lambda segment, _: asked.add(segment) if segment.flags & (SYN | ACK) == SYN else None)
        self.addCleanup(tap.end)
        path = self.folder / "config.yml"
        path.write_text(json.dumps(config(["10.77.16.0/20"], sweep="syn", rate=100_000, connect_timeout="2s")))
        scan = Child([daemon(), "scan", "--config", str(path)], namespace=self.fleet.near)
        self.addCleanup(scan.kill)
        asked.wait(lambda _: True, PATIENCE, since=4093, what="a SYN to each")
        os.kill(scan.pid, signal.SIGSTOP)
        with self.fleet.far.entered():
            answers = socket.socket(socket.AF_INET, socket.SOCK_RAW, socket.IPPROTO_RAW)
        with answers:
            for segment in asked.all():
                answers.sendto(segment.answer(RST | ACK, segment.sequence + 1), (socket.inet_ntoa(segment.source), 0))
        self.assertFalse(scan.ended.wait(2.5))  # longer than the time-out
        os.kill(scan.pid, signal.SIGCONT)
        scan.wait(PATIENCE)
        self.assertIn("4094 refused, 0 unanswered", "\n".join(scan.lines.all()))

    def test_shortened(self):
        """Packets that are no whole answers harm nobody."""
        self.forge(lambda segment: [segment.answer(SYN | ACK, segment.sequence + 1)[:length] for length in (20, 21, 33, 39)])
        self.assertIn("0 refused, 254 unanswered", self.scan(["10.77.7.0/24"]).error)


@needs_lab("setpriv")
class WithoutCapability(SynCase):
    def test_falls_back(self):
        """Without CAP_NET_RAW it says so once, and finds the same by connections."""
        self.fleet.wake("10.77.8.1", "10.77.8.2")
        done = self.scan(["10.77.8.0/24"], ["setpriv", "--bounding-set=-net_raw", "--"])
        self.assertEqual(self.listed(done), endpoints(["10.77.8.1", "10.77.8.2"]))
        self.assertEqual(done.error.count("cannot sweep by SYN (CAP_NET_RAW is missing)"), 1)
        self.assertIn("sent 258 connection attempts, 2 requests", done.error)

    def test_daemon(self):
        """So does the daemon: one warning, however many scans."""
        self.fleet.wake("10.77.9.1")
        daemon = self.daemon(config(["10.77.9.0/24"], sweep="syn", scan_interval="1s", rate=20_000),
                             prefix=["setpriv", "--bounding-set=-net_raw", "--"]).start()
        daemon.wait_listed(endpoints(["10.77.9.1"]))
        daemon.wait_scans(3)
        self.assertEqual(len(daemon.said("cannot sweep by SYN")), 1)
