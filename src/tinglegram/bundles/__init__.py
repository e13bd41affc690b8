"""A bundle: the models of a study with all they need, to predict responses to other clips."""
