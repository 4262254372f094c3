"""Links in Markdown: files and headings exist, addresses are https, pictures are as drawn."""

from __future__ import annotations

import re
from pathlib import Path
from urllib.parse import urlsplit

import pytest
from docs.pages import PAGES, ROOT, blocks, name_of

LINK = re.compile(r"(?<!\\)\]\(([^()\s]+(?:\([^()\s]*\)[^()\s]*)?)\)")


def links(page: Path) -> list[str]:
    """The targets of all links and pictures of a page, those in code left out."""
    text = page.read_text()
    for block in reversed(blocks(text)):
        text = text[: block.start] + text[block.end :]
    return LINK.findall(re.sub(r"`[^`\n]*`(?!\])", "", text))


def anchors(page: Path) -> set[str]:
    """The anchors of the headings of a page, as code hosts make them."""
    found = re.findall(r"^#+ (.*)$", page.read_text(), re.MULTILINE)
    kept = (re.sub(r"[^\w\- ]", "", heading.lower()) for heading in found)
    return {heading.replace(" ", "-") for heading in kept}


@pytest.mark.parametrize("page", PAGES, ids=name_of)
def test_links_inside_the_project(page: Path) -> None:
    wrong = []
    for link in links(page):
        if urlsplit(link).scheme:
            continue
        path, _, anchor = link.partition("#")
        target = (page.parent / path).resolve() if path else page
        there = target.exists() and target.is_relative_to(ROOT)
        if not there or (anchor and anchor not in anchors(target)):
            wrong.append(link)
    assert wrong == []


@pytest.mark.parametrize("page", PAGES, ids=name_of)
def test_addresses_are_https(page: Path) -> None:
    said = [link for link in links(page) if urlsplit(link).scheme]
    said += re.findall(r"<(\w+://[^>\s]*)>", page.read_text())
    hosts = [urlsplit(address).hostname or "" for address in said]
    assert [a for a in said if urlsplit(a).scheme != "https" or " " in a] == []
    assert [h for h in hosts if not re.fullmatch(r"([a-z0-9-]+\.)+[a-z]{2,}", h)] == []


def test_links_are_found() -> None:
    assert LINK.findall("a [b](c.md#d) ![e](f.svg) [g](https://h.org/i_(j))") == [
        "c.md#d",
        "f.svg",
        "https://h.org/i_(j)",
    ]
    assert sum(len(links(page)) for page in PAGES) > 100


def test_every_example_is_listed() -> None:
    page = ROOT / "docs" / "examples.md"
    scripts = {f"../examples/{path.name}" for path in (ROOT / "examples").glob("*.py")}
    assert scripts <= set(links(page))
