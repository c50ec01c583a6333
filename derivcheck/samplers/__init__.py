"""Draws from processes as they are defined, in batches, on the CPU or a GPU: one process per file."""
