"""Proofs: bit-accurate models of the references, their thresholds, and the integer rescales that equal them."""
