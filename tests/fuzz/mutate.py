"""Texts that are nearly right: the words of sound ones spliced, cut, doubled, nested, made odd."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import cached_property
from random import Random

MOST_LETTERS = 20_000
ODD_NUMBERS = (
    *("0", "1", "-1", "2.5", "1e3", "1e400", "1e-320", "-0", "nan", "inf", "-inf", "1_000", "0x1F"),
    *("4294967296", "2147483648", "18446744073709551616", "1000000000000", "9" * 30, "9" * 5000),
    *("1000000000000000000", "\u0663", "\u00b2", "1.0.0", "10**9", "true", "0b11", "1e"),
)
ODD_LETTERS = (
    *("\0", "\t", "\r", "\n", "\v", "\f", "\u00e9", "\u2028", "\ufeff", "\u202e", "\U0001f600"),
    *("\ud800", "\x7f", "\x85", "\\", '"', "'", "`", "$", "#", "//", "/*", "*/", ";", "%", "@"),
)
BRACKETS = ("()", "[]", "{}")
DEPTHS = (1, 2, 3, 40, 200, 3000)

_WORD = re.compile(r"\w+|\s+|[^\w\s]")
_NUMBER = re.compile(r"[\d.]+")

Words = list[str]


@dataclass(frozen=True)
class Mutator:
    """Writes texts from `seeds`, texts that are sound, and `words` that may stand in such."""

    seeds: Sequence[str]
    words: Sequence[str] = ()

    @cached_property
    def split(self) -> list[Words]:
        """The seeds as words."""
        return [_WORD.findall(text) for text in self.seeds]

    @cached_property
    def known(self) -> Words:
        """Every word that a seed has, and the others."""
        return sorted({w for words in self.split for w in words} | set(self.words))

    def __call__(self, rng: Random) -> str:
        """One text; most have a few changes, some are seeds as they are."""
        words = list(rng.choice(self.split))
        for _ in range(rng.choice((0, 1, 1, 1, 2, 2, 3, 5, 9))):
            rng.choice(_CHANGES)(self, rng, words)
        return "".join(words)[:MOST_LETTERS]

    def piece(self, rng: Random) -> Words:
        """A few words in a row of some seed."""
        words = rng.choice(self.split)
        at = rng.randrange(len(words) + 1)
        return words[at : at + rng.choice((1, 2, 5, 12, 40))]


def _cut(_: Mutator, rng: Random, words: Words) -> None:
    at = rng.randrange(len(words) + 1)
    del words[at : at + rng.choice((1, 1, 2, 5, 20))]


def _truncate(_: Mutator, rng: Random, words: Words) -> None:
    del words[rng.randrange(len(words) + 1) :]


def _double(_: Mutator, rng: Random, words: Words) -> None:
    at = rng.randrange(len(words) + 1)
    words[at:at] = words[at : at + rng.choice((1, 3, 10, 30))] * rng.choice((1, 1, 2, 20))


def _put_word(own: Mutator, rng: Random, words: Words) -> None:
    at = rng.randrange(len(words) + 1)
    words[at : at + rng.randrange(2)] = [rng.choice(own.known)]


def _splice(own: Mutator, rng: Random, words: Words) -> None:
    at = rng.randrange(len(words) + 1)
    words[at : at + rng.choice((0, 0, 3, 10))] = own.piece(rng)


def _exchange(_: Mutator, rng: Random, words: Words) -> None:
    if words:
        a, b = rng.randrange(len(words)), rng.randrange(len(words))
        words[a], words[b] = words[b], words[a]


def _odd_number(_: Mutator, rng: Random, words: Words) -> None:
    places = [i for i, word in enumerate(words) if _NUMBER.fullmatch(word)]
    if places:
        words[rng.choice(places)] = rng.choice(ODD_NUMBERS)


def _odd_letter(_: Mutator, rng: Random, words: Words) -> None:
    words.insert(rng.randrange(len(words) + 1), rng.choice(ODD_LETTERS))


def _flip(_: Mutator, rng: Random, words: Words) -> None:
    if words:
        i = rng.randrange(len(words))
        at = rng.randrange(len(words[i]))
        words[i] = (
            words[i][:at] + chr(ord(words[i][at]) ^ 1 << rng.randrange(7)) + words[i][at + 1 :]
        )


def _nest(own: Mutator, rng: Random, words: Words) -> None:
    start = rng.randrange(len(words) + 1)
    end = start + rng.choice((0, 1, 3, 8))
    left, right = rng.choice(BRACKETS)
    depth = rng.choice(DEPTHS)
    closed = depth if rng.random() < 0.8 else rng.randrange(1, depth + 1)
    words[start:end] = [left * depth, *words[start:end], right * closed]


def _repeat_word(own: Mutator, rng: Random, words: Words) -> None:
    words.insert(rng.randrange(len(words) + 1), rng.choice(own.known) * rng.choice(DEPTHS))


_CHANGES: tuple[Callable[[Mutator, Random, Words], None], ...] = (
    *(_cut, _truncate, _double, _put_word, _put_word, _splice, _splice, _exchange),
    *(_odd_number, _odd_number, _odd_letter, _flip, _nest, _repeat_word),
)
