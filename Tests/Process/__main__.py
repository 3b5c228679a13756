"""`python3 -m Process [NAME…]`, in the folder Tests: the program as a process, on loopback, without root."""

from pathlib import Path

from Lab.runner import main

main("Process", Path(__file__).parent)
