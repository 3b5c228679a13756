"""The daemon over HTTP: where it listens, what a reload changes, and what it says where it cannot listen."""

import json
import os
import socket
import unittest

from Lab.test_secured import bcrypt
from Lab.web import Web
from Process.cases import LoopbackCase


def free_port():
    with socket.socket() as one:
        one.bind(("127.0.0.1", 0))
        return one.getsockname()[1]


class Listening(LoopbackCase):
    def setUp(self):
        super().setUp()
        self.exporters(3)
        self.place = f"127.0.0.1:{free_port()}"

    def config(self, listen_address=None, **web):
        return {**super().config(), "web": {"listen_address": self.place if listen_address is None else listen_address, **web}}

    def start(self, *arguments, **options):
        daemon = self.daemon(self.config(*arguments, **options))
        daemon.start().wait_listed(self.endpoints(3))
        return daemon

    def test_each_place(self):
        """It listens on an address, on all of them, on a Unix socket for its user and group, or not at all."""
        path = self.folder / "http.sock"
        port = self.place.rsplit(":", 1)[1]
        for address, place, said in ((self.place, self.place, self.place), (f":{port}", self.place, rf"\[::\]:{port}"),
                                     (f":{port}", f"127.83.0.9:{port}", "."), (f"unix:{path}", path, f"unix:{path}"),
                                     (f"[::1]:{port}", f"::1:{port}", rf"\[::1\]:{port}")):
            with self.subTest(address, place=place):
                daemon = self.start(address)
                daemon.wait_line(rf"listening to HTTP on {said}", since=0)
                self.assertEqual(Web(str(place)).get("/-/healthy").text, "subnet-sd is healthy\n")
                if address.startswith("unix"):
                    self.assertEqual(path.stat().st_mode & 0o777, 0o660)
                daemon.stop()
        self.assertFalse(path.exists(), "it goes with the daemon")
        daemon = self.start("")
        self.assertEqual(daemon.said("HTTP"), [])
        with self.assertRaises(OSError):
            Web(self.place).get("/")

    def test_after_a_kill(self):
        """A Unix socket that a killed daemon left is replaced; what is no socket is not."""
        path = self.folder / "http.sock"
        daemon = self.start(f"unix:{path}")
        daemon.kill()
        self.assertTrue(path.exists())
        daemon.start().wait_line("listening to HTTP", since=0)
        self.assertEqual(Web(path).get("/-/healthy").status, 200)
        daemon.stop()
        path.write_text("mine")
        daemon.start().wait_line("cannot listen to HTTP on unix:", since=0)
        self.assertEqual(path.read_text(), "mine")

    @unittest.skipIf(os.geteuid(), "only root may give links away")
    def test_link_of_another(self):
        """A Unix socket is not made, nor a left one removed, where another user's link leads."""
        shared, elsewhere = self.folder / "shared", self.folder / "elsewhere"
        for folder in (shared, elsewhere):
            folder.mkdir()
        shared.chmod(0o1777)
        with socket.socket(socket.AF_UNIX) as left:
            left.bind(str(elsewhere / "http.sock"))
        inode = (elsewhere / "http.sock").lstat().st_ino
        (shared / "run").symlink_to(elsewhere)
        os.lchown(shared / "run", 12345, 12345)
        daemon = self.start(f"unix:{shared / 'run/http.sock'}")
        daemon.wait_line(f"cannot listen to HTTP on unix:.*: '{shared}/run' leads through a symbolic link of user 12345")
        self.assertEqual((elsewhere / "http.sock").lstat().st_ino, inode)

    def test_taken(self):
        """Where the port is taken, scans go on, it is said once and in the status, and tried again by itself."""
        with socket.socket() as other:
            other.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            host, port = self.place.split(":")
            other.bind((host, int(port)))
            other.listen()
            daemon = self.start()
            sentence = f"cannot listen to HTTP on {self.place}: Address already in use"
            daemon.wait_scans(2)
            self.assertEqual(len(daemon.said(sentence)), 1)
            self.assertIn(sentence, daemon.status())
        daemon.wait_line("listening to HTTP on")
        self.assertEqual(Web(self.place).get("/-/healthy").status, 200)
        self.assertNotIn("HTTP", daemon.status())

    def test_reload(self):
        """A reload moves it, closes it, opens it; where it cannot move, it stays."""
        daemon = self.start()
        other = f"127.0.0.1:{free_port()}"
        for address, place in (other, other), (self.place, self.place):
            daemon.configure(self.config(address))
            since = daemon.lines.count()
            daemon.reload()
            daemon.wait_line(f"listening to HTTP on {place}", since=since)
            self.assertEqual(Web(place).get("/-/healthy").status, 200)
        with self.assertRaises(OSError):
            Web(other).get("/")
        daemon.configure(self.config("192.0.2.1:1"))
        daemon.reload()
        daemon.wait_line("cannot listen to HTTP on 192.0.2.1:1: Cannot assign requested address")
        self.assertEqual(Web(self.place).get("/-/healthy").status, 200)
        # From all addresses to one of them, and on again after it was off.
        port = self.place.rsplit(":", 1)[1]
        for address, said in ((f":{port}", rf"\[::\]:{port}"), (self.place, self.place), ("", "no longer"), (self.place, self.place)):
            daemon.configure(self.config(address))
            since = daemon.lines.count()
            daemon.reload()
            daemon.wait_line(rf"listening to HTTP (on )?{said}", since=since)
            if address:
                self.assertEqual(Web(self.place).get("/-/healthy").status, 200)
            else:
                with self.assertRaises(OSError):
                    Web(self.place).get("/")

    def test_lifecycle(self):
        """`POST /-/reload` reloads where it is enabled, and says why where the configuration is wrong."""
        daemon = self.start()
        web = Web(self.place)
        self.assertEqual(web.post("/-/reload").status, 403)
        self.assertEqual(daemon.said("reloaded"), [])
        daemon.configure(self.config(enable_lifecycle=True))
        daemon.reload()
        daemon.wait_line("configuration reloaded")
        self.assertEqual(web.post("/-/reload").text, "configuration reloaded\n")
        daemon.configure({**self.config(enable_lifecycle=True), "globl": {}})
        answer = web.post("/-/reload")
        self.assertEqual(answer.status, 500)
        self.assertRegex(answer.text, r"config\.yml:\d+:\d+: .*globl")
        metrics = web.metrics()
        self.assertEqual(metrics("subnet_sd_config_last_reload_successful"), 0)
        self.assertEqual(metrics("subnet_sd_config_reloads_total", result="applied"), 2)
        self.assertEqual(metrics("subnet_sd_config_reloads_total", result="refused"), 1)
        self.assertEqual(web.get("/-/reload").status, 405)

    def test_inherited(self):
        """A listening socket of the service manager's is used, whatever the address."""
        with socket.create_server(("127.0.0.1", 0)) as inherited:
            place = "127.0.0.1:%d" % inherited.getsockname()[1]
            daemon = self.daemon(self.config())
            daemon.descriptors = [inherited.fileno()]
            # As systemd does: the socket is number 3, and the variables name the process.
            daemon.prefix = ["bash", "-c", 'exec 3<&"$0"; LISTEN_FDS=1 LISTEN_PID=$$ exec "$@"', str(inherited.fileno())]
            daemon.start()
            daemon.wait_line(f"listening to HTTP on {place}", since=0)
            self.assertEqual(Web(place).get("/-/healthy").status, 200)
        daemon.stop()

    def test_wrong_web_config(self):
        """With a web config file that cannot be used nobody is let in; once it can, everybody is whom it lets in."""
        file = self.folder / "web.yml"
        file.write_text("basic_auth_user: {}\n")
        daemon = self.start(config_file="web.yml")
        daemon.wait_line(r"web\.yml:1:1: .*basic_auth_user.*; nobody is let in over HTTP", since=0)
        web = Web(self.place)
        with self.assertRaises(OSError):
            web.get("/-/healthy")
        checked = self.run_subnet_sd("check-config", str(daemon.config))
        self.assertIn("web.yml:1:1", checked.output)
        file.write_text("{}\n")

        def is_let_in():
            try:
                return web.get("/-/healthy").status == 200
            except OSError:
                return False

        daemon.wait_scans(2)
        self.assertTrue(is_let_in())
        file.write_text(json.dumps({"basic_auth_users": {"ann": "no hash"}}))
        daemon.wait_scans(2)
        self.assertTrue(is_let_in(), "what was there before holds")
        daemon.wait_line("going on as before", since=0)


    def test_protection_moves_along(self):
        """Who may ask goes with the place: where a move fails, the old place asks for the password still."""
        (self.folder / "web.yml").write_text(json.dumps({"basic_auth_users": {"ann": bcrypt("secret")}}))
        daemon = self.start(config_file="web.yml")
        ann = Web(self.place, user=("ann", "secret"))
        self.assertEqual((Web(self.place).get("/").status, ann.get("/").status), (401, 200))
        daemon.configure(self.config("192.0.2.1:1"))
        daemon.reload()
        daemon.wait_line("cannot listen to HTTP on 192.0.2.1:1")
        self.assertEqual((Web(self.place).get("/").status, ann.get("/").status), (401, 200))
        other = f"127.0.0.1:{free_port()}"
        daemon.configure(self.config(other))
        daemon.reload()
        daemon.wait_line(f"listening to HTTP on {other}")
        self.assertEqual(Web(other).get("/").status, 200)
        daemon.configure(self.config(other, config_file="web.yml"))
        since = daemon.reload()
        daemon.notify.wait("READY", "1", 20, since)
        self.assertEqual(Web(other).get("/").status, 401)


class Exposed(LoopbackCase):
    def test_usage(self):
        """Whoever starts it without a configuration for HTTP is told where it listens."""
        self.exporters(3)
        daemon = self.daemon({key: value for key, value in self.config().items() if key != "web"}).start()
        daemon.wait_line(r"listening to HTTP on 127\.0\.0\.1:19100|cannot listen to HTTP on 127\.0\.0\.1:19100", since=0)
