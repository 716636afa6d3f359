"""Circuits as files of other tools: a module a format, functions between bytes and netlists."""
