"""The pages of the documentation and the blocks of code in them.

```python and ```console blocks are run, in order, those of a page together; an ```output block says
what the python block before it prints, lines without `$ ` in a console block what the command above
prints (`...` stands for anything). A remark before a block changes that:
`<!-- file: NAME -->` writes it to a file, `<!-- not run: REASON -->` leaves it alone.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
DOCS = ROOT / "docs"
PAGES = sorted(
    path
    for path in (*ROOT.glob("*.md"), *DOCS.rglob("*.md"))
    if not {"_build", "_generated"} & set(path.parts)
)
_BLOCK = re.compile(
    r"^(?:<!-- (?P<word>file|not run): (?P<said>.*?) -->\n+)?"
    r"^```(?P<kind>[^\n]*)\n(?P<code>.*?)^```$",
    re.MULTILINE | re.DOTALL,
)


@dataclass(frozen=True)
class Block:
    """A fenced block: its language, its text, where that is in the page, what a remark says."""

    kind: str
    code: str
    start: int
    end: int
    line: int
    file: str | None
    not_run: str | None


def blocks(text: str) -> list[Block]:
    """All fenced blocks of a page in order."""
    return [_block(text, match) for match in _BLOCK.finditer(text)]


def name_of(page: Path) -> str:
    """The page as tests call it."""
    return str(page.relative_to(ROOT))


def _block(text: str, match: re.Match[str]) -> Block:
    said = {match["word"]: match["said"]}
    start, end = match.span("code")
    line = text.count("\n", 0, start) + 1
    return Block(
        match["kind"], match["code"], start, end, line, said.get("file"), said.get("not run")
    )
