"""Memory planning: liveness in, offsets out. Knows nothing of targets."""
