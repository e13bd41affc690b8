"""From predictions to scores with intervals and p-values, and what a score is worth."""
