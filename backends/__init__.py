"""Backends: a module to an artefact, one file or folder each."""
