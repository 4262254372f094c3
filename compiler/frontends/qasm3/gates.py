"""Gates of an OpenQASM 3 program: definitions, and what a call comes to in rows of the table."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any

import numpy as np

from bellwire.compiler.frontends.qasm3.bodies import Bodies, Part, spell_out
from bellwire.compiler.frontends.qasm3.calls import arity
from bellwire.compiler.frontends.qasm3.expressions import NoValue
from bellwire.compiler.frontends.qasm3.objects import (
    empty_circuit,
    modified,
    phase_gate,
    standard_gate,
    steps_of,
)
from bellwire.compiler.frontends.qasm3.parse import Located, Source, tokens_of
from bellwire.compiler.frontends.qasm3.scopes import Gate, Scopes, Standard
from bellwire.compiler.frontends.qasm3.standard import ARITY, ROW_OF, Modifier, fold
from bellwire.compiler.frontends.qiskit_unroll import Steps
from bellwire.compiler.frontends.synthesis import Step
from bellwire.compiler.operations import TABLE
from bellwire.errors import BellwireError, NotSupported

if TYPE_CHECKING:
    from lark import Token, Tree

MAX_LEVELS = 50  # of gates defined through gates
MAX_STEPS = 250_000  # of one call
MAX_MODIFIED = 2_000  # of a call under ctrl, negctrl, inv or pow
_TEST_ANGLES = ((0.37, -1.13, 2.21), (-2.9, 0.61, 1.7))
_MAX_TEST_STEPS = 200


class Gates:
    """Defines gates and works out calls; what was worked out once is remembered."""

    def __init__(self, source: Source, scopes: Scopes) -> None:
        self.source, self.scopes = source, scopes
        self.bodies = Bodies(source, scopes)
        self._steps: dict[tuple[object, ...], Steps] = {}
        self._objects: dict[tuple[object, ...], Any] = {}

    def define(self, node: Tree[Token]) -> None:
        """Take in a gate definition. Raises ParseError for names that it cannot know."""
        children: list[Any] = node.children
        _, name, angles, qubits, body = children
        tokens = [[] if n is None else list(n.children) for n in (angles, qubits)]
        seen: set[str] = set()
        for token in (*tokens[0], *tokens[1]):
            if str(token) in seen:
                raise self.source.wrong(token, f"{token} stands twice; take another name")
            seen.add(str(token))
        spell_out(body, self.source)
        called = {s for t in tokens_of(body) if isinstance(s := self.scopes.find(str(t)), Gate)}
        level = 1 + max((g.level for g in called), default=0)
        if level > MAX_LEVELS:
            message = f"gates defined through more than {MAX_LEVELS} levels of gates; flatten them"
            raise self.source.cannot(name, message)
        names = [tuple(str(t) for t in ts) for ts in tokens]
        gate = Gate(str(name), names[0], names[1], body, level=level)
        self._look_through(gate)
        self.scopes.define(name, gate)
        if arity(gate) == ARITY.get(gate.name) and gate.name in TABLE and self._means_row(gate):
            self.scopes.set(gate.name, replace(gate, row=gate.name))

    def _look_through(self, gate: Gate) -> None:
        """Read the body once, so that what is wrong in it is found where it stands."""
        try:
            self.bodies.parts(gate, [0.1 + 0.01 * i for i in range(len(gate.angles))])
        except NoValue:  # these angles have no value there; those of a call may have one
            return

    def _means_row(self, gate: Gate) -> bool:
        """Whether a gate is the row of its name, up to a global phase, at some angles."""
        from bellwire.compiler.frontends.synthesis import matrix_of

        qubits = TABLE[gate.name].num_qubits
        for angles in _TEST_ANGLES:
            given = angles[: len(gate.angles)]
            try:
                steps = [s for s in self._joined(gate, given) if s[0] != "barrier"]
            except BellwireError:  # a call of it will say what is wrong
                return False
            if len(steps) > _MAX_TEST_STEPS or any(TABLE[s[0]].matrix is None for s in steps):
                return False
            one = matrix_of(steps, qubits)
            two = matrix_of([(gate.name, tuple(range(qubits)), given)], qubits)
            if not abs(abs(np.vdot(one, two)) - len(one)) < 1e-12:
                return False
        return True

    def steps(
        self,
        name: Token,
        symbol: Gate | Standard,
        angles: tuple[float, ...],
        modifiers: tuple[Modifier, ...] = (),
    ) -> Steps:
        """Write a call as rows, up to a global phase. Raises NotSupported where it is too large."""
        key = (symbol, angles, modifiers)
        found = self._steps.get(key)
        if found is None:
            try:
                found = self._work_out(symbol, angles, modifiers)
            except Located:
                raise
            except NotSupported as error:
                raise self.source.cannot(name, str(error)) from None
            self._steps[key] = found
        return found

    def phase_steps(self, name: Token, angle: float, modifiers: tuple[Modifier, ...]) -> Steps:
        """Write a gphase as rows: none, unless it is controlled."""
        try:
            _, gate = phase_gate(angle, modifiers)
            return () if gate is None else steps_of(gate)
        except NotSupported as error:
            raise self.source.cannot(name, str(error)) from None

    def _work_out(
        self, symbol: Gate | Standard, angles: tuple[float, ...], modifiers: tuple[Modifier, ...]
    ) -> Steps:
        row = symbol.row if isinstance(symbol, Gate) else ROW_OF.get(symbol.name)
        # A definition may differ from its row by a phase, which a modifier could bring to light.
        if row is not None and (not modifiers or isinstance(symbol, Standard)):
            call = fold(row, angles, modifiers)
            if call is not None:
                return ((call[0], tuple(range(TABLE[call[0]].num_qubits)), call[1]),)
        if modifiers:
            return steps_of(modified(self._object(symbol, angles), modifiers))
        if isinstance(symbol, Standard):
            return steps_of(standard_gate(symbol.name, angles))
        return self._joined(symbol, angles)

    def _joined(self, gate: Gate, angles: tuple[float, ...]) -> Steps:
        out: list[Step] = []
        for part in self.bodies.parts(gate, angles):
            at = part.places
            for row, places, given in self._part(part):
                out.append((row, tuple([at[p] for p in places]), given))
            if len(out) > MAX_STEPS:
                raise NotSupported(
                    f"gate {gate.name} comes to more than {MAX_STEPS:,} operations; split it"
                )
        return tuple(out)

    def _part(self, part: Part) -> Steps:
        if part.symbol is not None:
            return self.steps(part.name, part.symbol, part.angles, part.modifiers)
        if part.name == "gphase":
            return self.phase_steps(part.name, part.angles[0], part.modifiers)
        if part.name == "delay":
            return tuple(("delay", (i,), part.angles) for i in range(len(part.places)))
        return (("barrier", tuple(range(len(part.places))), ()),)

    def _object(self, symbol: Gate | Standard, angles: tuple[float, ...]) -> Any:
        """A gate as Qiskit has it, global phases included."""
        if isinstance(symbol, Standard):
            return standard_gate(symbol.name, angles)
        key = (symbol, angles)
        if key not in self._objects:
            if len(self._joined(symbol, angles)) > MAX_MODIFIED:
                raise NotSupported(
                    f"gate {symbol.name} under a modifier comes to more than {MAX_MODIFIED:,} "
                    "operations; write them out"
                )
            self._objects[key] = self._circuit(symbol, angles).to_gate(label=None)
        return self._objects[key]

    def _circuit(self, symbol: Gate, angles: tuple[float, ...]) -> Any:
        circuit = empty_circuit(len(symbol.qubits))
        for part in self.bodies.parts(symbol, angles):
            if part.symbol is not None:
                gate = modified(self._object(part.symbol, part.angles), part.modifiers)
                circuit.append(gate, part.places)
            elif part.name == "gphase":
                phase, gate = phase_gate(part.angles[0], part.modifiers)
                circuit.global_phase += phase
                if gate is not None:
                    circuit.append(gate, part.places)
            elif part.name == "delay":
                raise self.source.cannot(
                    part.name,
                    f"a delay in gate {symbol.name}, which is called under a modifier; take it out",
                )
        return circuit
