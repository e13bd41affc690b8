"""Trials assembled from ratings, pulse and features, and the folds they are split into."""
