"""Constant matrices as graphs of adders: y = W x + c with shifts, additions and subtractions only. Pure integers."""
