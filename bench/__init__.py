"""Benchmarks: each figure beside a floor that a bare script reaches in the same run."""
