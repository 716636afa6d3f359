"""Class sums as gates."""
