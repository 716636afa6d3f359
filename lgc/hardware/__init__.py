"""Hardware: a model as a staged circuit over the bits of its ports; no text, no files."""
