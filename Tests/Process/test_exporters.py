"""`exporters`: the catalogue, and that it is understood as configuration."""

from Lab.cases import Case

MINE = """\
exporters:
  - name: mine
    ports: [7001]
    scheme: https
    metrics_path: "/mine"
    request: "/mine?brief=1"
    proofs: [mine_build_info]
    nodename: {family: mine_build_info, label: host}
"""


class Exporters(Case):
    def test_table(self):
        """Without a name all are shown, one a line, in the order of their names, with aligned columns."""
        lines = self.run_subnet_sd("exporters").output.splitlines()
        self.assertEqual(lines[0].split(), ["EXPORTER", "PORTS", "SCHEME", "PATH", "KNOWN", "BY"])
        names = [line.split()[0] for line in lines[1:]]
        self.assertEqual(names, sorted(set(names)))
        self.assertGreater(len(names), 40)
        self.assertRegex("\n".join(lines), r"(?m)^node_exporter +9100 +http +/metrics +node_exporter_build_info")
        column = lines[0].index("SCHEME")
        self.assertEqual({line[column:column + 4] for line in lines[1:]}, {"http"})

    def test_names(self):
        """Only what is named is shown; a name that is none exits with 64, names it, and prints nothing on stdout."""
        lines = self.run_subnet_sd("exporters", "redis_exporter", "node_exporter").output.splitlines()
        self.assertEqual([line.split()[0] for line in lines[1:]], ["node_exporter", "redis_exporter"])
        done = self.run_subnet_sd("exporters", "node_exporter", "nodeexporter", status=64)
        self.assertEqual((done.output, "'nodeexporter'" in done.error), ("", True))

    def check(self, text):
        """What check-config says of a configuration with these exporters."""
        path = self.folder / "config.yml"
        path.write_text(text + "scan_configs:\n  - job_name: a\n    ranges: [10.0.0.1]\n")
        return self.run_subnet_sd("check-config", str(path))

    def test_yaml(self):
        """As YAML the whole catalogue is taken back as configuration, and is the same catalogue."""
        text = self.run_subnet_sd("exporters", "--format", "yaml").output
        self.assertTrue(text.startswith("exporters:\n  - name: "))
        self.check(text)
        again = self.run_subnet_sd("exporters", "--format", "yaml", "--config", str(self.folder / "config.yml"))
        self.assertEqual(again.output, text)
        tables = [self.run_subnet_sd("exporters", *options).output
                  for options in ([], ["--config", str(self.folder / "config.yml")])]
        self.assertEqual(tables[0], tables[1])

    def test_own(self):
        """Exporters of the configuration are shown among the others, and survive the way through YAML."""
        self.check(MINE)
        config = ["--config", str(self.folder / "config.yml")]
        self.assertRegex(self.run_subnet_sd("exporters", *config).output,
                         r"(?m)^mine +7001 +https +/mine +mine_build_info$")
        text = self.run_subnet_sd("exporters", "mine", "--format", "yaml", *config).output
        self.assertEqual(text, MINE)
        self.check(text)
        self.assertEqual(self.run_subnet_sd("exporters", "mine", "--format", "yaml", *config).output, text)

    def test_wrong_config(self):
        """A broken configuration exits with 78 and says where."""
        path = self.folder / "config.yml"
        path.write_text("exporters:\n  - name: mine\n    proof: [a]\n")
        self.assertIn("config.yml:3", self.run_subnet_sd("exporters", "--config", str(path), status=78).error)
