"""What is fuzzed: the place of each format, by name. A new reader gets a file here and a row."""

PLACES = {
    "qasm2": "formats.circuits:QASM2",
    "qasm3": "formats.circuits:QASM3",
    "stim": "formats.circuits:STIM",
    "text": "formats.circuits:TEXT",
    "bytes": "formats.circuits:BYTES",
    "qiskit": "formats.qiskit_objects:FORMAT",
    "cirq": "formats.cirq_objects:FORMAT",
    "machine": "formats.tables:MACHINE",
    "memq": "formats.tables:MEMQ",
    "scenario": "formats.tables:SCENARIO",
    "objectives": "formats.tables:OBJECTIVES",
    "study": "formats.tables:STUDY",
    "sweep": "formats.tables:SWEEP",
    "homes": "formats.stim_extras:HOMES",
    "cuts": "formats.stim_extras:CUTS",
    "counts": "formats.stim_extras:COUNTS",
    "long": "formats.long_texts:FORMAT",
    "programs": "formats.programs:FORMAT",
    "proofs": "formats.proofs:FORMAT",
    "command": "formats.command:FORMAT",
}
