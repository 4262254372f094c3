"""How requests to the link layer end: ten codes, and what others call them.

| code        | meaning                                     | elsewhere (where it differs)   |
|-------------|---------------------------------------------|--------------------------------|
| OK 0        | all pairs were delivered                    |                                |
| UNSUPP 40   | fidelity or time that can never be met here |                                |
| NOTIME 41   | too many others are before it               | not in draft, SIGCOMM          |
| NORES 42    | more memory than there ever is              | SIGCOMM MEMEXCEEDED; not draft |
| TIMEOUT 43  | the deadline has passed                     |                                |
| REJECTED 44 | the partner refuses the purpose             | SIGCOMM DENIED                 |
| OTHER 45    | anything else; the detail says what         | not in SIGCOMM                 |
| EXPIRE 46   | a delivered pair is no longer good          |                                |
| CREATE 47   | a request that is malformed                 | not in SIGCOMM                 |
| OUTOFMEM 48 | no memory was free until the deadline       | EGP, qlink NORES; not draft    |

The vocabularies: draft-dahlberg-ll-quantum-03; EGP, the code of Dahlberg et al., SIGCOMM 2019
(QLinkLayerSimulations), whose numbers 40 to 47 are kept; qlink-interface 1.0.0; the text of the
SIGCOMM paper (from memory, unverified). 48 is ours: the others do not tell it from NORES.
"""

from __future__ import annotations

from enum import IntEnum
from typing import Literal

from bellwire.errors import RunError


class Code(IntEnum):
    """How a request, or a pair that was delivered, ends."""

    OK = 0
    UNSUPP = 40
    NOTIME = 41
    NORES = 42
    TIMEOUT = 43
    REJECTED = 44
    OTHER = 45
    EXPIRE = 46
    CREATE = 47
    OUTOFMEM = 48


Vocabulary = Literal["draft", "egp", "qlink", "sigcomm"]

# Only where a vocabulary differs from our names; None where it has no word.
_ELSEWHERE: dict[Vocabulary, dict[Code, str | None]] = {
    "draft": {Code.NOTIME: None, Code.NORES: None, Code.OUTOFMEM: None},
    "egp": {Code.OUTOFMEM: "NORES"},
    "qlink": {Code.OUTOFMEM: "NORES"},
    "sigcomm": {
        Code.NOTIME: None,
        Code.NORES: "MEMEXCEEDED",
        Code.REJECTED: "DENIED",
        Code.OTHER: None,
        Code.CREATE: None,
    },
}


def name_in(code: Code, vocabulary: Vocabulary) -> str | None:
    """What a vocabulary calls a code, None where it has no word for it."""
    return _ELSEWHERE[vocabulary].get(code, code.name)


def code_of(name: str) -> Code:
    """The code of a name from any of the vocabularies. Raises RunError for an unknown one."""
    if name in Code.__members__:
        return Code[name]
    for words in _ELSEWHERE.values():
        for code, word in words.items():
            if word == name:
                return code
    known = ", ".join(Code.__members__)
    raise RunError(f"code: found {name!r}; it must be one of {known}, or an alias of one")
