"""Error-correcting codes as memory experiments: Stim circuits without noise, for one module."""
