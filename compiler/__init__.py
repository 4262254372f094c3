"""The Program and what is true of it."""
