"""Continuous multimodal affect research: from raw recordings to every number of a paper."""
