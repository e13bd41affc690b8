"""A simulated study with known truth, written in exactly the dataset's raw formats."""
