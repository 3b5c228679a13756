"""`subnet-sd scan` over a whole /16."""

import json
import random
import re

from Lab import target_file
from Lab.cases import FleetCase
from Lab.daemon import config
from Lab.fleet import PORT, addresses, endpoints
from Lab.parts import needs_lab


@needs_lab()
class ScanOfManyAddresses(FleetCase):
    """656 live hosts among 65,534 addresses, of which some hundred refuse and the rest are silent."""

    ALONE = True

    def setUp(self):
        super().setUp()
        seeded = random.Random(656)
        hosts = addresses("10.77", 656 + 400, seeded)
        self.live, self.refusing = hosts[:656], hosts[656:]
        self.fleet.wake(*self.live)
        self.fleet.refuse(*self.refusing)
        self.config = self.folder / "config.yml"
        # As fast as two cores allow: at the default rate it is a minute.
        self.config.write_text(json.dumps(config(["10.77.0.0/16"], rate=20000, concurrency=4096)))

    def scan(self, form):
        return self.run_subnet_sd("scan", "--config", str(self.config), "--format", form, timeout=90,
                                  namespace=self.fleet.near)

    def test_yaml(self):
        """A scan of a /16 finds exactly the 656 live exporters; the target file lists each once, in order."""
        groups = target_file.parse_yaml(self.scan("yaml").output)
        self.assertEqual(target_file.listed(groups), endpoints(self.live))
        order = [tuple(map(int, re.split(r"[.:]", target))) for group in groups for target in group.targets]
        self.assertEqual(order, sorted(order))

    def test_json(self):
        """So does the JSON."""
        self.assertEqual(target_file.listed(target_file.parse_json(self.scan("json").output)), endpoints(self.live))

    def test_table(self):
        """So does the table: one row each."""
        shown = re.findall(rf"\b10\.77\.\d+\.\d+(?=:{PORT}\b|\s)", self.scan("table").output)
        self.assertEqual(sorted(shown), sorted(self.live))
