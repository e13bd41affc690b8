"""Raw files: which there are, what is amiss in them, and how the dataset is downloaded."""
