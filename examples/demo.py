"""The main job: split a QFT adder over a ring of four modules, prove it, run it with noise."""

from __future__ import annotations

from pathlib import Path

from rich.console import Console
from rich.table import Table

import bellwire

HERE = Path(__file__).resolve().parent
CIRCUIT = HERE / "circuits" / "qft_adder_n8.qasm"
ANSWER = "1011"  # 5 + 6
SHOTS = 1000
SEED = 0


def main() -> None:
    """Compile, prove, run without and with noise, print a short table, write the program."""
    console = Console()
    machine = bellwire.load_machine("ring4-demo")
    done = bellwire.compile(CIRCUIT, machine, seed=SEED)
    proof = done.verify(seed=SEED)
    assert proof.equal, proof.detail
    perfect = done.run(SHOTS, seed=SEED, noise=False)
    noisy = done.run(SHOTS, seed=SEED)

    report = done.report
    table = Table(title=f"{CIRCUIT.name}: 5 + 6 on {machine.name}", show_header=False)
    table.add_row(
        "modules", f"{len(machine.modules)} on a ring, {len(done.circuit.logical)} qubits"
    )
    table.add_row("spanning gates", str(report["spanning_gates"]))
    table.add_row("e-bits (Bell pairs on links)", str(report["ebits"]))
    table.add_row("teleports", str(report["teleports"]))
    table.add_row("proof", f"equal, {proof.method}")
    table.add_row("makespan, expected", f"{report['makespan_s'] * 1e3:.3g} ms")
    table.add_row("makespan, mean of the run", f"{noisy.makespan_s['mean'] * 1e3:.3g} ms")
    table.add_row("success without noise", f"{share(perfect.counts):.3f}")
    table.add_row("success expected, at least", f"{report['expected_fidelity']:.3f}")
    table.add_row("success measured", f"{share(noisy.counts):.3f}")
    console.print(table)

    best = sorted(noisy.counts.items(), key=lambda kv: -kv[1])[:5]
    console.print("best counts: " + ", ".join(f"{key} {count}" for key, count in best))
    out = Path("out")
    out.mkdir(exist_ok=True)
    path = out / "qft_adder_ring4.qasm"
    path.write_text(done.to_openqasm3())
    console.print(f"program written to {path} (OpenQASM 3); run it: bellwire run {path}")


def share(counts: dict[str, int]) -> float:
    """The share of shots that gave the right sum."""
    return counts.get(ANSWER, 0) / sum(counts.values())


if __name__ == "__main__":
    main()
