"""Rewrites of the graph, one a file, and the pipelines that run them."""
