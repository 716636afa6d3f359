"""Circuits in the formats of other tools: AIGER, BLIF, BENCH, gate lists, Verilog through Yosys."""
