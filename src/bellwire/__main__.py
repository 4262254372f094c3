"""`python -m bellwire`."""

from bellwire.cli import main

main()
