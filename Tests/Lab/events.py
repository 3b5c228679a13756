"""Things that happened, in order, and a bounded wait for the next one that matters."""

import threading
import time

from Lab.parts import PATIENCE


def ask_until(question, what, timeout=PATIENCE, pause=0.05):
    """For what sends no events: asks again and again, and returns the first answer that is true."""
    end = time.monotonic() + timeout
    while not (answer := question()):
        if time.monotonic() > end:
            raise AssertionError(f"not within {timeout:g} s: {what}")
        time.sleep(pause)
    return answer


class Events:
    """A list that grows in one thread while another waits for an item; it never sleeps and never polls."""

    def __init__(self, source):
        self.source = source
        self._items = []
        self._ended = False
        self._changed = threading.Condition()

    def add(self, item):
        with self._changed:
            self._items.append(item)
            self._changed.notify_all()

    def end(self):
        """No more will come: whoever waits is told now instead of at the time-out."""
        with self._changed:
            self._ended = True
            self._changed.notify_all()

    def all(self, since=0):
        with self._changed:
            return self._items[since:]

    def count(self):
        with self._changed:
            return len(self._items)

    def wait(self, matches, timeout, since=0, what="event", or_end=False):
        """The position and value of the first item from `since` on that matches; or None, where no more may come."""
        position = since

        def found():
            nonlocal position
            while position < len(self._items):
                if matches(self._items[position]):
                    return True
                position += 1
            return self._ended

        with self._changed:
            self._changed.wait_for(found, timeout)
            if position < len(self._items):
                return position, self._items[position]
            ended = self._ended
            if ended and or_end:
                return None
            tail = "\n  ".join(str(item) for item in self._items[-25:]) or "(nothing)"
        why = "ended without" if ended else f"did not show within {timeout} s"
        raise AssertionError(f"{self.source} {why}: {what}\nits last words:\n  {tail}")
