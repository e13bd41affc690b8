"""The paper's printed numbers beside ours, and whether they agree."""
