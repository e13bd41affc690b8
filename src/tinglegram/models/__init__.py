"""Models that label every step of a trial, their baselines and their perturbed inputs."""
