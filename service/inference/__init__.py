"""How requests share the device: one line, one thread, batches of slices."""
