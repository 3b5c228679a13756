"""`python3 -m Lab [NAME…]`, in the folder Tests, as root: the tests of this folder, in an enclosure; with `--shards N` in
so many processes side by side."""

import os
import sys
from pathlib import Path

from Lab import enclosure, shards
from Lab.runner import main

if sys.argv[1:2] == ["--shards"]:
    shards.main("Lab", sys.argv[2:])
if os.geteuid() == 0:
    enclosure.enter()
main("Lab", Path(__file__).parent)
