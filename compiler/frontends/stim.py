"""Read Stim circuits: gates, measurements, resets, feedback and REPEAT."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING

from bellwire.compiler.builder import ProgramBuilder
from bellwire.compiler.conditions import bit
from bellwire.compiler.frontends.stim_gates import gate_steps
from bellwire.compiler.frontends.stim_lines import parse_with_lines
from bellwire.compiler.program import Op, Program, Qubit, Register, Stage
from bellwire.errors import NotSupported, ParseError

if TYPE_CHECKING:
    import stim

MAX_UNROLLED = 2_000_000  # operands of REPEAT blocks that hold measurements

# What turns the basis of a letter into Z, and Z back into it.
_BASIS: dict[str, tuple[tuple[str, ...], tuple[str, ...]]] = {
    "X": (("h",), ("h",)),
    "Y": (("sx",), ("sxdg",)),
    "Z": ((), ()),
}
_FEEDBACK = {"CX": "x", "CY": "y", "CZ": "z", "XCZ": "x", "YCZ": "y"}
_IGNORED = frozenset(("QUBIT_COORDS",))
_ANNOTATIONS = frozenset(("DETECTOR", "OBSERVABLE_INCLUDE", "SHIFT_COORDS", "MPAD"))
_ADVICE = {
    "DETECTOR": "take detectors out",
    "OBSERVABLE_INCLUDE": "take observables out",
    "SHIFT_COORDS": "take coordinates out",
    "MPAD": "take padding out of the record",
}


def from_stim(source: stim.Circuit | str, path: str = "") -> Program:
    """Turn a Stim circuit, or the text of one, into a LOGICAL Program.

    Its qubits are those that the circuit acts on, each under Stim's own number: q[0], q[1], ... The
    register `rec` has one bit for each measurement. `source` of an operation is its line in a
    text, or the number of its instruction in a circuit. REPEAT stays a loop unless it measures:
    then it is unrolled, for each turn has its own bits. Raises ParseError for wrong text,
    NotSupported for noise, detectors and sweep bits, by name.
    """
    import stim

    circuit = parse_with_lines(source, path) if isinstance(source, str) else source
    if not isinstance(circuit, stim.Circuit):
        raise ParseError(f"found {type(circuit).__name__}; give a stim.Circuit or its text", path)
    return _Reader(circuit, path, lines=isinstance(source, str)).read()


class _Reader:
    def __init__(self, circuit: stim.Circuit, path: str, *, lines: bool) -> None:
        self.circuit, self.path, self.lines = circuit, path, lines
        self.source = -1
        self.measured = 0
        self.at: dict[int, int] = {}
        self.read_gate: dict[str, Callable[[ProgramBuilder, stim.CircuitInstruction], None]] = {
            "TICK": self._tick,
            "MPP": self._measure_products,
            "SPP": self._rotate_products,
            "SPP_DAG": self._rotate_products,
            "MXX": self._measure_pairs,
            "MYY": self._measure_pairs,
            "MZZ": self._measure_pairs,
        }
        for basis in "XYZ":
            short = "" if basis == "Z" else basis
            self.read_gate |= {f"{m}{short}": self._measure_reset for m in ("M", "R", "MR")}

    def read(self) -> Program:
        """Read all instructions."""
        self._check_size()
        used = sorted(_used_qubits(self.circuit))
        self.at = {q: i for i, q in enumerate(used)}
        registers = [Register("rec", n)] if (n := self.circuit.num_measurements) else []
        qubits = [Qubit(f"q[{q}]") for q in used]
        builder = ProgramBuilder(qubits, registers, name=Path(self.path).stem or "program")
        for number, instruction in enumerate(self.circuit):
            self.source = number
            self._instruction(builder, instruction)
        return builder.finish(Stage.LOGICAL)

    def _check_size(self) -> None:
        for number, instruction in enumerate(self.circuit):
            if instruction.name == "REPEAT":
                size = _unrolled_size(instruction)
                if size > MAX_UNROLLED:
                    self.source = self._line(instruction, number)
                    raise NotSupported(
                        f"{self._place()}: this REPEAT measures and unrolls to {size:,} targets; "
                        f"at most {MAX_UNROLLED:,} can be kept, so repeat less"
                    )

    def _line(self, instruction: stim.CircuitInstruction | stim.CircuitRepeatBlock, n: int) -> int:
        return int(instruction.tag) if self.lines and instruction.tag else n

    def _place(self) -> str:
        if not self.lines:
            return f"{self.path or 'stim.Circuit'}: instruction {self.source}"
        return f"{self.path or 'stim'}:{self.source}"

    def _refuse(self, what: str, advice: str) -> NotSupported:
        return NotSupported(f"{self._place()}: {what}; {advice}")

    def _instruction(
        self, builder: ProgramBuilder, found: stim.CircuitInstruction | stim.CircuitRepeatBlock
    ) -> None:
        import stim

        self.source = self._line(found, self.source)
        if isinstance(found, stim.CircuitRepeatBlock):
            self._repeat(builder, found)
            return
        name = found.name
        if name in _IGNORED:
            return
        if name in _ANNOTATIONS:
            raise self._refuse(f"{name} is not carried yet", _ADVICE[name])
        self._refuse_noise(found)
        if name in self.read_gate:
            self.read_gate[name](builder, found)
        else:
            self._gate(builder, found)

    def _refuse_noise(self, found: stim.CircuitInstruction) -> None:
        if not _may_be_noisy(found.name):
            return
        chances = found.gate_args_copy()
        if any(chances) or found.name not in self.read_gate:
            text = ",".join(f"{c:g}" for c in chances)
            raise self._refuse(
                f"{found.name}({text}) is noise", "noise belongs to the machine: take it out"
            )

    def _repeat(self, builder: ProgramBuilder, block: stim.CircuitRepeatBlock) -> None:
        body, line = block.body_copy(), self.source
        if block.num_measurements:
            for _ in range(block.repeat_count):
                for inner in body:
                    self.source = line
                    self._instruction(builder, inner)
            return
        child = builder.child()
        for inner in body:
            self.source = line
            self._instruction(child, inner)
        turns = (float(block.repeat_count),)
        builder.append_flow(Op("for_loop", (), turns, source=line), [child])

    def _gate(self, builder: ProgramBuilder, found: stim.CircuitInstruction) -> None:
        steps, at, source = gate_steps(found.name), self.at, self.source
        for group in found.target_groups():
            if not all(t.is_qubit_target for t in group):
                self._feedback(builder, found.name, group)
                continue
            for row, places in steps:
                builder.append(row, [at[group[p].value] for p in places], source=source)

    def _feedback(self, builder: ProgramBuilder, name: str, group: list[stim.GateTarget]) -> None:
        if any(t.is_sweep_bit_target for t in group):
            raise self._refuse(f"{name} reads a sweep bit", "sweep bits have no value here")
        records = [t for t in group if t.is_measurement_record_target]
        qubits = [self.at[t.value] for t in group if t.is_qubit_target]
        if not qubits:  # a phase that nobody sees
            return
        index = self.measured + records[0].value
        if index < 0:
            raise ParseError(
                f"rec[{records[0].value}] is before the first measurement; measure earlier",
                self.path,
                self.source if self.lines else 0,
            )
        builder.append(_FEEDBACK[name], qubits, condition=bit(index), source=self.source)

    def _tick(self, builder: ProgramBuilder, found: stim.CircuitInstruction) -> None:
        builder.append("barrier", range(len(self.at)), source=self.source)

    def _rows(self, builder: ProgramBuilder, rows: Iterable[str], qubit: int) -> None:
        for row in rows:
            builder.append(row, (qubit,), source=self.source)

    def _measure(self, builder: ProgramBuilder, qubit: int) -> None:
        builder.append("measure", (qubit,), (), (self.measured,), source=self.source)
        self.measured += 1

    def _measure_reset(self, builder: ProgramBuilder, found: stim.CircuitInstruction) -> None:
        name = found.name
        into, back = _BASIS[name[-1] if name[-1] in _BASIS else "Z"]
        for target in found.targets_copy():
            qubit, flip = self.at[target.value], ("x",) * target.is_inverted_result_target
            if name[0] == "M":
                self._rows(builder, (*into, *flip), qubit)
                self._measure(builder, qubit)
            if "R" in name:
                self._rows(builder, ("reset",), qubit)
            else:
                self._rows(builder, flip, qubit)
            self._rows(builder, back, qubit)

    def _measure_pairs(self, builder: ProgramBuilder, found: stim.CircuitInstruction) -> None:
        for group in found.target_groups():
            flip = sum(t.is_inverted_result_target for t in group) % 2 == 1
            product = {self.at[t.value]: found.name[-1] for t in group}
            self._measure_parity(builder, product, flip)

    def _measure_products(self, builder: ProgramBuilder, found: stim.CircuitInstruction) -> None:
        for group in found.target_groups():
            self._measure_parity(builder, *self._product(group))

    def _measure_parity(self, builder: ProgramBuilder, product: dict[int, str], flip: bool) -> None:
        qubit = self._gather(builder, product)
        self._rows(builder, ("x",) * flip, qubit)
        self._measure(builder, qubit)
        self._rows(builder, ("x",) * flip, qubit)
        self._scatter(builder, product)

    def _rotate_products(self, builder: ProgramBuilder, found: stim.CircuitInstruction) -> None:
        for group in found.target_groups():
            product, flip = self._product(group)
            qubit = self._gather(builder, product)
            self._rows(builder, ("sdg" if flip != (found.name == "SPP_DAG") else "s",), qubit)
            self._scatter(builder, product)

    def _product(self, group: list[stim.GateTarget]) -> tuple[dict[int, str], bool]:
        """The Pauli letter of each qubit in a product, and whether its sign is minus."""
        import stim

        at = sorted({t.value for t in group})
        product = stim.PauliString(len(at))
        for target in group:
            factor = stim.PauliString(len(at))
            factor[at.index(target.value)] = target.pauli_type
            product *= -factor if target.is_inverted_result_target else factor
        if product.sign not in (1, -1):
            raise self._refuse("a product of Paulis is not Hermitian", "mend its factors")
        letters = {self.at[q]: "IXYZ"[product[i]] for i, q in enumerate(at)}
        return {q: c for q, c in letters.items() if c != "I"}, product.sign == -1

    def _gather(self, builder: ProgramBuilder, product: dict[int, str]) -> int:
        """Bring the product's parity onto its last qubit, in the Z basis; returns that qubit."""
        if not product:
            raise self._refuse("a product of Paulis is the identity", "take it out")
        *others, last = product
        for q, letter in product.items():
            self._rows(builder, _BASIS[letter][0], q)
        for q in others:
            builder.append("cx", (q, last), source=self.source)
        return last

    def _scatter(self, builder: ProgramBuilder, product: dict[int, str]) -> None:
        """Undo `_gather`."""
        *others, last = product
        for q in reversed(others):
            builder.append("cx", (q, last), source=self.source)
        for q, letter in product.items():
            self._rows(builder, _BASIS[letter][1], q)


@cache
def _may_be_noisy(name: str) -> bool:
    import stim

    return bool(stim.gate_data(name).is_noisy_gate)


def _used_qubits(circuit: stim.Circuit) -> set[int]:
    import stim

    used: set[int] = set()
    for found in circuit:
        if isinstance(found, stim.CircuitRepeatBlock):
            used |= _used_qubits(found.body_copy())
        elif found.name not in _IGNORED:
            used.update(t.value for t in found.targets_copy() if _names_qubit(t))
    return used


def _names_qubit(target: stim.GateTarget) -> bool:
    return bool(target.is_qubit_target or target.pauli_type != "I")


def _unrolled_size(block: stim.CircuitRepeatBlock) -> int:
    """How many targets a block has once the loops that measure are unrolled."""
    import stim

    size = 0
    for found in block.body_copy():
        if isinstance(found, stim.CircuitRepeatBlock):
            size += _unrolled_size(found)
        else:
            size += 1 + len(found.targets_copy())
    return size * (block.repeat_count if block.num_measurements else 1)
