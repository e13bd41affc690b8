"""Sounds that are made: synthesis, transformation, recombination, loudness and safety limits."""
