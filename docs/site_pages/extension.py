"""The Sphinx extension of the site: pages from the code, and links from types to their pages."""

from __future__ import annotations

import re
from enum import Enum
from functools import cached_property
from pathlib import Path
from typing import Any

from docutils import nodes
from sphinx.application import Sphinx
from sphinx.util import logging
from sphinx.util.nodes import make_refnode

from site_pages import commands, machines, modules, operations, recipes

GENERATED = "_generated"
_LOADED = re.compile(r"""<(?:link|script|img|iframe|source)\b[^>]*?["'](?:https?:)?//[^"']*""")
_LOG = logging.getLogger(__name__)
_OBJECT = re.compile(r"<[^<>]*>")
_BAR = re.compile(r"(?<![\\`])\|")
_ARRAY = re.compile(r"~?numpy\.ndarray\[tuple\[~?typing\.Any, \.\.\.\], ~?numpy\.dtype\[(.*?)\]\]")


def setup(app: Sphinx) -> dict[str, Any]:
    """Called by Sphinx."""
    app.connect("config-inited", lambda app, _: write_pages(Path(app.confdir) / GENERATED))
    app.connect("autodoc-process-docstring", _as_text)
    app.connect("autodoc-process-signature", _readable)
    app.connect("autodoc-skip-member", _skip_fields)
    app.connect("missing-reference", _find_type)
    app.connect("build-finished", _nothing_from_elsewhere)
    return {"parallel_read_safe": True, "parallel_write_safe": True}


def write_pages(folder: Path) -> None:
    """Write all pages that are made from the code; those that are no longer made go."""
    made = {
        "commands": commands.page(),
        "machines": machines.page(),
        "operations": operations.page(lambda name: f"../pictures/protocols/{name}.svg"),
        "recipes": recipes.page(),
        **{f"api/{name}": text for name, text in modules.pages().items()},
    }
    (folder / "api").mkdir(parents=True, exist_ok=True)
    for old in folder.rglob("*.md"):
        if str(old.relative_to(folder).with_suffix("")) not in made:
            old.unlink()
    for name, text in made.items():
        path = folder / f"{name}.md"
        if not path.exists() or path.read_text() != text:
            path.write_text(text)


def _nothing_from_elsewhere(app: Sphinx, error: Exception | None) -> None:
    """Pages must load nothing from other hosts: no scripts, styles, fonts or pictures."""
    if error is not None or app.builder is None or app.builder.name != "html":
        return
    for page in Path(app.outdir).rglob("*.html"):
        for found in _LOADED.findall(page.read_text(encoding="utf-8")):
            _LOG.warning("%s loads %s; keep what it needs in the project", page.name, found)


def _as_text(app: Sphinx, what: str, name: str, thing: Any, options: Any, lines: list[str]) -> None:
    """Bars in docstrings, as in |0>, are bars."""
    for i, line in enumerate(lines):
        if not line.lstrip().startswith(">>>"):
            lines[i] = _BAR.sub(r"\|", line)


def _readable(
    app: Sphinx, what: str, name: str, thing: Any, options: Any, said: str | None, back: str | None
) -> tuple[str | None, str | None]:
    """Arrays of any shape as the code writes them; defaults that are objects as dots."""
    short = [text and _ARRAY.sub(r"NDArray[\1]", text) for text in (said, back)]
    return short[0] and _OBJECT.sub("...", short[0]), short[1]


def _skip_fields(app: Sphinx, what: str, name: str, thing: Any, skip: bool, options: Any) -> Any:
    """Fields stand in the signature of their class already; members of enumerations do not."""
    shown = callable(thing) or isinstance(thing, Enum | property | cached_property)
    return None if shown else True


def _find_type(app: Sphinx, env: Any, node: Any, content: nodes.Element) -> nodes.Node | None:
    """Types in signatures: a link where exactly one class has the name, else plain text.

    References on other pages are made by hand and must be found.
    """
    if node.get("refdomain") != "py" or node.get("reftype") not in ("class", "exc", "obj"):
        return None
    if node.get("refexplicit") or "/api/" not in node["refdoc"]:
        return None
    last = node["reftarget"].rpartition(".")[2]
    known = env.domaindata["py"]["objects"]
    found = [name for name in known if name.rpartition(".")[2] == last]
    if len(found) != 1 or known[found[0]].objtype == "module":
        return content
    name, entry = found[0], known[found[0]]
    assert app.builder is not None
    return make_refnode(app.builder, node["refdoc"], entry.docname, entry.node_id, content, name)
