"""A page for each public module, made by autodoc from its docstrings, and for each package."""

from __future__ import annotations

import ast
from collections.abc import Sequence
from pathlib import Path

from site_pages.markdown import table
from site_pages.recipes import pass_modules

ROOT = Path(__file__).resolve().parents[2]
FOLDERS = ("compiler", "passes", "targets", "runtime")

FRONT = (
    "api",
    "backends",
    "cirq",
    "errors",
    "pictures",
    "pictures.svg",
    "primitives",
    "qec",
    "qiskit_backend",
    "qiskit_passes",
    "qiskit_plugin",
    "sweeps",
    "sweeps.run",
    "threshold",
)
INSIDE = {
    "compiler": (
        "compiler.builder",
        "compiler.ebit_totals",
        "compiler.ebit_uses",
        "compiler.emitters.cirq",
        "compiler.emitters.openqasm",
        "compiler.emitters.qiskit",
        "compiler.emitters.stim",
        "compiler.emitters.text",
        "compiler.equivalence",
        "compiler.fidelity",
        "compiler.frontends.read",
        "compiler.generation",
        "compiler.metrics",
        "compiler.operations",
        "compiler.plan",
        "compiler.prediction",
        "compiler.program",
        "compiler.verify",
    ),
    "passes": (
        "passes.recipes",
        "passes.pipeline",
        *(name.removeprefix("bellwire.") for name in pass_modules()),
        "passes.choose_schedule",
        "passes.lower_bound",
        "passes.optimal",
    ),
    "targets": (
        "targets.buffers",
        "targets.load",
        "targets.machine",
        "targets.noise",
        "targets.photons",
        "targets.presets",
        "targets.purification",
        "targets.remote_gates",
        "targets.shapes",
        "targets.waiting",
    ),
    "runtime": (
        "runtime.execute",
        "runtime.faults.scenario",
        "runtime.link_layer.codes",
        "runtime.link_layer.events",
        "runtime.link_layer.request",
        "runtime.link_layer.service",
        "runtime.losses",
        "runtime.preflight",
        "runtime.result",
        "runtime.slo",
        "runtime.split",
        "runtime.telemetry.measurements",
        "runtime.telemetry.of_link_layer",
        "runtime.telemetry.prometheus",
        "runtime.telemetry.traces",
    ),
}
AUTODOC = """# {name}

```{{eval-rst}}
.. automodule:: {name}
   :members:
   :undoc-members:
```
"""


def pages() -> dict[str, str]:
    """Name of the page -> Markdown."""
    out = {"bellwire": _front()}
    for name in (*FRONT, *(name for names in INSIDE.values() for name in names)):
        out[f"bellwire.{name}"] = AUTODOC.format(name=f"bellwire.{name}")
    for package, names in INSIDE.items():
        out[f"bellwire.{package}"] = _package(package, names)
    return out


def _front() -> str:
    import bellwire

    homes = {name: f"bellwire.{home}" for name, home in bellwire._HOMES.items()}
    names = ((f"{{py:obj}}`{n} <{homes[n]}.{n}>`", _first_line(homes[n], n)) for n in homes)
    return "\n".join(
        [
            "# bellwire\n",
            "What `import bellwire` gives; everything is imported when it is first used.\n",
            table(("name", "what"), names),
            "## Modules of the front door\n",
            _toctree(FRONT, ""),
        ]
    )


def _package(package: str, names: tuple[str, ...]) -> str:
    folder = ROOT / package
    inner = [path for path in sorted(folder.rglob("*.py")) if path.name != "__init__.py"]
    rows = ((f"`{path.relative_to(ROOT)}`", _says(path)) for path in inner)
    return "\n".join(
        [
            f"# bellwire.{package}\n",
            f"{_says(folder / '__init__.py')}\n",
            _toctree(names, f"{package}."),
            "## All files\n",
            table(("file", "what is inside"), rows),
        ]
    )


def _toctree(names: Sequence[str], prefix: str) -> str:
    """The pages of modules, named without what all of them begin with."""
    lines = (f"{name.removeprefix(prefix)} <bellwire.{name}>" for name in names)
    return "\n".join(["```{toctree}", ":maxdepth: 1", "", *lines, "```\n"])


def _says(path: Path) -> str:
    """The first sentence of a file."""
    return (ast.get_docstring(ast.parse(path.read_text())) or "").split("\n\n")[0]


def _first_line(module: str, name: str) -> str:
    """The first sentence about a class or function."""
    from importlib import import_module
    from inspect import getdoc

    return (getdoc(getattr(import_module(module), name)) or "").split("\n\n")[0]
