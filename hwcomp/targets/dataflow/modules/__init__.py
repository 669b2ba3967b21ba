"""The modules of `rtl/lib` as the compiler sees them: a function each, which gives a `ModuleSpec`."""
