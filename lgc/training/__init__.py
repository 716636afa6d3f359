"""Training of gate networks: recipes, data sets, and the loop that learns, with exact resume."""
