"""Truth recovery: studies simulated with known effects, and how often each statistic is right."""
