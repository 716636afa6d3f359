"""Class sums as gates: adders, comparators, and what only sums can see."""
