"""Folders that cannot be ranked, and segments that cannot be cut."""

from pathlib import Path

import made_bundles as made
from clip_files import clip_file
from error_cases import Case

from tinglegram.bundles.cutting import cut_clip
from tinglegram.bundles.files import list_media
from tinglegram.bundles.rank_plan import model_for, require_media

TITLE = "Rankings of films and sounds"


def no_folder(_: Path) -> None:
    list_media(Path("films"), Path("out"))


def no_media(_: Path) -> None:
    require_media([], 3, "films")


def unknown_model(folder: Path) -> None:
    model_for(made.bundle_in(folder / "bundle"), [("sound",)], "motion", "films")


def no_picture(_: Path) -> None:
    cut_clip(clip_file(10, audio=None), "film.avi", -2.0, -1.0, ("picture",))


CASES = [
    Case(
        "a folder to rank that is not there",
        "films: expected a folder of films and sounds, found none. Check its name.",
        no_folder,
    ),
    Case(
        "a folder to rank without films or sounds",
        "films: expected films or sounds in it, by the endings of their names, found none among 3 "
        "file(s). Name a folder with films or sounds; docs/ranking.md lists the endings.",
        no_media,
    ),
    Case(
        "a model to rank by that the bundle does not have",
        "--model: expected models out of fusion, acoustic, trees, regression/ridge, "
        "regression/network, regression/trees, found motion. Name one of them, or all.",
        unknown_model,
    ),
    Case(
        "a segment in which a film shows nothing",
        "film.avi, second -2.00: expected a picture, found none. Copy the file again, or convert "
        "it again from its source.",
        no_picture,
    ),
]
