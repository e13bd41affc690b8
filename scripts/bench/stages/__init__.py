"""The stages of the benchmark, one module each: what is timed, our way and the plain way.

A module has `load(folder, settings, way)`, which reads what lies outside the timed part, and the
two ways, `ours(inputs)` and `reference(inputs)`, which return arrays that must be equal within
`TOLERANCE` (rtol, atol). The plain way is what a careful researcher would write first.
"""
