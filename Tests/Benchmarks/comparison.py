"""Scanners in turns, A B C A B C …, in one scenario: what each took and what it found."""

from Benchmarks import scanners
from Benchmarks.progress import say
from Lab.children import measure


def compare(scenario, names, setting, rounds, rounds_of=None):
    """All runs of each; `rounds_of` says who takes part in fewer rounds."""
    contenders = {name: scanners.CONTENDERS[name](setting) for name in names}
    live = scenario.set_up(setting.fleet)
    runs = {scanner.name: [] for scanner in contenders.values()}
    for number in range(rounds):
        for name, scanner in contenders.items():
            if number >= (rounds_of or {}).get(name, rounds):
                continue
            say(f"{scenario.name}, round {number + 1} of {rounds}: {scanner.name}")
            runs[scanner.name].append(_run(scanner, setting.fleet, live))
    return {"prefix": scenario.prefix, "about": scenario.about, "addresses": scenario.addresses, "live": len(live),
            "concurrency": setting.concurrency, "runs": runs}


def _run(scanner, fleet, live):
    exporter = scanners.processor_seconds(fleet.exporter.pid)
    done = measure(scanner.command, timeout=scanner.timeout, namespace=fleet.near)
    run = {"seconds": round(done.elapsed, 3), "cpu": done.cpu, "peak": done.peak,
           "exporter_cpu": round(scanners.processor_seconds(fleet.exporter.pid) - exporter, 2)}
    if scanner.counts:
        return {**run, "answers": scanner.count(done.output)}
    found = scanner.found(done.output)
    return {**run, "found": len(found & live), "extra": len(found - live), "answers": len(found)}
