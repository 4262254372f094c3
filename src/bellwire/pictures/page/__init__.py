"""The parts of the report page that are no Python: HTML, CSS, JavaScript."""
