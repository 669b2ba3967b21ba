"""The integer IR: types, graph, operators and their meaning."""
