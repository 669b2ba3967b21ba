"""What a user can do wrong, and what hwcomp says then."""
