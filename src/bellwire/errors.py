"""The error tree. Every message says the place, what was found, and what to do.

All of them::

    BellwireError
    ├── ProgramError       a Program breaks a rule of its stage
    ├── MachineError       a machine description contradicts itself
    ├── DoesNotFit         the circuit needs more than the machine has
    ├── NotSupported       a correct input that bellwire cannot take (yet): named, never dropped
    ├── ParseError         bad input text, with file, line and column
    └── RunError           something failed while running
        ├── LinkTimeout    a Bell pair did not come in time
        └── BackendError   a backend cannot run this program
"""

from __future__ import annotations

__all__ = [
    "BackendError",
    "BellwireError",
    "DoesNotFit",
    "LinkTimeout",
    "MachineError",
    "NotSupported",
    "ParseError",
    "ProgramError",
    "RunError",
]
LONGEST_MESSAGE = 1000  # letters; a message may quote what it found, which may be a whole file


class BellwireError(Exception):
    """The root of all errors that bellwire raises on purpose."""

    def __init__(self, message: str = "") -> None:
        super().__init__(_shortened(message))


class ProgramError(BellwireError):
    """A Program breaks a rule of its stage."""


class MachineError(BellwireError):
    """A machine description contradicts itself or names something unknown."""


class DoesNotFit(BellwireError):
    """The circuit needs more than the machine has."""


class NotSupported(BellwireError):
    """A correct input that bellwire cannot take."""


class ParseError(BellwireError):
    """Bad input text. `line` and `column` count from 1; 0 means unknown."""

    def __init__(self, message: str, path: str = "", line: int = 0, column: int = 0) -> None:
        super().__init__(message)
        self.message = _shortened(message)
        self.path, self.line, self.column = path, line, column

    def __str__(self) -> str:
        place = ":".join(str(p) for p in (self.path, self.line, self.column) if p)
        return f"{place}: {self.message}" if place else self.message


class RunError(BellwireError):
    """Something failed while a program ran."""


class LinkTimeout(RunError):
    """A Bell pair did not come in time."""


class BackendError(RunError):
    """A backend cannot run this program."""


def _shortened(message: str) -> str:
    """The message without its middle when it is very long: the place and the advice stay."""
    if len(message) <= LONGEST_MESSAGE:
        return message
    return f"{message[: LONGEST_MESSAGE // 2]} ... {message[-LONGEST_MESSAGE // 4 :]}"
