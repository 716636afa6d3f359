"""Resynthesis."""
