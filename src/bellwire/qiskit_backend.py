"""A Machine as a Qiskit backend: transpile for it, then run on a model of its modules and links."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from concurrent.futures import TimeoutError as FutureTimeout
from datetime import datetime
from functools import cached_property
from typing import Any
from uuid import uuid4

import numpy as np
from qiskit.circuit import QuantumCircuit
from qiskit.providers import BackendV2, JobV1, Options
from qiskit.providers.jobstatus import JobStatus
from qiskit.result import Result

from bellwire.compiler.frontends.qiskit_registers import classical_registers
from bellwire.errors import RunError
from bellwire.passes.schedule import schedule
from bellwire.qiskit_properties import ModuleProperties, module_properties
from bellwire.qiskit_reading import read_lowered
from bellwire.runtime.execute import Prepared, prepare
from bellwire.targets.machine import Machine
from bellwire.targets.qiskit_backend import ModularTarget, machine_target, qubit_order

__all__ = ["LocalJob", "ModularBackend"]

OURS = "bellwire"


class ModularBackend(BackendV2):
    """A machine of modules and links.

    Its Target shows the data qubits, and links as poor gates; a transpiled circuit has the
    communication qubits after them, and Bell pairs (`physical_target` shows these).
    """

    def __init__(self, machine: Machine) -> None:
        super().__init__(
            name=machine.name, description=f"{len(machine.modules)} modules, simulated by bellwire"
        )
        self.machine = machine
        self._target = machine_target(machine)

    @property
    def target(self) -> ModularTarget:
        """What `transpile` writes circuits for."""
        return self._target

    @property
    def physical_target(self) -> ModularTarget:
        """What the modules run: all qubits, and `bell_pair` between modules."""
        return machine_target(self.machine, physical=True)

    @cached_property
    def modules(self) -> dict[str, ModuleProperties]:
        """The properties of each module by name: qubits, gates, memory, links."""
        return module_properties(self.machine)

    def module_of(self, qubit: int) -> str:
        """The module that holds a qubit of the Target. Raises IndexError for one that is not."""
        place = qubit_order(self.machine)[qubit]
        return self.machine.qubit_names()[place].rsplit("_", 1)[0]

    @property
    def max_circuits(self) -> None:
        """Any number at once."""
        return

    @classmethod
    def _default_options(cls) -> Options:
        return Options(shots=1024, seed_simulator=None, memory=False, noise=True, method="auto")

    def get_scheduling_stage_plugin(self) -> str:
        """The stage that turns gates across links into Bell pairs and messages."""
        return OURS

    def run(self, run_input: QuantumCircuit | Sequence[QuantumCircuit], **options: Any) -> LocalJob:
        """Run transpiled circuits.

        Options: `shots`; `seed_simulator` (same seed, same counts); `memory`: outcomes shot by
        shot; `noise`: with the machine's noise; `method`: auto, stabilizer, aer. The counts are
        those of the user's bits alone. Raises TypeError for other options, BellwireError for a
        circuit that is not transpiled for this machine.
        """
        chosen = {**self.options.__dict__, **options}
        unknown = sorted(set(options) - set(self._default_options().__dict__))
        if unknown:
            known = ", ".join(sorted(self._default_options().__dict__))
            raise TypeError(f"run() has no option {', '.join(unknown)}; there are {known}")
        circuits = [run_input] if isinstance(run_input, QuantumCircuit) else list(run_input)
        ready = [self._prepare(c, chosen) for c in circuits]
        job_id = str(uuid4())
        return LocalJob(self, job_id, lambda: self._result(job_id, circuits, ready, chosen))

    def _prepare(self, circuit: QuantumCircuit, options: Mapping[str, Any]) -> Prepared:
        program = schedule(read_lowered(circuit, self.machine), self.machine)
        method, noise = str(options["method"]), bool(options["noise"])
        return prepare(program, self.machine, backend=method, noise=noise)

    def _result(
        self,
        job_id: str,
        circuits: Sequence[QuantumCircuit],
        ready: Sequence[Prepared],
        options: Mapping[str, Any],
    ) -> Result:
        seeds = np.random.SeedSequence(options["seed_simulator"]).generate_state(len(circuits))
        experiments = [
            _experiment(circuit, one, int(seed), options)
            for circuit, one, seed in zip(circuits, ready, seeds)
        ]
        return Result.from_dict(
            {
                "backend_name": self.name,
                "backend_version": "",
                "job_id": job_id,
                "success": True,
                "status": "COMPLETED",
                "date": datetime.now().astimezone().isoformat(),
                "results": experiments,
            }
        )


def _experiment(
    circuit: QuantumCircuit, ready: Prepared, seed: int, options: Mapping[str, Any]
) -> dict[str, Any]:
    """Run one circuit; its result as Qiskit writes it."""
    shots = int(options["shots"])
    result = ready.run(shots, seed)
    shown, sources = _shown(circuit)
    counts = {_hex(key, sources): times for key, times in result.counts.items()}
    data: dict[str, Any] = {"counts": counts}
    if options["memory"]:
        outcomes = np.repeat(list(counts), list(counts.values()))
        data["memory"] = np.random.default_rng([seed, 2]).permutation(outcomes).tolist()
    header = {
        "name": circuit.name,
        "creg_sizes": shown,
        "memory_slots": len(sources),
        "n_qubits": circuit.num_qubits,
        "qreg_sizes": [[r.name, r.size] for r in circuit.qregs],
        "metadata": circuit.metadata or {},
    }
    return {
        "shots": shots,
        "success": True,
        "status": "DONE",
        "seed": seed,
        "meas_level": 2,
        "data": data,
        "header": header,
        "method": result.backend,
    }


def _shown(circuit: QuantumCircuit) -> tuple[list[list[Any]], list[int]]:
    """The registers that a result shows, and for each of its bits the bit of the run, -1 for 0.

    Our own register is left out; where a register was added behind it, it stays as zeros, since
    Qiskit's primitives look for bits by their place in the circuit.
    """
    own = {b for r in circuit.cregs if r.name == OURS for b in r}
    _, number = classical_registers(circuit)
    user = sorted((b for b in number if b not in own), key=number.__getitem__)
    place = {b: i for i, b in enumerate(user)}
    bits = list(circuit.clbits)
    while bits and bits[-1] in own:
        bits.pop()
    return _registers(circuit, bits), [place.get(b, -1) for b in bits]


def _registers(circuit: QuantumCircuit, bits: Sequence[Any]) -> list[list[Any]]:
    """Names and sizes that cover the bits in order: a loose bit counts as a register of one.

    Without that Qiskit splits the counts at the wrong bits.
    """
    out: list[list[Any]] = []
    at = 0
    while at < len(bits):
        fits = [r for r in circuit.cregs if len(r) and list(bits[at : at + len(r)]) == list(r)]
        size = len(fits[0]) if fits else 1
        out.append([fits[0].name if fits else f"bit{at}", size])
        at += size
    return out


def _hex(key: str, sources: Sequence[int]) -> str:
    """The outcome as a number."""
    bits = key.replace(" ", "")[::-1]
    return hex(sum(int(bits[b]) << i for i, b in enumerate(sources) if b >= 0))


class LocalJob(JobV1):
    """A run in a thread of this process."""

    def __init__(self, backend: ModularBackend, job_id: str, work: Callable[[], Result]) -> None:
        super().__init__(backend, job_id)
        self._work = work
        self._future: Future[Result] | None = None
        self.submit()

    def submit(self) -> None:
        """Start the work. Raises RunError when it has started already."""
        if self._future is not None:
            raise RunError(f"job {self.job_id()} runs already; call run() for another one")
        pool = ThreadPoolExecutor(1)
        self._future = pool.submit(self._work)
        pool.shutdown(wait=False)

    @property
    def _running(self) -> Future[Result]:
        assert self._future is not None
        return self._future

    def result(self, timeout: float | None = None) -> Result:
        """Wait for the result, at most `timeout` seconds. Raises RunError when it takes longer."""
        try:
            return self._running.result(timeout)
        except FutureTimeout as error:
            raise RunError(f"job {self.job_id()}: no result after {timeout} s") from error

    def cancel(self) -> bool:
        """Cancel the work if it has not started; says whether it is cancelled."""
        return self._running.cancel()

    def status(self) -> JobStatus:
        """Where the work is."""
        if self._running.cancelled():
            return JobStatus.CANCELLED
        if not self._running.done():
            return JobStatus.RUNNING
        return JobStatus.ERROR if self._running.exception() else JobStatus.DONE
