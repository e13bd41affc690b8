"""Propose new sounds from a bundle's predictions, ready for the next study.

Writes sounds (WAV, 24 bits, within the limits of level and onsets), proposals.tsv, stimuli.tsv,
orders for each participant and a page to listen (docs/proposals.md).
"""

import logging
import sys
from pathlib import Path

from tinglegram.bundles.files import read_bundle
from tinglegram.command_line import program, run
from tinglegram.inference.seeding import Seeding
from tinglegram.proposals.bundled import bundle_warnings, bundled_model
from tinglegram.proposals.candidates import plan_candidates
from tinglegram.proposals.files import require_new_folder, write_proposals
from tinglegram.proposals.proposing import choose_sounds, consider, require_candidates
from tinglegram.proposals.settings import (
    CandidateSounds,
    ListeningOrders,
    Proposing,
    require_within,
)
from tinglegram.settings import add_settings, read_settings
from tinglegram.sounds.files import read_sound, sounds_in
from tinglegram.sounds.safety import SoundSafety
from tinglegram.sounds.transformations import at_rate


def main() -> None:
    """Read bundle and sounds, make and predict candidates, choose, write."""
    parser = program(__doc__)
    add = parser.add_argument
    add("bundle", type=Path, help="folder of the bundle")
    add("--n", type=int, default=12, help="sounds to propose")
    add("--output", type=Path, required=True, help="new folder to write to")
    about = "folder of existing sounds, to be exceeded, changed and recombined"
    add("--from", type=Path, dest="existing", metavar="FOLDER", help=about)
    add("--model", help="of the bundle; default: the best one that needs sound alone")
    settings = Proposing, CandidateSounds, SoundSafety, ListeningOrders, Seeding
    add_settings(parser, *settings, with_defaults=True)
    options = parser.parse_args()
    chosen_settings = [read_settings(options, cls) for cls in settings]
    require_within(*chosen_settings)
    proposing, candidates, safety, orders, seeding = chosen_settings
    require_new_folder(options.output)
    model = bundled_model(read_bundle(options.bundle), options.model)
    paths = sounds_in(options.existing) if options.existing else []
    sources = []
    for path in paths:
        samples, rate = read_sound(path)
        sources.append((path.name, at_rate(samples, rate, candidates.sound_rate)))
    samples = [sound for _, sound in sources]
    lengths = [len(sound) / candidates.sound_rate for sound in samples]
    plans = plan_candidates(candidates, lengths, seeding.seed)
    require_candidates(options.n, len(plans))
    considered = consider(plans, samples, model, candidates, safety, _count)
    chosen = choose_sounds(considered, options.n, proposing, seeding.seed)
    warnings = bundle_warnings(model)
    table = write_proposals(
        chosen,
        considered,
        sources,
        options.output,
        candidates=candidates,
        safety=safety,
        orders=orders,
        seed=seeding.seed,
        model=f"model {model.model} ({model.reason})",
        warnings=warnings,
    )
    for sentence in warnings:
        print(sentence)
    for row in table.to_dict("records"):
        print(f"{row['file']}: {row['kind']}, predicted {row['mean']:.3f}; {row['why']}")
    print(f"Listen, softly at first: {options.output / 'index.html'}")
    logging.info("%d of %d candidates chosen", len(table), len(plans))


def _count(done: int, total: int) -> None:
    """Count on a terminal; elsewhere nobody would see it move."""
    if sys.stderr.isatty():
        end = "\n" if done >= total else ""
        print(f"\rcandidates: {done} of {total}  ", end=end, file=sys.stderr, flush=True)


if __name__ == "__main__":
    run(main)
