"""Architecture search in which the cost is what the compiler makes of the trained network."""
