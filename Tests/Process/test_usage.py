"""What the command line says to those who mistype it."""

from Lab.cases import Case

COMMANDS = ("run", "scan", "explain", "targets", "forget", "release", "check-config", "reload", "exporters")

MISTAKES = [
    (["frobnicate"], "frobnicate"),
    (["scan", "127.0.0.1", "--output", "targets.txt"], ".yml, .yaml or .json"),
    (["scan", "--port", "9100"], "RANGE"),
    (["scan", "10.0.0.5/24"], "'10.0.0.0/24'"),
    (["scan", "10.0.0.256"], "10.0.0.256"),
    (["scan", "10.0.0.9-10.0.0.1"], "10.0.0.9-10.0.0.1"),
    (["scan", "8.8.8.0/24"], "8.8.8.0/24"),
    (["scan", "10.0.0.0/8"], "65536"),
    (["scan", "127.0.0.1", "--port", "0"], "'0'"),
    (["scan", "127.0.0.1", "--port", "65536"], "65536"),
    (["scan", "127.0.0.1", "--format", "xml"], "xml"),
    (["scan", "127.0.0.1", "--exporter", "nodeexporter"], "node_exporter"),
    (["scan", "127.0.0.1", "--frob"], "--frob"),
    (["run", "--config"], "--config"),
    (["run", "surplus"], "surplus"),
    (["targets", "--state", "gone"], "'gone'"),
    (["targets", "--format", "yaml"], "'yaml'"),
    (["targets", "surplus"], "surplus"),
    (["forget"], "target"),
    (["forget", "10.0.0.1"], "'10.0.0.1'"),
    (["forget", "10.0.0.1:9100", "host:9100"], "'host:9100'"),
    (["targets", "--state", "refuse"], "'refuse'"),
    (["explain"], "address"),
    (["explain", "web-01"], "'web-01'"),
    (["explain", "10.0.0.1", "10.0.0.2"], "10.0.0.2"),
    (["exporters", "--format", "json"], "json"),
    (["exporters", "nodeexporter"], "'nodeexporter'"),
    (["scan", "127.0.0.1", "--exporter", "any", "--exporter", "none"], "none"),
    (["release"], "job"),
    (["release", "a", "b"], "'b'"),
]


class Usage(Case):
    def test_mistakes(self):
        """A mistyped command line exits with 64, names what was wrong, and prints nothing on stdout."""
        for arguments, word in MISTAKES:
            with self.subTest(" ".join(arguments)):
                done = self.run_subnet_sd(*arguments, status=64)
                self.assertIn(word, done.error)
                self.assertEqual(done.output, "")

    def test_advice(self):
        """A range with host bits is answered with the two ranges that may have been meant."""
        done = self.run_subnet_sd("scan", "10.0.0.5/24", status=64)
        self.assertIn("'10.0.0.5/24' has host bits set; write '10.0.0.0/24' or '10.0.0.5/32'", done.error)

    def test_several_mistakes(self):
        """Two wrong ranges are reported together."""
        done = self.run_subnet_sd("scan", "10.0.0.5/24", "10.1.0.300", status=64)
        self.assertIn("10.0.0.5/24", done.error)
        self.assertIn("10.1.0.300", done.error)

    def test_version(self):
        """--version prints the version on stdout."""
        done = self.run_subnet_sd("--version")
        self.assertRegex(done.output, r"\d+\.\d+\.\d+")
        self.assertEqual(done.error, "")

    def test_help(self):
        """--help names every command, on stdout."""
        done = self.run_subnet_sd("--help")
        for command in COMMANDS:
            self.assertRegex(done.output, rf"(?m)^\s+{command}\b")

    def test_help_of_commands(self):
        """Each command has a help of its own."""
        for command in COMMANDS:
            with self.subTest(command):
                self.assertIn("USAGE", self.run_subnet_sd(command, "--help").output.upper())
