"""Runs a Program on a modelled machine."""
