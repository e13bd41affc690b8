"""The `tinglegram` command: what it calls, the overlay it begins, and what a check says."""

import runpy
import shutil
import subprocess
from pathlib import Path
from typing import Any

import pytest
import yaml
from generated_studies import STUDIES, write
from paths import ROOT
from small_results import write_small_results

from tinglegram.errors import TinglegramError
from tinglegram.inputs.inference import (
    DimensionGuess,
    FolderGuess,
    SignalGuess,
    StimulusFile,
    TableGuess,
    look_at,
)
from tinglegram.study.cli import command_of, command_parser, obey
from tinglegram.study.configuration import merged_configuration, read_files
from tinglegram.study.files import checkout_of, write_new
from tinglegram.study.starting_overlay import (
    QUESTION,
    condition_name,
    overlay_text,
    stimulus_code,
    study_name,
)


def command(*words: str, extra: tuple[str, ...] = ()) -> list[str]:
    return command_of(command_parser().parse_args(words), extra, ROOT)


def test_each_subcommand_calls_what_does_the_work(tmp_path):
    overlay = tmp_path / "study.yaml"
    overlay.touch()
    assert command("check", "data", "--config", str(overlay))[1:] == [
        *(str(ROOT / "scripts/inputs/check_data.py"), "--root", "data", "--config"),
        *(str(ROOT / "config.yaml"), str(overlay), "--schema"),
        str(ROOT / "workflow/schemas/config.schema.json"),
    ]
    assert command("run", str(overlay), extra=("--cores", "1"))[1:] == [
        *("-m", "snakemake", "--snakefile", str(ROOT / "Snakefile"), "--cores", "all"),
        *("--configfile", str(overlay), "--cores", "1"),
    ]


def test_propose_hands_on_what_it_is_told():
    script = str(ROOT / "scripts/proposals/propose.py")
    plain = command("propose", "results/demo/corrected/bundle", "--output", "next")
    assert plain[1:] == [script, "results/demo/corrected/bundle", "--n", "12", "--output", "next"]
    words = ("propose", "b", "--n", "3", "--from", "sounds", "--output", "next")
    assert command(*words, extra=("--acquisition", "thompson"))[1:] == [
        *(script, "b", "--n", "3", "--output", "next", "--from", "sounds"),
        *("--acquisition", "thompson"),
    ]


def test_compare_hands_on_the_protocol_only_where_it_is_named():
    script = str(ROOT / "scripts/statistics/compare_studies.py")
    given, to = ("--studies", "results/one", "results/two"), ("--output", "t.tsv")
    asked = ("--protocol", "described")
    assert command("compare", *given[1:], *to)[1:] == [script, *given, *to]
    assert command("compare", *given[1:], *asked, *to)[1:] == [script, *given, *asked, *to]


def test_export_says_what_the_configuration_says(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    write_small_results(tmp_path / "results/small")
    given = ("--results", "results/small")

    def export(*words: str) -> list[str]:
        return command("export", "results/small", *words)[1:]

    table = str(ROOT / "scripts/export/export_table.py")
    assert export("--table", "t.csv") == [
        *(table, *given, "--protocol", "described", "--output", "t.csv")
    ]
    assert export("--table", "t.csv", "--protocol", "corrected")[4] == "corrected"
    results = str(ROOT / "scripts/export/export_derivatives.py")
    assert export("--derivatives", "d", "--protocol", "corrected") == [
        *(results, *given, "--protocol", "corrected", "--output", "d")
    ]
    about = ("--name", "small", "--conditions", "sea=calm", "rain=wild")
    bids = [
        *(str(ROOT / "scripts/export/export_bids.py"), *given, *about),
        *("--dimensions", "joy=continuous"),
    ]
    assert export("--bids", "b", "--without-stimuli") == [*bids, "--output", "b"]
    films(tmp_path / "data/stim")
    stimuli = ["--stimuli", "sea=data/stim/sea.mp4", "rain=data/stim/rain.wav"]
    assert export("--bids", "b") == [*bids, *stimuli, "--output", "b"]


def films(folder: Path) -> None:
    folder.mkdir(parents=True)
    for name in ("sea.mp4", "rain.wav"):
        (folder / name).write_bytes(name.encode())


def test_export_writes_a_dataset(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    write_small_results(tmp_path / "results/small")
    films(tmp_path / "data/stim")
    assert obey(["export", "results/small", "--bids", "b"]) == 0
    assert Path("b/stimuli/rain.wav").read_bytes() == b"rain.wav"
    assert Path("b/participants.tsv").read_text().splitlines() == [
        *("participant_id\tstudy_id", "sub-ada\tada", "sub-ben\tben", "sub-cleo\tcleo")
    ]
    events = Path("b/sub-ada/beh/sub-ada_task-small_events.tsv").read_text().splitlines()
    assert [line.split("\t")[0] for line in events[1:]] == ["1.0", "4.0"]


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (("--bids", "b", "--protocol", "described"), "--protocol goes with --table"),
        (("--derivatives", "d", "--without-stimuli"), "--without-stimuli goes with --bids"),
        (("--table", "t.csv", "--without-stimuli"), "--without-stimuli goes with --bids"),
    ],
)
def test_options_of_one_export_are_not_taken_by_another(words, said, capsys):
    with pytest.raises(SystemExit) as end:
        obey(["export", "results/small", *words])
    assert end.value.code == 2 and said in capsys.readouterr().err


def test_the_checkout_is_found_from_the_package():
    assert checkout_of(ROOT / "src/tinglegram/study/cli.py") == ROOT


def test_options_behind_dashes_are_for_run_and_export(capsys):
    with pytest.raises(SystemExit) as end:
        obey(["check", "data", "--", "-n"])
    assert (
        end.value.code == 2
        and "only run, export, bundle, predict, rank and propose take" in capsys.readouterr().err
    )


@pytest.mark.parametrize(
    ("given", "expected"),
    [("my study (2)", "my_study_2"), ("ds004872", "ds004872"), ("日本", "study")],
)
def test_names_of_studies(given, expected):
    assert study_name(given) == expected


def test_codes_and_conditions_are_names_that_a_configuration_takes():
    assert stimulus_code("stim/my film.v2.mp4") == "my_film_v2"
    assert stimulus_code("???") == "stimulus"
    assert [condition_name(text) for text in ("high arousal", "1", "")] == [
        "high_arousal",
        "c1",
        None,
    ]


@pytest.mark.parametrize("name", STUDIES)
def test_a_begun_overlay_says_what_is_true_of_the_study(name, tmp_path, monkeypatch, capsys):
    study = STUDIES[name]()
    by_hand = yaml.safe_load(write(study, tmp_path / name).read_text())
    monkeypatch.chdir(tmp_path)
    assert obey(["init", name, "--output", "begun.yaml"]) == 0
    text = Path("begun.yaml").read_text()
    begun = yaml.safe_load(text)
    assert f"with {text.count(QUESTION)} open question(s)" in capsys.readouterr().out
    assert begun["study"] == name and begun["protocols"] == ["corrected"]
    assert begun["data"]["reader"] == by_hand["data"]["reader"]
    assert begun["data"]["stimuli"] == ("stimuli" if name == "bids" else "stim")
    options = by_hand["data"]["options"]
    for responses in options.get("responses", ()):
        # No table says what a button stands for.
        responses.pop("dimension", None)
    assert begun["data"]["options"] == options
    device = begun["data"].get("signals")
    if name == "wrist":
        assert device == {
            **{"reader": "empatica", "root": "wrist/e4"},
            "options": {"files": "{participant}/"},
        }
    else:
        assert device is None
    assert begun["clips"].keys() == by_hand["clips"].keys()
    for code, clip in by_hand["clips"].items():
        if clip is not None:
            # A file outlasts the time for which it is shown a little.
            assert begun["clips"][code]["duration"] == clip["duration"]
            assert begun["clips"][code]["file"] == clip["file"]
            picture, sound = next(
                (f.picture, f.sound) for f in study.films if f.stimulus_id == code
            )
            assert ("streams" in begun["clips"][code]) == (not (picture and sound))
    # The conditions of the third study are in no table.
    if name != "button":
        assert {c: v and v["condition"] for c, v in begun["clips"].items()} == {
            c: v and v["condition"] for c, v in by_hand["clips"].items()
        }
    kinds, found = (
        {n: d and d["kind"] for n, d in overlay["responses"]["dimensions"].items()}
        for overlay in (by_hand, begun)
    )
    assert found == (kinds if name != "button" else {"response": "hold"})
    assert begun["responses"]["target"]["condition"] is None
    assert begun["report"]["claims"] is False and begun["report"]["title"] == name
    assert begun["report"]["response"] == begun["responses"]["target"]["dimension"].lower()
    has_pulse = bool(study.pulse_bpm)
    assert begun["pulse"] == by_hand["pulse"]
    assert ("shuffled_pulse" in begun["perturbations"]) == has_pulse
    assert ("shuffled_sensors" in begun["perturbations"]) == ("sensors" in begun)


def test_what_is_open_stands_as_a_question():
    guess = FolderGuess(
        "csv",
        stimuli=(
            StimulusFile("a/one.mp4", 12.3456, True, False),
            StimulusFile("b/one.mp4", 3.0, True, True),
            StimulusFile("b/left.mp3", None, False, True),
        ),
        stimulus_ids=("one", "gone film"),
        dimensions=(DimensionGuess("Feeling 1", "continuous", -3.0, 60.0),),
        questions=("Why?",),
    )
    text = overlay_text(guess, "data", "mine", "mine.yaml")
    asked = " ".join(" ".join(line.strip("# ") for line in text.splitlines()).split())
    for sentence in (
        "QUESTION: Why?",
        "a/one.mp4 or b/one.mp4: which one was shown?",
        "b/left.mp3 is named by no trial: was it shown?",
        "No file of stimulus gone_film was found: where is it, how long is it?",
        "Feeling 1 goes from -3 to 60 in what was looked at",
        "Class 1 is Feeling_1 above 0 in any condition",
    ):
        assert sentence in asked, sentence
    content = yaml.safe_load(text)
    assert content["data"]["stimuli"] == "."
    assert content["clips"]["one"] == {
        "file": "a/one.mp4",
        "duration": 12.346,
        "streams": ["picture"],
        "condition": None,
    }
    assert content["responses"]["dimensions"]["Feeling_1"]["range"] == [-100.0, 100.0]
    assert max(map(len, text.splitlines())) <= 101


def test_signals_other_than_the_pulse_are_proposed():
    signals = [
        ("EDA", "eda", "uS", 4.0),
        ("GSR", "eda", "", 4.0),
        ("TEMP", "temperature", "C", 4.0),
    ]
    guess = FolderGuess("csv", signals=tuple(SignalGuess(*one) for one in signals))
    text = overlay_text(guess, "data", "mine", "mine.yaml")
    assert yaml.safe_load(text)["sensors"] == {"eda": "EDA", "temperature": None}
    assert "QUESTION: Channels EDA, GSR are all of type eda: which one is used?" in text
    alone = overlay_text(FolderGuess("csv"), "data", "mine", "mine.yaml")
    assert "sensors" not in yaml.safe_load(alone)


def test_names_that_become_one_are_numbered_and_asked_about():
    guess = FolderGuess(
        "csv",
        stimuli=tuple(StimulusFile(f"{name}.mp4", 9.0, True, True) for name in ("山", "海")),
        stimulus_ids=("海", "山", "clip 1.1", "clip 1.2", "clip_1_2"),
        conditions={"海": "快", "山": "不快", "clip 1.1": "-"},
        dimensions=tuple(DimensionGuess(d, "continuous", 0.0, 1.0) for d in ("快", "不快")),
        tables=(
            TableGuess("trials", "t.csv", ("t.csv",), ",", ".", {"stimulus": "video"}),
            TableGuess(
                *("responses", "r.csv", ("r.csv",), ",", ".", {}),
                dimensions=tuple(DimensionGuess(d, "continuous", 0.0, 1.0) for d in ("快", "不快")),
            ),
        ),
    )
    text = overlay_text(guess, "my data", "s", "s 1.yaml")
    assert "tinglegram check 'my data' --config 's 1.yaml'" in text
    content = yaml.safe_load(text)
    clips = {code: clip for code, clip in content["clips"].items() if clip}
    assert {code: (clip["file"], clip["condition"]) for code, clip in clips.items()} == {
        "stimulus": ("海.mp4", "condition"),
        "stimulus_2": ("山.mp4", "condition_2"),
        **{code: (None, None) for code in ("clip_1", "clip_1_3", "clip_1_2")},
    }
    renamed = {"海": "stimulus", "山": "stimulus_2", "clip 1.1": "clip_1", "clip 1.2": "clip_1_3"}
    options = content["data"]["options"]
    assert options["trials"]["rename"] == renamed
    assert options["responses"][0]["value"] == {"d": "快", "d_2": "不快"}
    assert [d for d, about in content["responses"]["dimensions"].items() if about] == ["d", "d_2"]
    asked = " ".join(" ".join(line.strip("# ") for line in text.splitlines()).split())
    for sentence in (
        "so stimuli are told apart by a number: 海 as stimulus, 山 as stimulus_2. Do they differ?",
        "so stimuli are told apart by a number: clip 1.1 as clip_1, clip 1.2 as clip_1_3.",
        "so conditions are told apart by a number: 快 as condition, 不快 as condition_2.",
        "so dimensions are told apart by a number: 快 as d, 不快 as d_2.",
    ):
        assert sentence in asked, sentence
    assert "named by no trial" not in asked


def test_files_whose_names_become_one_are_numbered_without_a_table():
    guess = FolderGuess(
        "csv", stimuli=tuple(StimulusFile(f"{n}.wav", 9.0, False, True) for n in ("a b", "a_b"))
    )
    clips = yaml.safe_load(overlay_text(guess, "d", "s", "s.yaml"))["clips"]
    files = {code: clip["file"] for code, clip in clips.items() if clip}
    assert files == {"a_b": "a b.wav", "a_b_2": "a_b.wav"}


def test_commands_to_copy_are_quoted(tmp_path, monkeypatch, capsys):
    write(STUDIES["button"](), tmp_path / "my study")
    monkeypatch.chdir(tmp_path)
    assert obey(["init", "my study", "--output", "its overlay.yaml"]) == 0
    said = capsys.readouterr().out
    assert "\n  tinglegram check 'my study' --config 'its overlay.yaml'\n" in said
    assert said.endswith("\n  tinglegram run 'its overlay.yaml'\n")


def test_models_are_those_of_the_streams_there_are():
    sound = FolderGuess("csv", stimuli=(StimulusFile("a.wav", 10.0, False, True),))
    models = yaml.safe_load(overlay_text(sound, "d", "s", "s.yaml"))["models"]
    assert models["visual"] is None and "acoustic" not in models
    assert models["fusion"] == {"kind": "bilstm", "modalities": "auto"}


def test_rest_asmr_needs_its_folder_alone(tmp_path):
    (tmp_path / "log").mkdir()
    (tmp_path / "log/007-1-a.log").touch()
    content = yaml.safe_load(overlay_text(look_at(tmp_path), "data", "again", "again.yaml"))
    assert content["data"] == {"root": "data"} and "clips" not in content


def test_no_file_is_overwritten(tmp_path):
    path = tmp_path / "study.yaml"
    write_new("a: 1\n", path)
    with pytest.raises(TinglegramError, match="so that nothing is lost"):
        write_new("b: 2\n", path)
    assert path.read_text() == "a: 1\n"


def test_a_check_never_says_that_nothing_would_stop_a_run_of_an_unknown_folder(tmp_path):
    write(STUDIES["button"](), tmp_path / "study")
    answer = subprocess.run(
        [*command("check", "study")], capture_output=True, text=True, check=False, cwd=tmp_path
    )
    assert answer.returncode == 1
    assert "Reader: csv" in answer.stdout and "Responses: response, hold" in answer.stdout
    assert "0 problem(s)" not in answer.stdout
    assert answer.stderr.startswith("ERROR study: expected logs")
    assert "A run would stop." in answer.stderr


READER = """
from tinglegram.canonical.tables import Session, Signal, response_table, trial_table
from tinglegram.formats.recording import Note
import numpy as np


def find(request):
    return {path.stem: [path] for path in sorted(request.root.glob("*.txt"))}


def read(participant_id, files, request):
    stimulus, *rest = files[0].read_text().split()
    seconds = int(rest[0]) if rest else 20
    signals = [Signal("wave", "ppg", "mV", np.zeros(seconds * 20), rate_hz=20.0)]
    return Session(
        participant_id,
        trial_table([(1, stimulus, 0, 2.0, 10.0)]),
        response_table([(1, "response", 3.0, 2.0)]),
        signals if participant_id != "cleo" else [],
        [Note("left_out", "one row was left out")],
    )
"""


@pytest.fixture(scope="module")
def check_readers():
    return runpy.run_path(str(ROOT / "scripts/inputs/check_data.py"))["check_readers"]


VALUES, OUTLINES = read_files([ROOT / "config.yaml"], {})


def other_study(folder: Path, **people: str) -> dict[str, Any]:
    """A study with a reader of its own: file of each participant -> what was shown."""
    (folder / "study/stim").mkdir(parents=True)
    for name, stimulus in people.items():
        (folder / f"study/{name}.txt").write_text(stimulus)
    (folder / "reader.py").write_text(READER)
    config = merged_configuration(VALUES)
    config["data"] |= {"reader": str(folder / "reader.py"), "root": str(folder / "study")}
    return config | {
        "clips": {"rain": {"file": "rain.wav"}, "sea": {"file": None}},
        "responses": {
            "dimensions": {"response": {"kind": "ordinal", "range": [0, 3]}},
            "target": {"dimension": "response", "above": 0, "condition": None},
        },
        "timing": config["timing"] | {"clip": 10.0, "first_trial": None, "warm_up": 2.0},
        "models": {},
        "report": config["report"] | {"tinglegram_subjects": []},
    }


def checked(check_readers, capsys, config: dict[str, Any], folder: Path) -> str:
    """What a check of a study prints."""
    check_readers(config, folder, OUTLINES)
    said: str = capsys.readouterr().out
    return said


def test_a_check_reads_as_a_run_does(tmp_path, check_readers, capsys):
    config = other_study(tmp_path, ada="rain", ben="snow", cleo="sea", dora="sea 9")
    said = checked(check_readers, capsys, config, tmp_path / "study")
    rows = [line.split() for line in said.splitlines()]
    assert ["ada", "1", "1", "1", "0", "0"] in rows
    assert ["ben", "0", "0", "0", "1", "0"] in rows and ["cleo", "1", "1", "0", "1", "0"] in rows
    assert "- participant ada, left_out (noted): one row was left out" in said
    assert "- participant ada, missing_clip (noted): 1 clip(s) were not shown: sea" in said
    assert "): trial 1: expected a stimulus of the study (rain, sea), found 'snow'" in said
    assert "): expected one signal of type ppg (pulse: signal), found no signal" in said
    assert "- participant dora, short_pulse (error): second 9.0" in said
    assert "- missing_stimulus (error): " in said
    assert said.endswith("; 4 problem(s) would stop a run.\n")


def test_a_check_applies_policies(tmp_path, check_readers, capsys):
    config = other_study(tmp_path, ada="sea", ben="snow", cleo="sea", dora="sea 9")
    config["clips"].pop("rain")
    config["data"]["problems"] |= {
        **{"missing_pulse": "without_pulse", "short_pulse": "exclude_trial"},
        "unreadable_log": "exclude_subject",
    }
    said = checked(check_readers, capsys, config, tmp_path / "study")
    for name, kind, decision in (
        ("ben", "unreadable_log", "exclude_subject"),
        ("cleo", "missing_pulse", "without_pulse"),
        # Nothing is left of her.
        ("dora", "short_pulse", "exclude_subject"),
    ):
        assert f"- participant {name}, {kind} ({decision}): " in said
    assert said.endswith("; 0 problem(s) would stop a run.\n")


def test_a_check_finds_what_lies_outside_of_its_range(tmp_path, check_readers, capsys):
    config = other_study(tmp_path, ada="sea")
    config["responses"]["dimensions"]["response"]["range"] = [0, 1]
    (tmp_path / "study/stim/rain.wav").write_bytes(b"no sound")
    said = checked(check_readers, capsys, config, tmp_path / "study")
    assert "participant ada, unreadable_log (error): responses of participant ada" in said
    assert "- unusable_stimulus (error): rain.wav" in said
    assert said.endswith(
        "1 participants in " + str(tmp_path / "study") + "; 2 problem(s) would stop a run.\n"
    )


def test_a_check_names_what_nobody_answers_and_who_cannot_take_part(
    tmp_path, check_readers, capsys
):
    config = other_study(tmp_path, ada="sea", ben="sea")
    config["clips"].pop("rain")
    config["responses"]["dimensions"]["fear"] = {"kind": "hold"}
    config["responses"]["target"]["dimension"] = "fear"
    config["report"]["tinglegram_subjects"] = [9]
    table = tmp_path / "left_out.tsv"
    table.write_text("subject\tvideo\treason\nben\tsea@3\tphone rang\n")
    config["data"]["exclusions"] = str(table)
    said = checked(check_readers, capsys, config, tmp_path / "study")
    assert "- no_responses (error): responses of everybody: expected responses in the" in said
    assert "): exclusions: expected clips that were shown (sea), found sea@3. Correct" in said
    assert "report.tinglegram_subjects: nobody numbered 009 takes part." in said
    assert said.endswith("; 3 problem(s) would stop a run.\n")


def test_a_check_reads_every_part_below_the_folder_that_is_checked(tmp_path, check_readers, capsys):
    config = other_study(tmp_path, ada="sea")
    here, there = tmp_path / "study", tmp_path / "copy"
    for folder in (here / "e4", tmp_path / "elsewhere"):
        shutil.copytree(here, folder, ignore=shutil.ignore_patterns("e4"))
    config["clips"].pop("rain")
    signals = {"reader": config["data"]["reader"], "root": str(here / "e4")}
    config["data"] |= {"root": str(here), "signals": signals}
    shutil.copytree(here, there)
    (there / "e4/ada.txt").write_text("sea")
    said = checked(check_readers, capsys, config, there)
    assert "; 0 problem(s)" in said and "which is not below" not in said
    # What is only in the folder of the overlay is not in the one that is checked.
    shutil.rmtree(there / "e4")
    with pytest.raises(TinglegramError, match="copy/e4: expected the folder of data.signals.root"):
        check_readers(config, there, OUTLINES)
    signals["root"] = str(tmp_path / "elsewhere")
    note = f"- data.signals (noted): read in {tmp_path}/elsewhere, which is not below data.root"
    assert note in checked(check_readers, capsys, config, there)


def test_a_check_passes_over_who_is_left_out(tmp_path, check_readers, capsys):
    config = other_study(tmp_path, ada="sea", ben="snow")
    config["clips"].pop("rain")
    left_out = tmp_path / "left_out.tsv"
    left_out.write_text("subject\tvideo\treason\nben\t*\tfell asleep\n")
    config["data"]["exclusions"] = str(left_out)
    said = checked(check_readers, capsys, config, tmp_path / "study")
    assert "- participant ben (left out): fell asleep" in said and "; 0 problem(s)" in said


def test_a_check_reads_the_covariates(tmp_path, check_readers, capsys):
    config = other_study(tmp_path, ada="sea")
    config["clips"].pop("rain")
    people = tmp_path / "people.csv"
    people.write_text("subject,age\nada,20\nada,21\n")
    config["data"]["participants"] = str(people)
    check_readers(config, tmp_path / "study", OUTLINES)
    said = capsys.readouterr().out
    assert "- study (error): " in said and "found 'ada' again" in said
    assert "; 1 problem(s) would stop a run." in said


def test_a_check_of_nobody_says_what_the_folder_looks_like(tmp_path, check_readers, capsys):
    config = other_study(tmp_path)
    with pytest.raises(TinglegramError, match="found nobody there"):
        check_readers(config, tmp_path / "study", OUTLINES)
    assert capsys.readouterr().out.startswith("Found: nothing that is known.")


def test_predict_needs_a_bundle_alone(tmp_path, monkeypatch):
    """No folder of results, no configuration."""
    monkeypatch.chdir(tmp_path)
    words = command("predict", "b", "clip.mp4", "song.wav", "--output", "out", "--model", "all")
    assert words[1:] == [
        *(str(ROOT / "scripts/bundles/predict.py"), "b", "clip.mp4", "song.wav"),
        *("--output", "out", "--confidence", "0.8", "--model", "all"),
    ]
    assert command("predict", "b", "a.wav", "--output", "out", "--confidence", "0.9")[-1] == "0.9"


def test_a_bundle_is_trained_where_the_study_was_run(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    write_small_results(tmp_path / "results/small")
    words = command("bundle", "results/small", "--protocol", "corrected")
    assert words[1:5] == ["-m", "snakemake", "--snakefile", str(ROOT / "Snakefile")]
    assert words[words.index("--directory") + 1] == str(tmp_path)
    assert words[words.index("--configfile") + 1] == str(tmp_path / "results/small/config.yaml")
    # Behind --configfile it would be one more overlay.
    asked = words.index("results/small/corrected/bundle/bundle.json")
    assert asked < words.index("--configfile") and words[asked - 2] == "--snakefile"
    described = command("bundle", "results/small")
    assert described[asked] == "results/small/described/bundle/bundle.json"


def test_rank_hands_every_setting_to_its_script(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    words = command(
        "rank", "b", "films", "--output", "out", "--length", "20", "--model", "m", "--strict"
    )
    head = [
        str(ROOT / "scripts/bundles/rank_folder.py"),
        "b",
        "films",
        "--output",
        "out",
        "--strict",
    ]
    assert words[1:7] == head and words[-1] == "--"
    told = dict(zip(words[7:-1:2], words[8:-1:2], strict=True))
    assert told == {
        **{"--length": "20.0", "--step": "1.0", "--best": "12", "--shown": "24", "--model": "m"},
        **{"--confidence": "0.8", "--alike-sound": "0.5", "--alike-picture": "0.8"},
    }
    assert "--model" not in command("rank", "b", "films", "--output", "out")
