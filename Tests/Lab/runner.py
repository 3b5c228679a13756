"""Runs a package of tests: a line each, with its promise and its duration; counts to a file."""

import argparse
import itertools
import os
import signal
import sys
import time
import traceback
import unittest


class Result(unittest.TestResult):
    """Prints as it goes; a failure with its trace."""

    def __init__(self):
        super().__init__()
        self.passed = self.failed = 0

    def startTest(self, test):
        super().startTest(test)
        self._begin = time.monotonic()
        self._outcome = "ok"

    def stopTest(self, test):
        super().stopTest(test)
        promise = " ".join((test.shortDescription() or test.id()).split())
        self._say(self._outcome, f"{promise} ({time.monotonic() - self._begin:.1f} s)")
        if self._outcome == "ok":
            self.passed += 1
        elif self._outcome == "FAIL":
            self.failed += 1
            print(f"     {test.id()}", flush=True)

    def _say(self, word, text):
        print(f"{word:<5}{text}", flush=True)

    def _fail(self, test, error):
        self._outcome = "FAIL"
        trace = "".join(traceback.format_exception(*error))
        print("     | " + trace.rstrip().replace("\n", "\n     | "), flush=True)

    def addFailure(self, test, err):
        super().addFailure(test, err)
        self._fail(test, err)

    def addError(self, test, err):
        super().addError(test, err)
        self._fail(test, err)
        if not isinstance(test, unittest.TestCase):  # setUpClass, setUpModule
            self.failed += 1
            self._say("FAIL", test.id())

    def addSubTest(self, test, subtest, err):
        super().addSubTest(test, subtest, err)
        if err:
            self._fail(test, err)

    def addSkip(self, test, reason):
        super().addSkip(test, reason)
        self._outcome = "skip"
        self._say("skip", f"{test.id()}: {reason}")


def _flatten(suite):
    for test in suite:
        if isinstance(test, unittest.TestSuite):
            yield from _flatten(test)
        else:
            yield test


def _is_chosen(case, only):
    """Classes that measure time or load have `ALONE = True`."""
    return only is None or getattr(case, "ALONE", False) == (only == "alone")


class Claims:
    """What this process runs of what several share. Classes with one name in `TOGETHER` go to one process."""

    def __init__(self, folder):
        self._folder = folder
        self._own = set()

    def take(self, case):
        """Whether no other process has taken it."""
        name = getattr(case, "TOGETHER", f"{case.__module__}.{case.__qualname__}")
        if not self._folder or name in self._own:
            return True
        try:
            os.close(os.open(os.path.join(self._folder, name), os.O_CREAT | os.O_EXCL))
        except FileExistsError:
            return False
        self._own.add(name)
        return True


def main(package, folder):
    parser = argparse.ArgumentParser(prog=f"python3 -m {package}")
    parser.add_argument("names", nargs="*", help="only tests whose name contains one of these")
    parser.add_argument("--counts", help="write `passed failed skipped` to this file")
    parser.add_argument("--claims", metavar="FOLDER",
                        help="share the classes with other processes that are given the same empty folder")
    parser.add_argument("--only", choices=("alone", "beside"),
                        help="classes that measure time or load, or those that do not")
    arguments = parser.parse_args()
    # A polite end is an end with clean-up.
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))
    loader = unittest.TestLoader()
    if arguments.names:
        loader.testNamePatterns = [f"*{name}*" for name in arguments.names]
    tests = _flatten(loader.discover(str(folder), top_level_dir=str(folder.parent)))
    result, claims = Result(), Claims(arguments.claims)
    for case, group in itertools.groupby(tests, type):
        group = list(group)
        if _is_chosen(case, arguments.only) and claims.take(case):
            unittest.TestSuite(group).run(result)
    counts = {"passed": result.passed, "failed": result.failed, "skipped": len(result.skipped)}
    if arguments.counts:
        with open(arguments.counts, "w") as file:
            print(*counts.values(), file=file)
    print(", ".join(f"{count} {word}" for word, count in counts.items()), flush=True)
    sys.exit(1 if result.failed else 0)
