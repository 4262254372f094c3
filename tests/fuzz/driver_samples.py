"""A format that does harm, for the test of the driver: each number its own."""

from __future__ import annotations

import os
import signal
import time

from driver import MOST_GROWTH, Format

from bellwire.errors import ParseError


class Counted(Format):
    """Its inputs are their numbers."""

    def input(self, seed: int, number: int) -> int:
        """The number."""
        return number


def harm(number: int) -> None:
    """Lose a key, hang, grow, die, or complain without words; 6 is refused as it should be."""
    if number == 1:
        raise KeyError("lost")
    if number == 2:
        until = time.process_time() + 9
        while time.process_time() < until:
            pass
    if number == 3:
        bytearray(4 * MOST_GROWTH)
    if number == 4:
        os.kill(os.getpid(), signal.SIGKILL)
    if number == 5:
        raise ParseError("bad")
    if number == 6:
        raise ParseError("found nothing; give something")


FORMAT = Counted("harm", lambda rng: rng, harm, 1, longest_s=0.2)
