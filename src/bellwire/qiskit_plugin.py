"""Stages of Qiskit's transpiler for modular machines: layout, routing and scheduling "bellwire".

Every `transpile` of anybody loads this file, so it imports nothing but Qiskit itself.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from qiskit.transpiler import PassManager, PassManagerConfig, TranspilerError
from qiskit.transpiler.preset_passmanagers import common
from qiskit.transpiler.preset_passmanagers.plugin import PassManagerStagePlugin

if TYPE_CHECKING:
    from bellwire.targets.machine import Machine

__all__ = ["LayoutPlugin", "RoutingPlugin", "SchedulingPlugin"]

NAME = "bellwire"


def _machine(config: PassManagerConfig) -> Machine:
    machine: Machine | None = getattr(config.target, "machine", None)
    if machine is None:
        raise TranspilerError(
            "bellwire: the target does not say which machine it is for; give "
            "backend=machine.to_qiskit() alone, without basis_gates, coupling_map or target"
        )
    return machine


def _options(config: PassManagerConfig, level: int | None) -> dict[str, Any]:
    return {"level": 2 if level is None else level, "seed": config.seed_transpiler or 0}


class LayoutPlugin(PassManagerStagePlugin):
    """Lay qubits out by modules, so that few gates are between them."""

    def pass_manager(
        self, pass_manager_config: PassManagerConfig, optimization_level: int | None = None
    ) -> PassManager:
        """Take the user's layout if there is one, else choose one, then embed the circuit."""
        from qiskit.transpiler.passes import SetLayout

        from bellwire.qiskit_passes import ModularLayout

        config = pass_manager_config
        machine = _machine(config)
        stage = PassManager([SetLayout(config.initial_layout)])
        stage.append(ModularLayout(machine, **_options(config, optimization_level)))
        return stage + common.generate_embed_passmanager(config.target)


class RoutingPlugin(PassManagerStagePlugin):
    """Turn gates between modules into Bell pairs and messages, and route inside the modules."""

    def pass_manager(
        self, pass_manager_config: PassManagerConfig, optimization_level: int | None = None
    ) -> PassManager:
        """Lower the circuit. The stages after this one get a Target that shows Bell pairs."""
        from bellwire.qiskit_passes import LowerLinks
        from bellwire.targets.qiskit_backend import machine_target

        config = pass_manager_config
        machine = _machine(config)
        # This is the only channel to the later stages, which read the same configuration.
        config.target = machine_target(machine, physical=True)
        # A named layout method keeps level 3 from moving states onto communication qubits at last.
        config.layout_method = config.layout_method or NAME
        options = _options(config, optimization_level)
        return PassManager([LowerLinks(machine, **options, sealed=True)])


class SchedulingPlugin(PassManagerStagePlugin):
    """Lower what Qiskit's own routing left: gates across links. The backend asks for this stage."""

    def pass_manager(
        self, pass_manager_config: PassManagerConfig, optimization_level: int | None = None
    ) -> PassManager:
        """Lower the circuit unless it is lowered already."""
        from bellwire.qiskit_passes import FinishLinks

        config = pass_manager_config
        options = _options(config, optimization_level)
        free = config.layout_method is None and config.initial_layout is None
        return PassManager([FinishLinks(_machine(config), **options, free=free)])
