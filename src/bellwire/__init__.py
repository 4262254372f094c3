"""bellwire: a compiler and runtime for modular quantum computers."""
