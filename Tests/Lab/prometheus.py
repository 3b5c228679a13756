"""A real Prometheus in the near namespace that reads the target file."""

import json
import threading
import time
import urllib.parse
import urllib.request
from pathlib import Path

from Lab.children import Child
from Lab.parts import PATIENCE, program

_PAUSE = threading.Event()  # never set: a bounded pause between two questions to a program that sends no events


class Prometheus:
    """Scrapes what `files` name, each second; knows no target otherwise. Keyword arguments are more keys of its job, or
    else `jobs` are several, by name, with all their keys."""

    def __init__(self, folder, files, namespace, interval="1s", jobs=None, **keys):
        self.namespace = namespace
        folder = Path(folder) / "prometheus"
        folder.mkdir()
        self.config = folder / "prometheus.yml"
        self.config.write_text(json.dumps({
            "global": {"scrape_interval": interval, "scrape_timeout": interval},
            "scrape_configs": [
                {"job_name": name, "file_sd_configs": [{"files": [str(f) for f in job.pop("files", files)]}], **job}
                for name, job in (jobs or {"node": keys}).items()],
        }))
        self.child = Child(
            [program("prometheus"), f"--config.file={self.config}", f"--storage.tsdb.path={folder}/data",
             "--web.listen-address=127.0.0.1:9090", "--log.level=info"], namespace=namespace)
        self.child.lines.wait(lambda line: "Server is ready" in line, PATIENCE, what="ready")

    def get(self, path, **arguments):
        url = f"http://127.0.0.1:9090/api/v1/{path}?{urllib.parse.urlencode(arguments)}"
        with self.namespace.entered(), urllib.request.urlopen(url, timeout=10) as answer:
            return json.load(answer)["data"]

    def query(self, expression):
        """The instant vector: labels and value of each series."""
        result = self.get("query", query=expression)["result"]
        return [(series["metric"], float(series["value"][1])) for series in result]

    def up(self):
        """`up` of each target it knows now."""
        return {labels["instance"]: int(value) for labels, value in self.query("up")}

    def wait_up(self, matches, timeout=PATIENCE, what="up"):
        """Seconds until `up` matches: a predicate, or the mapping itself."""
        begin = time.monotonic()
        while True:
            up = self.up()
            if matches(up) if callable(matches) else up == matches:
                return time.monotonic() - begin
            if time.monotonic() - begin > timeout:
                raise AssertionError(f"Prometheus, after {timeout} s: {what}; {len(up)} series: {sorted(up.items())[:8]}…")
            _PAUSE.wait(0.1)

    def end(self):
        self.child.stop()


def check(path, folder):
    """promtool's judgement of a target file: None, or what it says is wrong."""
    from Lab.children import finish

    config = Path(folder) / "check.yml"
    config.write_text(json.dumps({
        "scrape_configs": [{"job_name": "node", "file_sd_configs": [{"files": [str(path)]}]}]}))
    done = finish([program("promtool"), "check", "config", str(config)], status=None)
    said = done.output + done.error
    return None if done.status == 0 and "WARN" not in said else said
