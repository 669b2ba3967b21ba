"""What each module of `rtl/lib` is made of, as counts that a fit gives a price in LUTs and flip-flops."""
