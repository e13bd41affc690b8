"""The study as a whole: its configuration, its protocols, and the plan of its jobs."""
