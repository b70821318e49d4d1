"""Machine-learning portfolio projects that run: real data, a stated baseline, tests, a write-up."""

__version__ = "0.2.0"
