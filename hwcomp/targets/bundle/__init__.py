"""What the bundles of several targets have in common: proofs, their checker, test vectors."""
