"""Machines that come with bellwire, every number with its source."""
