"""From recordings to the pulse of each clip: slices, series, windows, quality, coupling, rest."""
