"""What check-config says, good or bad."""

from Lab.cases import Case

GOOD = """\
global:
  scan_interval: 30s
  exclude: [10.0.3.7]
scan_configs:
  - job_name: node
    ranges: [10.0.1-9.1-99, "fd00:1::/120"]
    labels: {env: prod}
  - job_name: edge
    ranges: [10.9.0.0/24]
    target_file: edge.json
"""

# Each bad file, where the mistake stands, and words that the sentence must have.
BAD = {
    "an unknown key": ("global:\n  scan_intervall: 1m\nscan_configs: []\n", "2:3", "scan_interval"),
    "a duplicate key": ("global:\n  rate: 10\n  rate: 20\n", "3:3", "rate"),
    "host bits": ("scan_configs:\n  - job_name: a\n    ranges: [10.0.0.5/24]\n", "3:14", "10.0.0.0/24"),
    "no duration": ("global:\n  scan_interval: soon\n", "2:18", "soon"),
    "a public range": ("scan_configs:\n  - job_name: a\n    ranges: [8.8.8.0/24]\n", "3:14", "allow_public"),
    "too many addresses": ("scan_configs:\n  - job_name: a\n    ranges: [10.0.0.0/8]\n", "3", "65536"),
    "an unknown exporter": (
        "scan_configs:\n  - job_name: a\n    ranges: [10.0.0.1]\n    exporters: [node_exportr]\n", "4:17", "node_exporter"),
    "a port that is none": (
        "scan_configs:\n  - job_name: a\n    ranges: [10.0.0.1]\n    ports: [0]\n", "4:13", "port"),
    "a job without ranges": ("scan_configs:\n  - job_name: a\n", "2", "ranges"),
    "a job without a name": ("scan_configs:\n  - ranges: [10.0.0.1]\n", "2", "job_name"),
    "a target file Prometheus does not read": (
        "scan_configs:\n  - job_name: a\n    ranges: [10.0.0.1]\n    target_file: targets.txt\n", "4:18", ".yml"),
    "two jobs of one name": (
        "scan_configs:\n  - job_name: a\n    ranges: [10.0.0.1]\n    target_file: a.yml\n"
        "  - job_name: a\n    ranges: [10.0.0.2]\n    target_file: b.yml\n", "5:15", "'a'"),
    "two jobs of one target file": (
        "scan_configs:\n  - job_name: a\n    ranges: [10.0.0.1]\n"
        "  - job_name: b\n    ranges: [10.0.0.2]\n", "4", "service_discovery.yml"),
    "a label name Prometheus refuses": (
        "scan_configs:\n  - job_name: a\n    ranges: [10.0.0.1]\n    labels: {a-b: c}\n", "4:14", "a-b"),
    "no YAML": ("global: [\n", "", ""),
}


class CheckConfig(Case):
    def check(self, text, status):
        path = self.folder / "config.yml"
        path.write_text(text)
        return self.run_subnet_sd("check-config", str(path), status=status)

    def test_good(self):
        """A good configuration exits with 0 and tells how many addresses each job has."""
        done = self.check(GOOD, 0)
        # 9 x 99 less the excluded one, and a /120 of IPv6.
        self.assertRegex(done.output, r"node\b.*\b1145\b|node\b.*\b1146\b|node\b.*\b1144\b")
        self.assertRegex(done.output, r"edge\b.*\b254\b")

    def test_syn(self):
        """Of a job that would sweep by SYN it is told what the unit has to be given."""
        done = self.check(GOOD.replace("job_name: edge\n", "job_name: edge\n    sweep: syn\n"), 0)
        self.assertRegex(done.output, r"job 'edge': .*\n.*\n  note: sweep: syn needs CAP_NET_RAW.*\bsyn-sweep\.conf\b")
        self.assertEqual(done.output.count("CAP_NET_RAW"), 1)

    def test_auto(self):
        """Of a job with credentials, and of one that verifies certificates, it is told what `scheme: auto` means there."""
        def notes(keys):
            done = self.check(GOOD.replace("job_name: edge\n", f"job_name: edge\n    {keys}\n"), 0)
            return [line for line in done.output.splitlines() if "scheme: auto" in line]

        basic = "basic_auth: {username: a, password_file: b}"
        note = "  note: scheme: auto means https only, as {}: what speaks plain HTTP is not listed"
        for keys, reason in (
            ("labels: {}", None), (basic, "the job has credentials"), (f"{basic}\n    scheme: http", None),
            (f"{basic}\n    scheme: https", None), ("tls_config: {insecure_skip_verify: true}", None),
            ("tls_config: {ca_file: a}", "the job verifies certificates"),
            ("authorization: {credentials_file: b}", "the job has credentials"),
        ):
            with self.subTest(keys):
                self.assertEqual(notes(keys), [note.format(reason)] if reason else [])

    def test_credentials_for_all(self):
        """Of a job that believes any certificate it is told who gets its credentials."""
        note = "  note: insecure_skip_verify: true sends the credentials to whatever speaks TLS in the ranges\n"
        skip, basic = "tls_config: {insecure_skip_verify: true}", "basic_auth: {username: a, password_file: b}"
        for keys, count in ((skip, 0), (basic, 0), (f"{skip}\n    {basic}", 1), (f"{skip}\n    scheme: https\n    {basic}", 1)):
            with self.subTest(keys):
                done = self.check(GOOD.replace("job_name: edge\n", f"job_name: edge\n    {keys}\n"), 0)
                self.assertEqual(done.output.count(note), count)

    def test_spread(self):
        """Of a job that is spread it is told how long a scan takes."""
        done = self.check(GOOD.replace("job_name: edge\n", "job_name: edge\n    spread: true\n"), 0)
        self.assertRegex(done.output, r"job 'edge': .*\n.*\n  note: spread: true stretches each scan but the first over 27s\n")

    def test_bad(self):
        """Each mistake exits with 78 and is shown with file, line and column and what to do."""
        for name, (text, place, word) in BAD.items():
            with self.subTest(name):
                done = self.check(text, 78)
                self.assertIn(f"config.yml:{place}", done.error)
                self.assertIn(word, done.error)

    def test_all_at_once(self):
        """All mistakes of a file are reported, one a line."""
        done = self.check("global:\n  rate: 0\n  scan_interval: x\n  frob: 1\nscan_configs: 3\n", 78)
        self.assertGreaterEqual(sum("config.yml:" in line for line in done.error.splitlines()), 4, done.error)

    def test_missing(self):
        """A file that is not there exits with 78 and says so."""
        done = self.run_subnet_sd("check-config", str(self.folder / "none.yml"), status=78)
        self.assertIn("no such file", done.error.lower())

    def test_hostile(self):
        """Aliases, deep nesting, binary and huge files are refused, not obeyed."""
        hostile = {
            "aliases": "a: &a [x, x]\nb: [*a, *a]\n",
            "nesting": "[" * 10000,
            "a second document": GOOD + "---\n" + GOOD,
            "bytes": "\x00\x01\x02",
            "control characters": "scan_configs:\n  - job_name: \"a\\e[31m\"\n    ranges: [10.0.0.1]\n",
            "size": "#" * (2 << 20),
        }
        for name, text in hostile.items():
            with self.subTest(name):
                done = self.check(text, 78)
                self.assertNotIn("\x1b", done.error)
