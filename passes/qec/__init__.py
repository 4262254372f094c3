"""Spread error-corrected Stim circuits over modules: detectors, noise and loops are kept."""
