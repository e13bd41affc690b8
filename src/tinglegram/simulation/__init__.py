"""A simulated study with known truth, written in exactly the dataset's raw formats.

`design` plans sessions and draws what people report, `logs` writes Presentation logs, `pulse_wave`
writes Biopac text exports and `clips` writes AVI files. Every draw comes from its own stream of
the one seed, so people and clips can be made in any order, in parallel, with the same bytes.
"""
