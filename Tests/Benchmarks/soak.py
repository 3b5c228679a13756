"""The daemon over thousands of scans: whether it grows."""

from Benchmarks.progress import say
from Lab.daemon import Daemon
from Lab.soak import Soak, held, slope

JOBS = 50


def soak(setting, scans):
    """What it has after a tenth, half and all of the scans, of which there are sixty of each job at least."""
    setting.fleet.reset()
    rounds = max(60, scans // JOBS)
    work = Soak(setting.fleet, JOBS)
    daemon = Daemon(setting.folder / "soak", work.settings, namespace=setting.fleet.near).start()

    def tell(sample):
        if sample.scans // JOBS % max(1, rounds // 20) == 0:
            say(f"soak, {sample.scans} of {rounds * JOBS} scans in {sample.seconds:.0f} s: "
                f"{sample.memory / 2**20:.2f} MiB")
    try:
        samples = work.run(daemon, rounds, tell)
        gone = len(daemon.said("is gone"))
    finally:
        daemon.end()
    moments = []
    for part in (0.1, 0.5, 1.0):
        last = int(rounds * part) - 1
        sample, before = samples[last], samples[max(0, last - rounds // 10)]
        moments.append({"part": part, "memory": sample.memory, "descriptors": held(before, sample),
                        "threads": sample.threads})
    return {"jobs": JOBS, "scans": samples[-1].scans, "seconds": samples[-1].seconds, "gone": gone, "moments": moments,
            "slope": slope(samples[rounds // 10:]),
            "samples": [[sample.scans, sample.seconds, sample.memory] for sample in samples]}
