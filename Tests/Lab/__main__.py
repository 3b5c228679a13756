"""`python3 -m Lab [NAME…]`, in the folder Tests, as root: the tests of this folder, in an enclosure."""

import os
from pathlib import Path

from Lab import enclosure
from Lab.runner import main

if os.geteuid() == 0:
    enclosure.enter()
main("Lab", Path(__file__).parent)
