"""The page of a ranking: the best segments with players and curves, all files, problems."""

import json
from collections import Counter
from pathlib import Path

from tinglegram.bundles.files import read_bundle, read_plan
from tinglegram.bundles.prediction import value_name
from tinglegram.bundles.rank_settings import Ranking
from tinglegram.bundles.ranking_page import (
    RankingPage,
    cards_of,
    file_rows,
    render_ranking,
)
from tinglegram.command_line import program, run
from tinglegram.files import read_table, write_text
from tinglegram.settings import add_settings, only, read_settings

SHOWN = only(Ranking, "length", "step", "shown", "alike_sound", "alike_picture", "confidence")
TABLES = ("listing", "segments", "duplicates", "problems", "stimuli")


def main() -> None:
    """Read what the jobs wrote, render, write."""
    parser = program(__doc__)
    add = parser.add_argument
    add("--plan", type=Path, required=True, help="rank.json")
    for name in TABLES:
        add(f"--{name}", type=Path, required=True, help=f"table of {name}")
    add("--posters", type=Path, required=True, help="folder of posters")
    add_settings(parser, SHOWN)
    add("--page", type=Path, required=True, help="HTML file to write")
    options = parser.parse_args()
    settings = read_settings(options, SHOWN)
    plan, folder = read_plan(options.plan), options.plan.parent
    bundle = read_bundle(Path(plan.bundle_in(str(folder))))
    listing, segments, duplicates, problems, stimuli = (
        read_table(getattr(options, name)) for name in TABLES
    )
    abouts, predictions = {}, {}
    for content in plan.contents:
        predicted = folder / plan.predicted.replace("{content}", content)
        about = json.loads((predicted / "about.json").read_text(encoding="utf-8"))
        if about["problem"] is None:
            abouts[content] = about
            predictions[content] = read_table(predicted / "predictions.tsv")
    shown = segments.head(settings.shown)
    means = [predictions[content]["mean"] for content in dict.fromkeys(shown["sha256"])]
    scale = (
        (float(min(own.min() for own in means)), float(max(own.max() for own in means)))
        if means
        else (0.0, 1.0)
    )
    # What is said of every file is said of the bundle; the rest stands at its file.
    common = (
        set.intersection(*({*about["notes"]} for about in abouts.values())) if abouts else set()
    )
    first = next(iter(abouts.values()))["notes"] if abouts else []
    warnings = [n.removeprefix("WARNING ") for n in first if n in common and "WARNING" in n]
    about_bundle = bundle.about
    facts = [
        (
            "Bundle",
            f"{about_bundle['title']} ({about_bundle['study']}, {about_bundle['protocol']})",
        ),
        ("Predicted", value_name(bundle, plan.model)),
        ("Model", f"{plan.model}: {plan.config['reason']}"),
        ("Segments", f"{settings.length:g} s, every {settings.step:g} s, without overlap"),
        (
            "Joined",
            "equal files, and the same material: where fingerprints of "
            + " and of ".join(
                f"{name} correlate by {getattr(settings, f'alike_{name}'):g}"
                for name in plan.config["streams"]
            ),
        ),
        (
            "Files",
            f"{sum(map(len, plan.contents.values()))}, {len(plan.contents)} of them distinct",
        ),
    ]
    page = RankingPage(
        facts=facts,
        warnings=warnings,
        cards=cards_of(
            shown,
            duplicates,
            predictions,
            {content: about["streams"] for content, about in abouts.items()},
            folder=plan.config["folder"],
            clips=dict(zip(stimuli["stimulus_id"], stimuli["file"], strict=True)),
            posters={
                path.stem: path.read_bytes() for path in sorted(options.posters.glob("*.jpg"))
            },
            scale=scale,
        ),
        number=len(segments),
        scale=(f"{scale[0]:.2f}", f"{scale[1]:.2f}"),
        files=file_rows(plan.contents, predictions, segments),
        problems=list(zip(problems["file"], problems["sentence"], strict=True)),
        left_out=list(Counter(listing["left_out"].dropna()).items()),
    )
    write_text(render_ranking(page), options.page)


if __name__ == "__main__":
    run(main)
