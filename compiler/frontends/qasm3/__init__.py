"""The reader of OpenQASM 3, part by part; openqasm.py beside this folder puts it together."""
