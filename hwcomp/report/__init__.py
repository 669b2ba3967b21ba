"""What a model costs and what was proved of it."""
