"""Faults as events of a scenario, and shots that live through them."""
