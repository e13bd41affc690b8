"""The public form of a study on disk: tables of trials and responses, and signals, per participant."""
