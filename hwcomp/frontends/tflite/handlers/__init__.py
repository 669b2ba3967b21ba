"""One handler an operator, by families; `table.py` lists them."""
