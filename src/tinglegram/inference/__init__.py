"""Inference that is not about one statistic: counts, resampling, multiple testing, clusters."""
