"""Figures as tables, for a terminal or for a README: medians of what the runs of each took."""

import statistics


def show(title, header, rows, markdown):
    """The first column is words, the others are numbers."""
    cells = [header, *rows]
    if markdown:
        lines = ["| " + " | ".join(row) + " |" for row in cells]
        lines.insert(1, "|---" * len(header) + "|")
        print(f"{title}:", "", *lines, "", sep="\n")
        return
    widths = [max(len(row[column]) for row in cells) for column in range(len(header))]
    print(f"{title}:")
    for row in cells:
        numbers = (cell.rjust(width) for cell, width in zip(row[1:], widths[1:]))
        print("  " + row[0].ljust(widths[0]), *numbers, sep="  ")
    print()


def show_scenario(name, result, markdown):
    """Ratios are those to the run, in the same round, of who comes first, which is subnet-sd unless it is left out."""
    runs = {scanner: done for scanner, done in result["runs"].items() if done}
    [base, *_] = runs.values()
    all_live = result["live"] == result["addresses"]
    header = ["", "seconds", "least–most", "ratio", "CPU s", "ratio", "peak MiB", f"found of {result['live']:,}",
              "extra"]
    if all_live:
        header += ["answers/s", "exporter's CPU s"]
    rows = []
    for scanner, done in runs.items():
        row = [scanner, f"{_median(done, 'seconds'):.2f}", _span([run["seconds"] for run in done], 2),
               _ratio(done, base, "seconds"), f"{_median(done, 'cpu'):.2f}", _ratio(done, base, "cpu"),
               f"{_median(done, 'peak') / 2**20:.1f}"]
        row += [_span([run[key] for run in done], 0) if key in done[0] else "" for key in ("found", "extra")]
        if all_live:
            rate = statistics.median(run["answers"] / run["seconds"] for run in done)
            row += [f"{rate:,.0f}", f"{_median(done, 'exporter_cpu'):.2f}"]
        rows.append([*row, str(len(done))])
    show(f"{name}: {result['prefix']}, {result['about']}; {result['concurrency']:,} connections at a time; medians",
         [*header, "runs"], rows, markdown)


def show_micro(pieces, markdown):
    rows = []
    for piece in pieces:
        median = statistics.median(piece["nanoseconds"])
        divisor, unit = (1, "ns") if median < 1000 else (1000, "µs")
        low, high = (edge(piece["nanoseconds"]) / divisor for edge in (min, max))
        rows.append([piece["name"], f"{median / divisor:.1f}", f"{low:.1f}–{high:.1f}", f"{unit}/{piece['unit']}"])
    show("pieces, processor time, medians", ["", "time", "least–most", "unit"], rows, markdown)


def show_soak(result, markdown):
    share = [f"{moment['part']:.0%}" for moment in result["moments"]]
    rows = [["MiB", *(f"{moment['memory'] / 2**20:.2f}" for moment in result["moments"])],
            ["descriptors that stay", *(str(moment["descriptors"]) for moment in result["moments"])],
            ["threads", *(str(moment["threads"]) for moment in result["moments"])]]
    show(f"{result['scans']:,} scans of {result['jobs']} jobs in {result['seconds']:.0f} s, "
         f"{result['gone']} targets went; {result['slope']:+.1f} bytes of memory a scan after the first tenth",
         ["after", *share], rows, markdown)


def show_jobs(results, markdown):
    def row(words, text):
        return [words, *(text(result) for result in results)]

    def http(word, key, text):
        return row(f"{word}, {key}", lambda result: text(result["web"][word]))
    rows = [row("CPU share of a core", lambda result: f"{result['cpu_share']:.1%}"),
            row("… for a scan, ms", lambda result: f"{1000 * result['cpu_share'] / result['scans_a_second']:.2f}"),
            row("scans a second", lambda result: f"{result['scans_a_second']:.1f} of {result['scans_wanted']:.1f}"),
            row("STATUS a second", lambda result: f"{result['status_a_second']:.1f}"),
            row("KiB written a second", lambda result: f"{result['written_a_second'] / 1024:.1f}"),
            row("longest unfed watchdog, s", lambda result: f"{result['longest_unfed']:.1f}"),
            row("MiB, at most", lambda result: f"{result['rss'] / 2**20:.0f}, {result['peak'] / 2**20:.0f}"),
            row("CPU s until all are scanned", lambda result: f"{result['first_scans']['cpu']:.2f}")]
    for key, words in (("ready", "start to READY"), ("ready_again", "second start"), ("stop", "SIGTERM to exit")):
        rows.append(row(f"{words}, s (CPU s)",
                        lambda result, key=key: f"{result[key]['seconds']:.2f} ({result[key]['cpu']:.2f})"))
    for word in results[0]["web"]:
        rows += [http(word, "KiB", lambda web: f"{web['bytes'] / 1024:.0f}"),
                 http(word, "s (held up others)", lambda web: f"{web['seconds']:.3f} ({web['held_up']:.3f})")]
    show("jobs of one address each, a scan each 10 s", ["jobs", *(f"{result['jobs']:,}" for result in results)],
         rows, markdown)


def _median(runs, key):
    return statistics.median(run[key] for run in runs)


def _ratio(runs, base, key):
    """The median of the ratios of each round."""
    pairs = [(run[key], other[key]) for run, other in zip(runs, base)]
    return f"{statistics.median(mine / other for mine, other in pairs):.2f}" if all(other for _, other in pairs) else ""


def _span(values, digits):
    low, high = min(values), max(values)
    return f"{low:.{digits}f}" if low == high else f"{low:.{digits}f}–{high:.{digits}f}"
