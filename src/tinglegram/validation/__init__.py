"""Truth recovery: studies simulated with known effects, and how often each statistic is right.

Simulations start from reports, windows or predictions, never from raw files, so that thousands of
studies take minutes.
"""
