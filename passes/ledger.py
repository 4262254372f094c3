"""The ledger: where every state is, and the room that is left, while a program is written.

Communication qubits are a hard limit at every step: a Bell pair needs one free in each of its two
modules and two in each module that it is swapped through; a copy holds one until it is given back.
When room is short the copy that is needed last gives way and is made anew when its turn comes, so
one communication qubit per module is enough.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager

from bellwire.compiler.program import ProgramBuilder, Qubit
from bellwire.passes.paths import Routes
from bellwire.targets.machine import Machine

Copy = tuple[int, int]  # (qubit, module)


class Ledger:
    """Homes, wires, copies and room of all qubits; writes the rows that change them."""

    def __init__(self, machine: Machine, out: ProgramBuilder, home: Sequence[int]) -> None:
        self.machine, self.out, self.routes = machine, out, Routes(machine)
        self.home = list(home)
        self.wire = list(range(len(home)))
        self.copies: list[dict[int, int]] = [{} for _ in home]  # qubit -> {module: wire}
        self.held: list[dict[int, int]] = [{} for _ in machine.modules]  # module -> {qubit: wire}
        self.free_comm = [m.comm_qubits for m in machine.modules]
        self.free_data = [m.data_qubits for m in machine.modules]
        for h in home:
            self.free_data[h] -= 1
        self.first_bit = sum(r.width for r in out.registers)
        self.bits = 0
        self.made = 0
        self.source = -1
        self.urgency: Callable[[int, int], int] = lambda q, m: 0  # when a copy is wanted next

    @contextmanager
    def writing_to(self, inner: ProgramBuilder) -> Iterator[None]:
        """Write into a nested block for a while."""
        outer, self.out = self.out, inner
        yield
        self.out = outer

    # --- where states are ---------------------------------------------------------------------

    def live(self, q: int) -> list[int]:
        """The modules that hold the qubit, its home first."""
        return [self.home[q], *self.copies[q]]

    def at(self, q: int, module: int) -> int:
        """The wire that holds the qubit in a module."""
        return self.wire[q] if module == self.home[q] else self.copies[q][module]

    def common(self, u: int, v: int) -> int | None:
        """A module that holds both qubits, None if there is none."""
        if self.home[u] == self.home[v]:
            return self.home[u]
        return next((m for m in self.live(u) if m in set(self.live(v))), None)

    # --- prices and room ------------------------------------------------------------------------

    def _nearest(self, q: int, module: int) -> list[int]:
        return sorted(
            (m for m in self.live(q) if self.routes.swap(m, module)),
            key=lambda m: (len(self.routes.swap(m, module)), m),
        )

    def cost(self, opens: Sequence[Copy]) -> float:
        """Bell pairs for some copies, plus those to make anew the ones that must give way."""
        total = 0.0
        for q, module in opens:
            sources = self._nearest(q, module)
            if not sources:
                return float("inf")
            way = self.routes.swap(sources[0], module)
            total += len(way) - 1
            for node in way:
                need = 1 if node in (way[0], way[-1]) else 2
                total += max(0, need - self.free_comm[node])
        return total

    def _room(self, module: int, keep: set[Copy]) -> int:
        evictable = sum((q, module) not in keep for q in self.held[module])
        return self.free_comm[module] + evictable

    def _make_room(self, module: int, need: int, keep: set[Copy]) -> None:
        while self.free_comm[module] < need:
            victims = [q for q in self.held[module] if (q, module) not in keep]
            self.close(max(victims, key=lambda q: (self.urgency(q, module), q)), module)

    def _reserve(self, q: int, module: int, keep: set[Copy]) -> int | None:
        """Make room for a Bell pair from a holder of the qubit to a module; that holder or None."""
        for source in self._nearest(q, module):
            way = self.routes.swap(source, module)
            needs = [(m, 1 if m in (source, module) else 2) for m in way]
            kept = keep | {(q, source)}
            if all(self._room(m, kept) >= need for m, need in needs):
                for m, need in needs:
                    self._make_room(m, need, kept)
                return source
        return None

    # --- rows -------------------------------------------------------------------------------------

    def _row(self, name: str, qubits: Sequence[int], bits: int = 0) -> None:
        first = self.first_bit + self.bits
        self.out.append(name, qubits, bits=range(first, first + bits), source=self.source)
        self.bits += bits

    def _half(self, module: int) -> int:
        name = self.machine.modules[module].name
        return self.out.add_qubit(Qubit(f"{name}.half{self.made}", name, "comm"))

    def _pair(self, a: int, b: int) -> tuple[int, int]:
        near, far = self._half(a), self._half(b)
        self.made += 1
        self._row("ebit", (near, far))
        return near, far

    def open_copies(self, opens: Sequence[Copy], keep: set[Copy]) -> bool:
        """Open copies one after the other; says whether there was room for all."""
        for q, module in opens:
            source = self._reserve(q, module, keep)
            if source is None:
                return False
            near, far = self._pair(source, module)
            self._row("cat_entangle", (self.at(q, source), near, far), 1)
            self.copies[q][module] = self.held[module][q] = far
            self.free_comm[module] -= 1
        return True

    def close(self, q: int, module: int) -> None:
        """Give a copy back."""
        wire = self.copies[q].pop(module)
        del self.held[module][q]
        self.free_comm[module] += 1
        self._row("cat_disentangle", (wire, self.wire[q]), 1)

    def close_all(self, q: int) -> None:
        """Give all copies of a qubit back."""
        for module in list(self.copies[q]):
            self.close(q, module)

    def close_everything(self) -> None:
        """Give all copies back."""
        for q, copies in enumerate(self.copies):
            if copies:
                self.close_all(q)

    # --- moving homes -----------------------------------------------------------------------------

    def move_home(self, q: int, module: int) -> bool:
        """Move a qubit's home by a copy that is there or by a teleport; says whether it could."""
        if not self.free_data[module]:
            return False
        if module not in self.copies[q] and not self._teleport(q, module):
            return False
        if module in self.copies[q]:  # free move: end the home, the copy stays
            for other in [m for m in self.copies[q] if m != module]:
                self.close(q, other)
            far = self.copies[q].pop(module)
            del self.held[module][q]
            self._row("cat_disentangle", (self.wire[q], far), 1)
            self._settle(q, module, far)
        return True

    def _teleport(self, q: int, module: int) -> bool:
        self.close_all(q)
        source = self._reserve(q, module, set())
        if source is None:
            return False
        near, far = self._pair(source, module)
        self._row("teleport", (self.wire[q], near, far), 2)
        self.free_comm[module] -= 1
        self._settle(q, module, far)
        return True

    def _settle(self, q: int, module: int, far: int) -> None:
        """Put a state that arrived on a communication qubit into a data qubit."""
        name = self.machine.modules[module].name
        title = self.out.qubits[self.wire[q]].name.split("@")[0]
        wire = self.out.add_qubit(Qubit(f"{title}@{name}{self.made}", name, "data"))
        self.made += 1
        self._row("move", (far, wire))
        self.free_comm[module] += 1
        self.free_data[module] -= 1
        self.free_data[self.home[q]] += 1
        self.home[q], self.wire[q] = module, wire

    # --- where nothing can be swapped through ----------------------------------------------------

    def carried(self, u: int, v: int, gate: Callable[[int, int], None]) -> None:
        """Carry u next to v through modules that nothing can be swapped through, and back."""
        way = self.routes.relay(self.home[u], self.home[v])
        undo: list[tuple[int | None, int]] = []
        for module in way[1:-1]:
            here = self.home[u]
            if self.move_home(u, module):
                undo.append((None, here))
            else:
                host = next(q for q, h in enumerate(self.home) if h == module)
                self._exchange(u, host)
                undo.append((host, here))
        self.open_copies([(u, way[-1])], {(u, way[-1])})
        gate(self.copies[u][way[-1]], self.wire[v])
        self.close_all(u)
        for other, module in reversed(undo):
            if other is None:
                self.move_home(u, module)
            else:
                self._exchange(u, other)

    def _exchange(self, u: int, v: int) -> None:
        """Swap the states of two qubits in linked modules by three telegates."""
        self.close_all(u)
        self.close_all(v)
        for control, target in ((u, v), (v, u), (u, v)):
            self._row("h", (self.wire[target],))
            self.open_copies([(control, self.home[target])], set())
            self._row("cz", (self.copies[control][self.home[target]], self.wire[target]))
            self.close_all(control)
            self._row("h", (self.wire[target],))
        self.wire[u], self.wire[v] = self.wire[v], self.wire[u]
        self.home[u], self.home[v] = self.home[v], self.home[u]
