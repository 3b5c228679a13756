"""`Tests/Benchmarks/run`: how long a scan takes beside other scanners, what it finds, what it costs, and its pieces."""

import argparse
import datetime
import json
import os
import platform
import sys
import tempfile
from pathlib import Path

from Benchmarks import measurements, scanners, tables
from Benchmarks.comparison import compare
from Benchmarks.jobs import NUMBERS, jobs
from Benchmarks.scenarios import SCENARIOS
from Benchmarks.soak import soak
from Lab import enclosure, parts
from Lab.children import finish
from Lab.fleet import Fleet
from Lab.namespaces import unique

PARTS = {
    "scan": "the scenarios, with others beside",
    "recall": "whether each of many scans finds all; fails if one does not",
    "allocations": "how often memory is asked for an address",
    "idle": "the daemon's memory between two scans",
    "soak": "the daemon's memory over thousands of scans",
    "jobs": "what many jobs cost",
    "micro": "the pieces of a scan; needs no root",
}
USUAL = ["scan", "allocations", "idle", "micro"]


def parse():
    defaults = "\n".join(f"  {scenario.name:<13}{scenario.about}\n  {'':<13}{' '.join(scenario.contenders)}"
                         for scenario in SCENARIOS.values())
    options = argparse.ArgumentParser(
        prog="Tests/Benchmarks/run", formatter_class=argparse.RawDescriptionHelpFormatter,
        description="Measures subnet-sd in a lab of its own; needs root. Tables on stdout, progress on stderr.",
        epilog="parts:\n" + "\n".join(f"  {name:<13}{about}" for name, about in PARTS.items())
        + f"\nscenarios, and who is compared in each unless --with says otherwise:\n{defaults}\n"
        "contenders: connect and syn are subnet-sd, loop is connects in C and nothing else, ab asks one exporter.\n"
        "nmap and aiohttp take many minutes in silent-12, aiohttp three and more in each other.")
    options.add_argument("parts", nargs="*", metavar="PART",
                         help=f"what to measure; not given: what other options are for, else {' '.join(USUAL)}")
    options.add_argument("--scenario", nargs="+", choices=SCENARIOS, metavar="NAME", help="only these; for scan (all)")
    options.add_argument("--with", nargs="+", choices=scanners.CONTENDERS, metavar="NAME", dest="contenders",
                         help="compare these; for scan")
    options.add_argument("--without-syn", action="store_true", help="leave out what needs CAP_NET_RAW and 'sweep: syn'")
    options.add_argument("--rounds", type=int, default=5, help="runs of each; they take turns (5)")
    options.add_argument("--aiohttp-rounds", type=int, default=1, help="it takes three minutes (1)")
    options.add_argument("--concurrency", type=int, default=16000,
                         help="connections at once where a scenario has no number of its own; at most four fifths of "
                         "the hard limit of open files (16000)")
    options.add_argument("--rate", type=int, default=150_000, help="packets a second for syn and zmap (150000)")
    options.add_argument("--recall", type=int, metavar="N", help="scans of silent-16 for recall (20)")
    options.add_argument("--soak", type=int, metavar="SCANS", help="scans for soak (10000)")
    options.add_argument("--jobs", type=int, nargs="+", metavar="N",
                         help=f"how many jobs for jobs ({' '.join(map(str, NUMBERS))})")
    options.add_argument("--markdown", action="store_true", help="tables for a README")
    options.add_argument("--json", default=str(parts.CACHE / "benchmark.json"), help="where all figures go")
    chosen = options.parse_args()
    unknown = [part for part in chosen.parts if part not in PARTS]
    if unknown:
        options.error(f"no part is called {unknown[0]}: {' '.join(PARTS)}")
    implied = {"scan": chosen.scenario or chosen.contenders, "recall": chosen.recall, "soak": chosen.soak,
               "jobs": chosen.jobs}
    chosen.parts = chosen.parts or [part for part in PARTS if implied.get(part)] or USUAL
    return chosen


def main():
    options = parse()
    result = {"machine": machine()}
    try:
        if options.parts != ["micro"]:
            if os.geteuid() != 0:
                sys.exit("needs root, for network namespaces; 'micro' alone does not")
            enclosure.enter()
            in_lab(options, result)
        if "micro" in options.parts:
            result["micro"] = measurements.micro(options.rounds)
            tables.show_micro(result["micro"], options.markdown)
    finally:
        if len(result) > 1:
            Path(options.json).parent.mkdir(exist_ok=True)
            Path(options.json).write_text(json.dumps(result, indent=1) + "\n")
            print(f"all figures: {options.json}")
    lacking = [found for found in result.get("recall", {}).get("found", []) if found < result["recall"]["live"]]
    sys.exit(1 if lacking else 0)


def in_lab(options, result):
    """Whatever needs a fleet; each part is shown as soon as it is there."""
    folder = Path(tempfile.mkdtemp(prefix="benchmark-"))
    fleet = Fleet(unique("bench"))

    def setting(scenario):
        most = scanners.most_connections(options.concurrency)
        return scanners.Setting(scenario, scenario.concurrency or most, options.rate, folder, fleet)
    usual = setting(SCENARIOS["silent-16"])
    try:
        if "scan" in options.parts:
            result["scenarios"] = {}
            for name in options.scenario or SCENARIOS:
                scenario = SCENARIOS[name]
                names = [contender for contender in options.contenders or scenario.contenders
                         if not (contender == "syn" and options.without_syn)]
                compared = compare(scenario, names, setting(scenario), options.rounds,
                                   {"aiohttp": options.aiohttp_rounds})
                result["scenarios"][name] = compared
                tables.show_scenario(name, compared, options.markdown)
        if "recall" in options.parts:
            result["recall"] = done = measurements.recall(usual, options.recall or 20)
            whole = [found for found in done["found"] if found == done["live"]]
            print(f"{len(whole)} of {len(done['found'])} runs found all {done['live']}\n")
        if "allocations" in options.parts:
            result["allocations"] = done = measurements.allocations(usual)
            print(f"{done['per_address']:.3f} allocations for each address that does not answer\n")
        if "idle" in options.parts:
            result["daemon"] = done = measurements.idle(usual)
            print(f"the daemon between scans, {done['targets']} targets: {done['rss'] / 2**20:.1f} MiB, "
                  f"at most {done['peak'] / 2**20:.1f} MiB\n")
        if "soak" in options.parts:
            result["soak"] = soak(usual, options.soak or 10_000)
            tables.show_soak(result["soak"], options.markdown)
        if "jobs" in options.parts:
            result["jobs"] = jobs(usual, options.jobs or NUMBERS)
            tables.show_jobs(result["jobs"], options.markdown)
    finally:
        fleet.end()


def machine():
    with open("/proc/cpuinfo") as cpuinfo:
        model = next((line.split(":", 1)[1].strip() for line in cpuinfo if line.startswith("model name")),
                     platform.machine())
    return {"cores": os.cpu_count(), "cpu": model, "kernel": platform.release(),
            "date": datetime.datetime.now(datetime.UTC).isoformat(timespec="seconds"),
            "subnet_sd": finish([parts.daemon(), "--version"]).output.strip()}


main()
