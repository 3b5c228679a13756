"""A machine's life with the Debian package, from its installation to its purge, in numbered steps; and one without."""

import re
import time
from pathlib import Path

from Lab.cases import Case
from Lab.children import finish
from Lab.fleet import endpoints
from Lab.machine_cases import SERVICE, SOCKET, TARGETS, MachineCase, needs_machine, needs_package
from Lab.parts import ROOT, needs, package

CONFIGURATION = "/etc/subnet-sd/config.yml"
# What any use of a machine changes.
_OWN = ("/var/log", "/var/cache", "/var/lib/dpkg", "/var/lib/apt", "/var/lib/systemd", "/var/lib/prometheus", "/run",
        "/tmp", "/var/tmp", "/root", "/proc", "/sys", "/dev", "/etc/passwd-", "/etc/group-", "/etc/shadow-", "/etc/gshadow-",
        "/etc/.pwd.lock", "/etc/systemd/system", "/etc/machine-id")


def earlier(folder):
    """The package as if it were of the version before: there is no other yet."""
    tree, made = folder / "tree", folder / "subnet-sd_0.0.9_amd64.deb"
    finish(["dpkg-deb", "-R", package(), str(tree)])
    control = tree / "DEBIAN/control"
    control.write_text(re.sub(r"(?m)^Version: .*$", "Version: 0.0.9", control.read_text()))
    finish(["dpkg-deb", "--build", "-Znone", str(tree), str(made)])
    return made


class Life:
    """The steps follow one another; where one fails, those after it have nothing to stand on."""

    failed = None

    def setUp(self):
        super().setUp()
        if type(self).failed:
            self.fail(f"after {type(self).failed} nothing can be told")
        self.fleet.wake(*self.LIVE)
        type(self).failed = self.id()  # until the test has come to its end

    def done(self):
        type(self).failed = None

    def files(self):
        """Every file and directory of the machine, and who may log in."""
        prune = " -o ".join(f"-path {path}" for path in _OWN)
        found = self.machine.run("sh", "-c", rf"find / -xdev \( {prune} \) -prune -o -print").output.splitlines()
        return {*found, *self.machine.read("/etc/passwd").splitlines(), *self.machine.read("/etc/group").splitlines()}

    def process(self):
        return self.property("MainPID")

    def wait_scanned(self):
        """Wait for a complete scan of the process there is now."""
        mine = {"SUBNET_SD_EVENT": "scan_complete", "_PID": self.process()}
        self.machine.wait(lambda: self.entries(**mine), 60, "a scan")

    def test_01_install(self):
        """The package installs; nothing runs before somebody has said what to scan."""
        type(self).before = self.files()
        self.install_package(earlier(self.folder))
        self.assertEqual(self.property("UnitFileState"), "disabled")
        self.assertEqual(self.property("ActiveState"), "inactive")
        self.assertEqual(self.machine.run("dpkg", "--verify", "subnet-sd").output, "")
        self.machine.run("getent", "passwd", "subnet-sd")
        self.machine.run("subnet-sd", "check-config")
        listed = self.machine.run("dpkg", "-L", "subnet-sd").output.splitlines()
        for path in ("/usr/bin/subnet-sd", CONFIGURATION, "/usr/share/man/man1/subnet-sd.1.gz",
                     "/usr/share/man/man5/subnet-sd.yml.5.gz", "/usr/share/bash-completion/completions/subnet-sd",
                     "/usr/share/zsh/vendor-completions/_subnet-sd", "/usr/share/fish/vendor_completions.d/subnet-sd.fish",
                     "/usr/lib/systemd/catalog/subnet-sd.catalog", "/usr/lib/sysusers.d/subnet-sd.conf"):
            self.assertIn(path, listed)
        self.done()

    def test_02_size(self):
        """Installed it takes less than 24 MiB."""
        size = int(self.machine.run("dpkg-query", "-W", "-f", "${Installed-Size}", "subnet-sd").output)
        print(f"     installed: {size / 1024:.1f} MiB", flush=True)
        self.assertLess(size, 24 << 10)
        self.done()

    def test_03_start(self):
        """`systemctl enable --now` starts it; `systemctl status` shows that it is ready, and its sentence."""
        self.configure(self.settings())
        self.systemctl("enable", "--now", SERVICE)
        self.wait_listed(self.LIVE)
        self.machine.wait(lambda: "4 targets" in self.property("StatusText"), what="the sentence")
        shown = self.systemctl("status", SERVICE).output
        self.assertRegex(shown, r"Active: active \(running\)")
        self.assertRegex(shown, r'Status: "4 targets in 1 job')
        self.assertIn("Docs: man:subnet-sd(1)", shown)
        self.done()

    def test_04_scrape(self):
        """Prometheus, as Debian brings it, scrapes what was found, without a permission given by hand."""
        self.let_prometheus_read()
        self.wait_scraped(self.LIVE)
        self.done()

    def test_05_reload(self):
        """A good configuration is taken over; a bad one is refused, and changes nothing."""
        self.configure(self.settings(job_exclude=[self.LIVE[3]]))
        self.systemctl("reload", SERVICE)
        self.wait_listed(self.LIVE[:3])
        process = self.process()
        self.configure("scan_configs: nothing\n")
        refused = self.systemctl("reload", SERVICE, status=None)
        self.assertNotEqual(refused.status, 0)
        self.assertEqual((self.property("ActiveState"), self.process()), ("active", process))
        self.assertEqual(self.listed(), endpoints(self.LIVE[:3]))
        self.configure(self.settings())
        self.systemctl("reload", SERVICE)
        self.wait_listed(self.LIVE)
        self.done()

    def test_06_hang(self):
        """Stopped by a signal it is killed by the watchdog and started again; the file stays whole."""
        self.drop_in("watchdog", "[Service]\nWatchdogSec=5\n")
        self.restart()
        process = self.process()
        self.machine.run("sh", "-c", f"kill -STOP {process}")
        self.machine.wait(lambda: self.property("NRestarts") == "1", 60, "a restart")
        self.wait_active()
        self.assertNotEqual(self.process(), process)
        self.assertEqual(self.listed(), endpoints(self.LIVE))
        self.assertTrue(self.says("Watchdog timeout"))
        self.done()

    def test_07_kill(self):
        """Killed it is started again within some seconds, and goes on where it was."""
        self.restart()
        process = self.process()
        position = len(self.entries())
        self.machine.run("sh", "-c", f"kill -9 {process}")
        self.machine.wait(lambda: self.property("NRestarts") == "1", 60, "a restart")
        self.wait_active()
        self.assertEqual(self.listed(), endpoints(self.LIVE))
        self.wait_scanned()
        events = {entry.get("SUBNET_SD_EVENT") for entry in self.entries()[position:]}
        self.assertFalse(events & {"target_new", "target_gone", "target_silent"}, events)
        self.done()

    def test_08_stop(self):
        """`systemctl stop` takes less than three seconds in the middle of a scan, and the status is 0."""
        # Addresses that do not answer, and patience.
        self.configure(self.settings(job_ranges=[self.RANGE, "10.88.0.0/20"], connect_timeout="5s"))
        self.restart()
        self.machine.wait(lambda: self.listed() == endpoints(self.LIVE), what="the file")
        begin = time.monotonic()
        self.systemctl("stop", SERVICE)
        seconds = time.monotonic() - begin
        print(f"     stopped after {seconds:.2f} s", flush=True)
        self.assertLess(seconds, 3)
        self.assertEqual((self.property("Result"), self.property("ExecMainStatus")), ("success", "0"))
        self.assertEqual(self.listed(), endpoints(self.LIVE))
        self.configure(self.settings())
        self.done()

    def test_09_reboot(self):
        """After a reboot it runs, knows what it knew, and the file was there all the time."""
        self.restart()
        self.wait_listed(self.LIVE)
        text = self.machine.read(TARGETS)
        booted = self.machine.property("", "UserspaceTimestamp")
        self.machine.reboot()
        self.assertNotEqual(self.machine.property("", "UserspaceTimestamp"), booted)
        self.assertEqual(self.machine.read(TARGETS), text)
        self.wait_active()
        self.wait_scanned()
        events = {entry.get("SUBNET_SD_EVENT") for entry in self.entries(_PID=self.process())}
        self.assertFalse(events & {"target_new", "target_gone", "target_silent"}, events)
        self.assertEqual(self.listed(), endpoints(self.LIVE))
        self.done()

    def test_10_upgrade(self):
        """Upgraded while it scans it is restarted; configuration, inventory and targets stay."""
        self.configure(self.settings(job_ranges=[self.RANGE, "10.88.0.0/22"], connect_timeout="2s", rate=2000))
        text = self.machine.read(CONFIGURATION)
        self.restart()
        process, position = self.process(), len(self.entries())
        self.install_package(package())
        self.wait_active()
        self.assertNotEqual(self.process(), process)
        self.assertEqual(self.machine.read(CONFIGURATION), text)
        self.assertEqual(self.property("UnitFileState"), "enabled")
        self.assertEqual(self.listed(), endpoints(self.LIVE))
        self.wait_scanned()
        events = {entry.get("SUBNET_SD_EVENT") for entry in self.entries()[position:]}
        self.assertFalse(events & {"target_new", "target_gone", "target_silent"}, events)
        self.configure(self.settings())
        self.done()

    def test_11_remove(self):
        """Removed it is gone; configuration, inventory and target file stay, and the next installation goes on."""
        self.machine.run("apt-get", "remove", "-y", "subnet-sd", timeout=120)
        self.assertNotEqual(self.property("ActiveState"), "active")
        self.assertIsNone(self.machine.read("/usr/bin/subnet-sd"))
        self.assertEqual(self.listed(), endpoints(self.LIVE))
        self.assertIsNotNone(self.machine.read(CONFIGURATION))
        self.install_package(package())
        self.systemctl("enable", "--now", SERVICE)
        self.wait_scanned()
        self.assertEqual(self.listed(), endpoints(self.LIVE))
        self.done()

    def test_12_purge(self):
        """Purged while it runs it leaves nothing: no file, no user, no unit, no text for `journalctl -x`."""
        # As the drop-in of the example leaves them, and with the socket open, too.
        self.machine.run("sh", "-c", "chgrp subnet-sd-files /etc/prometheus; chmod 1775 /etc/prometheus; "
                         "touch /etc/prometheus/sd.yml; chown subnet-sd /etc/prometheus/sd.yml")
        self.machine.run("systemctl", "stop", SERVICE)
        self.machine.run("systemctl", "start", SOCKET, SERVICE)
        self.machine.run("apt-get", "purge", "-y", "subnet-sd", timeout=120)
        owners = self.machine.run("stat", "-c", "%U:%G %a", "/etc/prometheus", "/etc/prometheus/sd.yml").output
        self.assertEqual(owners, "root:root 755\nroot:root 644\n")
        self.machine.run("rm", "/etc/prometheus/sd.yml")
        self.assertEqual(self.files() - self.before, set())
        self.assertEqual(self.before - self.files(), set())
        self.assertEqual(self.property("LoadState"), "not-found")
        self.assertEqual(self.machine.run("sh", "-c", "find /etc/systemd /var/lib/systemd -name '*subnet-sd*'").output, "")
        self.assertNotIn("subnet-sd", self.machine.run("journalctl", "--list-catalog").output)
        self.done()


@needs_machine
class LifeUnderSystemd252(Life, MachineCase):
    """Debian 12."""

    SUITE = "bookworm"


@needs_machine
class LifeUnderSystemd257(Life, MachineCase):
    """Debian 13."""

    SUITE = "trixie"


@needs_machine
class FromSource(MachineCase):
    """`packaging/install` and `packaging/uninstall`, on a machine that has the source and what was built of it."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        finish(["sh", "-c", 'mkdir "$2" && cp -a --parents packaging systemd README.md CHANGELOG.md Sources/Daemon/Version.swift'
                ' .build-release/subnet-sd .build-release/completions .build-release/NOTICE "$2"',
                "sh", "", str(cls.machine.root / "root/src")], cwd=ROOT)

    def source(self, command, *arguments, status=0):
        return self.machine.run(f"/root/src/packaging/{command}", *arguments, status=status)

    def files(self):
        """Those of ours, and all that is below a prefix in /opt."""
        return set(self.machine.run("sh", "-c", "find /usr /etc /var/lib -name '*subnet-sd*'; find /opt -mindepth 2").output.splitlines())

    def test_install(self):
        """From source it is installed, runs, is updated, and leaves what was found, or with --purge nothing."""
        before = self.files()
        self.fleet.wake(*self.LIVE)
        for prefix in ("/usr/local", "/opt/discovery"):
            with self.subTest(prefix=prefix):
                # Whoever installs it with a mind to keep things private.
                self.machine.run("sh", "-c", f"umask 077; /root/src/packaging/install --prefix {prefix}")
                self.configure(self.settings())
                self.systemctl("enable", "--now", SERVICE)
                self.wait_listed(self.LIVE)
                self.assertIn(f"{prefix}/bin/subnet-sd run", self.property("ExecStart"))
                nobody = ["setpriv", "--reuid=nobody", "--regid=nogroup", "--clear-groups", "--"]
                self.machine.run(*nobody, f"{prefix}/bin/subnet-sd", "--version")
                hidden = f"find {prefix} /usr/local -name '*subnet-sd*' ! -perm -o=r"
                self.assertEqual(self.machine.run("sh", "-c", hidden).output, "")
                wrong = self.source("uninstall", "--prefix", "/usr/other", status=1)
                self.assertIn("give the --prefix it was installed with", wrong.error)
                process = self.property("MainPID")
                self.source("install", "--prefix", prefix)
                self.assertNotEqual(self.property("MainPID"), process)
                self.systemctl("reload", SERVICE)
                self.assertIn("joins job node", self.machine.run(
                    "journalctl", "-x", "--no-pager", "-u", SERVICE, "SUBNET_SD_EVENT=target_new").output)
                self.source("uninstall", "--prefix", prefix)
                self.assertEqual(self.property("LoadState"), "not-found")
                self.assertEqual(self.listed(), endpoints(self.LIVE))
                self.source("uninstall", "--prefix", prefix, "--purge")
                self.assertEqual(self.files(), before)
                self.assertNotIn("subnet-sd", self.machine.read("/etc/passwd"))

    def test_beside_the_package(self):
        """What comes before the package's is told when that is installed, and can be taken back then."""
        self.source("install")
        told = self.install_package(package())
        self.assertIn("warning: /usr/local/bin/subnet-sd is used instead of what the package brings", told.error + told.output)
        refused = self.source("install", status=1)
        self.assertIn("the Debian package subnet-sd is installed", refused.error)
        self.assertIn("that is the Debian package's", self.source("uninstall", "--prefix", "/usr", status=1).error)
        self.source("uninstall")
        self.assertIn("/usr/bin/subnet-sd run", self.property("ExecStart"))
        self.machine.run("apt-get", "purge", "-y", "subnet-sd", timeout=120)

    def test_mistakes(self):
        """Wrong use is refused in a sentence, before anything is written."""
        before = self.files()
        for arguments, sentence in ((["--prefix"], "--prefix takes a directory"),
                                    (["--prefix", "here"], "--prefix takes an absolute path, not 'here'"),
                                    (["--prefix", "/"], "--prefix takes another directory than /"),
                                    (["--prefix", "/home/me"], "--prefix takes a place that the unit can see"),
                                    (["--prefix", "/opt/a b"], "--prefix takes a path of letters"),
                                    (["--frob"], "'--frob' is not known")):
            for command in ("install", "uninstall"):
                self.assertIn(sentence, self.source(command, *arguments, status=1).error)
        self.assertEqual(self.files(), before)


@needs("lintian")
@needs_package
class Lint(Case):
    """What Debian asks of a package."""

    def test_current(self):
        """The package under test has the program under test."""
        script = 'dpkg-deb --fsys-tarfile "$1" | tar -xO ./usr/bin/subnet-sd | cmp - "$2"'
        finish(["bash", "-o", "pipefail", "-c", script, "bash", package(), str(ROOT / ".build-release/subnet-sd")])

    def test_lintian(self):
        """lintian finds neither an error nor a warning."""
        done = finish(["lintian", "--fail-on", "error,warning", "--allow-root", package()], timeout=120)
        self.assertEqual(done.output.strip(), "")

    def test_example(self):
        """The drop-in that the README shows is the one that the package brings."""
        brought = (ROOT / "systemd/examples/etc-prometheus.conf").read_text()
        lines = [line for line in brought.splitlines() if not line.startswith("#")]
        self.assertIn("\n```ini\n" + "\n".join(lines) + "\n```\n", (ROOT / "README.md").read_text())

    def test_dependencies(self):
        """It depends on the C library and three others, and on systemd for its user."""
        depends = finish(["dpkg-deb", "-f", package(), "Depends"]).output
        names = {re.split(r"[ (|]", part.strip())[0] for part in depends.split(",")}
        self.assertLessEqual(names, {"systemd", "libc6", "libcrypt1", "libgcc-s1", "libstdc++6", "libsystemd0", "libyaml-0-2"})
        self.assertTrue(Path(package()).name.endswith("_amd64.deb"))
