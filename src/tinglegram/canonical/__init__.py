"""The public form of a study on disk: trials, responses and signals of each participant."""
