"""Frontends: a file or a live object to a module of the `logic` dialect, one file each."""
