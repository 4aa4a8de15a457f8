"""Speed, in ratios from one run: `python -m bench` writes docs/bench.md.

Each measure stands in a module of its own and runs in a process of its own (`python -m
bench.recompute`), on embedded PostgreSQL and Valkey with data that `bench.seed` makes.
"""
