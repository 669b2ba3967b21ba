"""Suites of models, targets and options: build, verify, measure; what changed since each was last green."""
