"""Suites of models, targets and options: build, verify and measure each, and say what changed since it was last green."""
