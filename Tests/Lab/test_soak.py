"""A daemon that has done a thousand scans, while targets came and went, is no larger than after its first hundreds."""

from Lab.cases import FleetCase
from Lab.parts import needs_lab
from Lab.soak import Soak, held

JOBS = 40
ROUNDS = 25


@needs_lab()
class FlatMemory(FleetCase):
    ALONE = True

    def test_a_thousand_scans(self):
        """Over a thousand scans, while targets come and go, memory, descriptors and threads do not grow."""
        soak = Soak(self.fleet, JOBS)
        daemon = self.daemon(soak.settings).start()
        samples = soak.run(daemon, ROUNDS)
        self.assertFalse(daemon.said("scan incomplete"))
        self.assertGreater(len(daemon.said("is gone")), 10)
        warm, late = samples[ROUNDS // 4], samples[-1]
        self.assertLessEqual(late.memory - warm.memory, 1 << 20)
        # Dispatch has one more or less at a moment.
        self.assertLessEqual(late.threads, warm.threads + 1)
        # Over a quarter of the time, many times as long as any connection lasts.
        self.assertEqual(held(samples[-1 - ROUNDS // 4], late), held(samples[0], warm))
