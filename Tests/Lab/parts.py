"""Where the real parts are, and which of them a test needs."""

import os
import shutil
import unittest
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
# What packaging/test fetched and made; ignored by git, kept between runs.
CACHE = Path(os.environ.get("SUBNET_SD_LAB_CACHE", ROOT / ".build-lab"))

# The slower the machine, the longer we wait before we call something missing; no test waits this long when all is well.
PATIENCE = float(os.environ.get("SUBNET_SD_PATIENCE", "20"))


def daemon():
    """The program under test: $SUBNET_SD, or the debug build."""
    return os.environ.get("SUBNET_SD") or str(ROOT / ".build/debug/subnet-sd")


def package():
    """The Debian package under test: $SUBNET_SD_PACKAGE, or what packaging/build-deb has made."""
    return os.environ.get("SUBNET_SD_PACKAGE") or next(map(str, ROOT.glob(".build-deb/*.deb")), None)


def program(name):
    """A tool of the lab: unpacked beside the build, or installed on the machine; None if it is neither."""
    unpacked = CACHE / "unpacked/usr/bin" / name
    return str(unpacked) if unpacked.exists() else shutil.which(name)


def needs(*names, root=False):
    """Skip, in words, where root or a tool is missing."""
    missing = [name for name in names if program(name) is None]
    if missing:
        return unittest.skip(f"needs {', '.join(missing)}; packaging/test run as root fetches it")
    if root and os.geteuid() != 0:
        return unittest.skip("needs root, for network namespaces")
    return lambda test: test


def needs_lab(*names):
    """What every test with a fleet needs."""
    return needs("ip", "nft", "nsenter", "unshare", "prometheus-node-exporter", *names, root=True)
