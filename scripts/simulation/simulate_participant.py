"""Simulate one participant: a Presentation log, a Biopac text export, and the truth about both."""

import argparse
import logging
from pathlib import Path

from tinglegram.command_line import program, run
from tinglegram.files import whole, write_json
from tinglegram.simulation import design, logs, pulse_wave


def pair(text: str) -> tuple[str, str]:
    """Split NAME=VALUE."""
    name, value = text.split("=", 1)
    return name, value


def arguments() -> argparse.Namespace:
    """Parse the command line."""
    ask = program(__doc__)
    ask.add_argument("--subject", type=int, required=True, help="number of the participant")
    ask.add_argument("--seed", type=int, required=True, help="seed of the whole study")
    ask.add_argument(
        "--clips", type=pair, nargs="+", metavar="CODE=CONDITION", required=True, help="clips"
    )
    ask.add_argument(
        "--files",
        type=pair,
        nargs="+",
        metavar="CODE=FILE",
        required=True,
        help="names of clips in the log",
    )
    ask.add_argument(
        "--ratings", type=pair, nargs="+", metavar="KEY=RATING", required=True, help="keys"
    )
    ask.add_argument("--clip", type=float, required=True, help="seconds a clip plays")
    ask.add_argument("--first-trial", type=float, required=True, help="seconds of the first trial")
    ask.add_argument("--rests", type=float, nargs="+", required=True, help="seconds of each rest")
    ask.add_argument("--agreement", type=float, required=True, help="share viewers have in common")
    ask.add_argument("--non-responders", type=float, required=True, help="share without tingles")
    ask.add_argument(
        "--level",
        type=pair,
        nargs="+",
        metavar="CONDITION=SDS",
        required=True,
        help="mean of the latent",
    )
    ask.add_argument("--thresholds", type=float, nargs="+", required=True, help="of ratings 1 to 3")
    ask.add_argument("--smoothness", type=float, required=True, help="SD of smoothing, seconds")
    ask.add_argument("--decision", type=float, required=True, help="seconds between two looks")
    ask.add_argument("--sampling-rate", type=float, required=True, help="of the recording, Hz")
    ask.add_argument("--resting", type=float, nargs=2, required=True, help="pulse rates, bpm")
    ask.add_argument(
        "--coupling",
        type=pair,
        nargs="+",
        metavar="CONDITION=BPM",
        required=True,
        help="bpm per rating",
    )
    ask.add_argument(
        "--rest-change",
        type=pair,
        nargs="*",
        default=[],
        metavar="CONDITION=BPM",
        help="bpm against rest",
    )
    ask.add_argument("--drift", type=float, required=True, help="SD of the slow drift, bpm")
    ask.add_argument("--noise", type=float, required=True, help="SD of the noise on CH1, mV")
    ask.add_argument("--log", type=Path, required=True, help="Presentation log to write")
    ask.add_argument("--ppg", type=Path, required=True, help="Biopac text export to write")
    ask.add_argument("--truth", type=Path, required=True, help="JSON file of the truth to write")
    return ask.parse_args()


def main() -> None:
    """Write the participant's log, pulse recording and truth."""
    given = arguments()
    schedule = design.Schedule(given.clip, given.first_trial, tuple(given.rests))
    reporting = design.Reporting(
        agreement=given.agreement,
        non_responders=given.non_responders,
        level={name: float(value) for name, value in given.level},
        thresholds=tuple(given.thresholds),
        smoothness=given.smoothness,
        decision=given.decision,
    )
    cardiac = pulse_wave.Cardiac(
        resting=tuple(given.resting),
        coupling={name: float(value) for name, value in given.coupling},
        drift=given.drift,
        noise=given.noise,
        rest_change={name: float(value) for name, value in given.rest_change},
    )
    session = design.plan_session(given.subject, dict(given.clips), schedule, given.seed)
    presses = design.reports(session, given.clip, reporting, given.seed)
    pulse = pulse_wave.simulate_pulse(session, presses, cardiac, given.sampling_rate, given.seed)
    log = logs.presentation_log(
        session,
        [press for made in presses.values() for press in made],
        {int(rating): code for code, rating in given.ratings},
        dict(given.files),
        logs.log_layout(given.subject),
        given.seed,
    )
    export = pulse_wave.biopac_text(
        pulse, f"{given.subject:03d}.acq", pulse_wave.export_layout(given.subject)
    )
    with whole(given.log) as aside:
        aside.write_bytes(log)
    with whole(given.ppg) as aside:
        aside.write_bytes(export)
    write_json(
        pulse_wave.participant_truth(session, presses, pulse, reporting, cardiac), given.truth
    )
    logging.info(
        "participant %s: %d presses, %d beats in %.1f s",
        given.subject,
        sum(map(len, presses.values())),
        len(pulse.beats_s),
        session.duration_s,
    )


if __name__ == "__main__":
    run(main)
