"""Proof by satisfiability: clauses, sweeping, equality and properties of circuits."""
