"""What an operator takes over: alert rules, an example of a configuration, dashboards; judged by promtool."""

import itertools
import json
import re
import shutil
import unittest

from Lab.cases import Case
from Lab.children import finish
from Lab.fleet import endpoints
from Lab.parts import ROOT, needs, needs_lab, program
from Lab.test_web import WebCase

PROMETHEUS = ROOT / "packaging/prometheus"
RULES = PROMETHEUS / "subnet-sd.rules.yml"
RULE_TESTS = PROMETHEUS / "subnet-sd.rules.test.yml"
EXAMPLE = PROMETHEUS / "prometheus.example.yml"
DASHBOARDS = sorted((ROOT / "packaging/grafana").glob("*.json"))


@needs("promtool")
class Rules(Case):
    def promtool(self, *arguments):
        return finish([program("promtool"), *map(str, arguments)])

    def test_check(self):
        """promtool finds nothing wrong with the alert rules."""
        self.promtool("check", "rules", RULES)

    def test_unit_tests(self):
        """The unit tests of the alert rules pass."""
        self.promtool("test", "rules", RULE_TESTS)

    def test_every_alert_is_tested(self):
        """Each alert has a test in which it fires and one in which it does not."""
        alerts = set(re.findall(r"- alert: (\w+)", RULES.read_text()))
        checks = re.findall(r"alertname: (\w+)\n +exp_alerts:( \[\])?", RULE_TESTS.read_text())
        self.assertEqual({name for name, none in checks if not none}, alerts)
        self.assertEqual({name for name, none in checks if none}, alerts)

    def test_example(self):
        """promtool finds nothing wrong with the example, the rules beside it; with http_sd as well."""
        for path in (RULES, EXAMPLE):
            shutil.copy(path, self.folder)
        example = self.folder / EXAMPLE.name
        done = self.promtool("check", "config", example)
        self.assertIn("1 rule files found", done.output)
        # What stands behind '#' at the start of a key is meant to be uncommented.
        example.write_text(re.sub(r"^    #(?=http_sd|  )", "    ", EXAMPLE.read_text(), flags=re.MULTILINE))
        self.assertRegex(example.read_text(), r"(?m)^    http_sd_configs:\n      - url: ")
        self.promtool("check", "config", example)

    def test_dashboard_expressions(self):
        """Each expression of the dashboards is PromQL."""
        for path in DASHBOARDS:
            with self.subTest(path.name):
                expressions = [target["expr"] for panel in panels(load(path)) for target in panel.get("targets", [])]
                self.assertTrue(expressions)
                rules = [{"record": f"expression:{number}", "expr": substitute(expression)}
                         for number, expression in enumerate(expressions)]
                file = self.folder / f"{path.stem}.yml"  # JSON is YAML
                file.write_text(json.dumps({"groups": [{"name": path.stem, "rules": rules}]}))
                self.promtool("check", "rules", file)


@needs_lab()
class Material(WebCase):
    def setUp(self):
        super().setUp()
        daemon = self.start()
        daemon.wait_listed(endpoints(self.live))
        daemon.settle()
        self.web.get("/metrics")  # so that a request has been counted
        self.known = {name for name in self.web.metrics().families if name.startswith("subnet_sd_")}

    def test_known_metrics(self):
        """Rules, their tests and dashboards name no metric that the daemon does not have."""
        names = self.known | {name + suffix for name in self.known for suffix in ("_bucket", "_sum", "_count")}
        for path in (RULES, RULE_TESTS, *DASHBOARDS):
            with self.subTest(path.name):
                self.assertEqual(set(re.findall(r"\bsubnet_sd_\w+", path.read_text())) - names, set())

    def test_every_metric_is_shown(self):
        """The daemon's dashboard shows each of its metrics."""
        shown = (ROOT / "packaging/grafana/subnet-sd.json").read_text()
        self.assertEqual([name for name in self.known if not re.search(rf"\b{name}(_bucket)?\b", shown)], [])


class Dashboards(unittest.TestCase):
    def each(self):
        self.assertTrue(DASHBOARDS)
        return [load(path) for path in DASHBOARDS]

    def test_import(self):
        """Grafana takes each as new: no id, an own uid and title, a form that Grafana 10 knows."""
        boards = self.each()
        for key in ("uid", "title"):
            self.assertEqual(len({board[key] for board in boards}), len(boards))
        for board in boards:
            self.assertIsNone(board["id"])
            self.assertGreaterEqual(board["schemaVersion"], 38)

    def test_panels(self):
        """Each panel has an id of its own, a title, and says what it shows."""
        for board in self.each():
            found = panels(board)
            ids = [panel["id"] for panel in found]
            self.assertEqual(len(ids), len(set(ids)))
            for panel in found:
                self.assertTrue(panel["title"])
                if panel["type"] != "row":
                    self.assertTrue(panel["description"], panel["title"])
                    self.assertTrue(panel["targets"], panel["title"])

    def test_grid(self):
        """No panel lies over another or outside of the grid."""
        for board in self.each():
            for panel in board["panels"]:
                place = panel["gridPos"]
                self.assertTrue(0 <= place["x"] and place["x"] + place["w"] <= 24 and place["y"] >= 0, panel["title"])
                self.assertTrue(place["w"] > 0 and place["h"] > 0, panel["title"])
            for one, other in itertools.combinations(board["panels"], 2):
                self.assertFalse(overlap(one["gridPos"], other["gridPos"]), f"{one['title']}, {other['title']}")

    def test_data_source(self):
        """Each query goes to the data source that the reader has chosen."""
        chosen = {"type": "prometheus", "uid": "${datasource}"}
        for board in self.each():
            variables = {variable["name"]: variable for variable in board["templating"]["list"]}
            self.assertEqual(variables["datasource"]["type"], "datasource")
            asking = [variable for variable in variables.values() if variable["type"] == "query"]
            for panel in panels(board):
                if panel["type"] != "row":
                    asking += [panel, *panel["targets"]]
            for one in asking:
                self.assertEqual(one["datasource"], chosen, one)

    def test_variables(self):
        """Each variable in an expression is one of the dashboard or of Grafana."""
        for board in self.each():
            names = {variable["name"] for variable in board["templating"]["list"]}
            for panel in panels(board):
                for target in panel.get("targets", []):
                    used = set(re.findall(r"\$\{?(\w+)", target["expr"]))
                    self.assertLessEqual(used, names | {"__rate_interval"}, panel["title"])

    def test_rates(self):
        """No range is fixed where Grafana knows the step and the scrape interval."""
        for board in self.each():
            for panel in panels(board):
                for target in panel.get("targets", []):
                    self.assertLessEqual(set(re.findall(r"\[([^]]+)\]", target["expr"])), {"$__rate_interval"})


def load(path):
    return json.loads(path.read_text())


def panels(board):
    """All panels, those in folded rows as well."""
    return [panel for outer in board["panels"] for panel in (outer, *outer.get("panels", []))]


def substitute(expression):
    """The expression as Grafana would send it."""
    values = {"__rate_interval": "5m", "job_label": "exported_job", "top": "10"}
    return re.sub(r"\$\{?(\w+)\}?", lambda match: values.get(match[1], ".*"), expression)


def overlap(one, other):
    return (one["x"] < other["x"] + other["w"] and other["x"] < one["x"] + one["w"]
            and one["y"] < other["y"] + other["h"] and other["y"] < one["y"] + one["h"])
