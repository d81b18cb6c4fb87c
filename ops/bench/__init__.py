"""Benchmarks: each measures ours against a known quantity, on the same machine in one run."""
