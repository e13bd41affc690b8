"""The figures of the report: one module per figure, which draws and describes it."""
