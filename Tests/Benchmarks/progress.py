"""What goes on meanwhile, on stderr."""

import sys


def say(text):
    print(text, file=sys.stderr, flush=True)
