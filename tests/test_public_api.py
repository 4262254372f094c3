"""The public names of bellwire and their signatures, held by a golden file.

`pytest --update-cases` rewrites it, so that a review sees every change. What is in no `__all__` of
these modules is private.
"""

from __future__ import annotations

import enum
import inspect
import re
from collections.abc import Iterator
from importlib import import_module
from pathlib import Path
from typing import Any

import pytest

ROOT = Path(__file__).resolve().parent.parent
LISTED = ROOT / "tests" / "cases" / "api" / "public.txt"
MODULES = (
    "bellwire",
    "bellwire.backends",
    "bellwire.cirq",
    "bellwire.compiler.generation",
    "bellwire.errors",
    "bellwire.passes.pipeline",
    "bellwire.pictures",
    "bellwire.primitives",
    "bellwire.qec",
    "bellwire.qiskit_backend",
    "bellwire.qiskit_passes",
    "bellwire.qiskit_plugin",
    "bellwire.runtime.faults.scenario",
    "bellwire.runtime.telemetry.of_link_layer",
    "bellwire.runtime.telemetry.prometheus",
    "bellwire.sweeps",
    "bellwire.targets.noise",
    "bellwire.threshold",
)
IMPORTED = re.compile(r"(?:from|import) (bellwire(?:\.\w+)*)(?: import ([\w, ]+))?")


def public(module: str) -> dict[str, Any]:
    """The public names of a module and what they are."""
    found = import_module(module)
    return {name: getattr(found, name) for name in sorted(found.__all__)}


def members(cls: type) -> dict[str, Any]:
    """The public methods and properties that we wrote, those of our base classes included."""
    ours = [c for c in reversed(cls.__mro__) if c.__module__.startswith("bellwire")]
    found = {name: value for c in ours for name, value in vars(c).items()}
    kinds = (property, classmethod, staticmethod)
    return {
        name: value
        for name, value in sorted(found.items())
        if not name.startswith("_") and (inspect.isfunction(value) or isinstance(value, kinds))
    }


class Shown(str):
    """An annotation that is shown as it is written, without quotes."""

    def __repr__(self) -> str:
        return str(self)


def signature(value: Any) -> str:
    """How something is called, or the type of a property; nothing where Python cannot tell."""
    if isinstance(value, classmethod | staticmethod):
        value = value.__func__
    if isinstance(value, property):
        return f": {value.fget.__annotations__['return']}"
    try:
        found = inspect.signature(value)
    except ValueError:
        return ""
    parameters = [p.replace(annotation=shown(p.annotation)) for p in found.parameters.values()]
    returned = inspect.Signature.empty if inspect.isclass(value) else found.return_annotation
    return str(inspect.Signature(parameters, return_annotation=shown(returned)))


def shown(annotation: Any) -> Any:
    """Text as it is; anything else as inspect shows it."""
    return Shown(annotation) if isinstance(annotation, str) else annotation


def listing() -> Iterator[str]:
    """Every public module, its names with their signatures, and what classes have."""
    for module in MODULES:
        yield f"\n{module}"
        for name, value in public(module).items():
            if isinstance(value, enum.EnumType):
                yield f"    {name} = {', '.join(value.__members__)}"
            elif inspect.isclass(value):
                yield f"    class {name}{signature(value)}"
                yield from (f"        {m}{signature(v)}" for m, v in members(value).items())
            elif inspect.isfunction(value):
                yield f"    {name}{signature(value)}"
            else:
                yield f"    {name}"


def test_names_and_signatures_are_those_listed(request: pytest.FixtureRequest) -> None:
    text = "\n".join(listing()).lstrip("\n") + "\n"
    if request.config.getoption("--update-cases"):
        LISTED.write_text(text)
    assert LISTED.read_text() == text


@pytest.mark.parametrize("module", MODULES)
def test_everything_public_says_what_it_is(module: str) -> None:
    assert inspect.getdoc(import_module(module))
    silent = []
    for name, value in public(module).items():
        if inspect.isclass(value):
            silent += [f"{name}.{m}" for m in members(value) if not told(value, m)]
        if inspect.isclass(value) or inspect.isfunction(value):
            said = value.__doc__ or ""
            silent += [name] if not said or said.startswith(f"{name}(") else []  # as dataclass does
    assert silent == []


def told(cls: type, member: str) -> bool:
    """Whether the class, or one that it extends, says what a member is for."""
    return any(getattr(vars(c).get(member), "__doc__", None) for c in cls.__mro__)


def test_docs_and_examples_use_public_names_alone() -> None:
    wrong = []
    for path in (*ROOT.glob("*.md"), *(ROOT / "docs").rglob("*.md"), *examples()):
        for module, names in IMPORTED.findall(path.read_text()):
            home = import_module(module)
            known = {*getattr(home, "__all__", ()), *getattr(home, "_MODULES", ())}
            wanted = {n.split(" as ")[0].strip() for n in names.split(",") if n.strip()}
            if module not in MODULES or wanted - known:
                wrong.append((path.name, module, sorted(wanted - known)))
    assert wrong == []


def examples() -> list[Path]:
    """Scripts and notebooks."""
    return [*(ROOT / "examples").glob("*.py"), *(ROOT / "examples").rglob("*.ipynb")]
