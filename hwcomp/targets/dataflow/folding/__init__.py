"""How much of each layer is built: the choices, the solver, the search for a goal, the plan."""
