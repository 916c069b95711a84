"""Benchmarks: what Raak costs and how well it does, on this machine and on real data sets."""
