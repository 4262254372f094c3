"""One pass per file: a function that takes a Program and a Machine and returns a new Program."""
