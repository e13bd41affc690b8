"""Adapters: files as devices and experiment software write them, into the canonical tables."""
