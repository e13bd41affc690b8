"""Simulate one participant: a Presentation log, a Biopac text export, and the truth about both."""

import logging
from pathlib import Path

from tinglegram.behaviour.timeline import RatingKeys
from tinglegram.clock import Timing
from tinglegram.command_line import add_clips, program, run
from tinglegram.files import whole, write_json
from tinglegram.inference.seeding import Seeding
from tinglegram.settings import add_settings, only, pairs_of, read_settings
from tinglegram.simulation import design, logs, pulse_wave

SETTINGS = (
    Seeding,
    RatingKeys,
    only(Timing, "clip", "first_trial"),
    only(design.SimulatedStudy, "rests", "sampling_rate"),
    design.Reporting,
    pulse_wave.Cardiac,
)


def main() -> None:
    """Write the participant's log, pulse recording and truth."""
    parser = program(__doc__)
    add = parser.add_argument
    add("--subject", type=int, required=True, help="number of the participant")
    add_clips(parser)
    add("--files", required=True, help="of each clip, as in the log", **pairs_of(str, "CLIP=FILE"))
    add_settings(parser, *SETTINGS)
    add("--log", type=Path, required=True, help="Presentation log (written)")
    add("--ppg", type=Path, required=True, help="Biopac text export (written)")
    add("--truth", type=Path, required=True, help="JSON file of the truth (written)")
    options = parser.parse_args()
    seeding, keys, timing, study, reporting, cardiac = (
        read_settings(options, cls) for cls in SETTINGS
    )
    subject, seed = options.subject, seeding.seed
    first = timing.clip if timing.first_trial is None else timing.first_trial
    rests = design.rests_of(study.rests, len(set(options.clips.values())))
    schedule = design.Schedule(timing.clip, first, rests)
    session = design.plan_session(subject, options.clips, schedule, seed)
    key_presses = design.reports(session, timing.clip, reporting, seed)
    pulse = pulse_wave.simulate_pulse(session, key_presses, cardiac, study.sampling_rate, seed)
    log = logs.presentation_log(
        session,
        [press for made in key_presses.values() for press in made],
        {rating: code for code, rating in keys.ratings.items()},
        options.files,
        logs.log_layout(subject),
        seed,
    )
    export = pulse_wave.biopac_text(pulse, f"{subject:03d}.acq", pulse_wave.export_layout(subject))
    with whole(options.log) as aside:
        aside.write_bytes(log)
    with whole(options.ppg) as aside:
        aside.write_bytes(export)
    truth = pulse_wave.participant_truth(session, key_presses, pulse, reporting, cardiac)
    write_json(truth, options.truth)
    logging.info(
        "participant %s: %d key presses, %d beats in %.1f s",
        subject,
        sum(map(len, key_presses.values())),
        len(pulse.beats_s),
        session.duration_s,
    )


if __name__ == "__main__":
    run(main)
