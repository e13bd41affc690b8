"""The figures of the report: one module per figure, each with `draw` and `describe`."""
