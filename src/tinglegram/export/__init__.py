"""A study's data in the forms that others read: a BIDS dataset, one tidy table."""
