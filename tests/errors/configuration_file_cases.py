"""Configuration files that cannot be read, and files that a configuration names in vain."""

from error_cases import Case
from overlay import check, overlaid

from tinglegram.inputs import raw_files
from tinglegram.study import configuration

TITLE = "Configuration files"


def _unread(given: str, overlay: bytes, message: str) -> Case:
    return Case(given, message, lambda folder: check(folder, overlay, {}, None))


CASES = [
    overlaid(
        "a key that stands twice",
        "data:\n  root: data\nseed: 1\ndata:\n  exclusions: null\n",
        "study.yaml, line 4: data: this key stands in line 1 too, and only the last one counts. "
        "Join them",
    ),
    overlaid(
        "a reference model that is not there",
        "statistics: {reference: fuson}\n",
        "study.yaml, line 1: statistics.reference: no model 'fuson'. Did you mean 'fusion'?",
    ),
    overlaid(
        "lags and bands of the response function that run backwards",
        "statistics: {response_lags: [4, -0.6]}\nstimuli: {band_range: [12000, 60]}\n",
        "study.yaml, line 1: statistics.response_lags: the first value must be below the second, "
        "found [4, -0.6]",
        "study.yaml, line 2: stimuli.band_range: the first value must be below the second, found "
        "[12000, 60]",
    ),
    overlaid(
        "a ROC AUC of clear tracking that chance gives",
        "statistics: {clear_auc: 0.5}\n",
        "study.yaml, line 1: statistics.clear_auc: expected a number above 0.5 and below 1, found "
        "0.5",
    ),
    overlaid(
        "clip codes without files",
        "clips:\n  vid1: {file: ASMR11.avi}\n  vid6:\n    file: nature3.mp4\n",
        "study.yaml, line 2: clips.vid1.file: no file data/stim/ASMR11.avi. Did you mean "
        "'ASMR1.avi'?",
        "study.yaml, line 4: clips.vid6.file: no file data/stim/nature3.mp4. Did you mean "
        "'nature3.avi'?",
    ),
    overlaid(
        "no clip at all",
        "data: {root: data}\nclips: {vid2: null, vid3: null, vid4: null, vid6: null, vid7: null, "
        "vid8: null,\n  vid1: {file: a.avi},\n  vid5: {file: b.avi}}\nfolds: {scheme: "
        "leave_one_participant_out, number: null}\n",
        "study.yaml, line 3: clips.vid1.file: no file data/stim/a.avi. data/stim is empty.",
        "study.yaml, line 4: clips.vid5.file: no file data/stim/b.avi. data/stim is empty.",
        absent="data/stim",
    ),
    overlaid(
        "files that are not there",
        "published_predictions: predictions.pkl\ndata: {exclusions: out.tsv}\n"
        "stimuli:\n  weights: IMAGENET1K\n",
        "study.yaml, line 1: published_predictions: no file predictions.pkl",
        "study.yaml, line 2: data.exclusions: no file out.tsv",
        "study.yaml, line 4: stimuli.weights: no file IMAGENET1K. Write IMAGENET1K_V1, untrained "
        "or a path",
    ),
    overlaid(
        "names that Snakemake or a script would take for something else",
        'data:\n  root: -data\nclips:\n  vid1: {file: "{x}.avi"}\n',
        "study.yaml, line 2: data.root: expected a name without braces and <word>, and no dash in "
        'front, found "-data". Rename it',
        "study.yaml, line 4: clips.vid1.file: expected a name without braces and <word>, and no "
        'dash in front, found "{x}.avi". Rename it',
        "study.yaml, line 2: data.root: no folder -data. Put the dataset there, or name its folder",
    ),
    Case(
        "participants' files whose names Snakemake would change",
        "Snakemake fills in braces and <word> in the names of files. Rename "
        "data/log/001-1-{x}.log, data/log/002-1-<script>.log",
        lambda _: raw_files.require_plain_names(
            ["data/log/001-1-{x}.log", "data/log/002-1-<script>.log", "data/ppg/001_csv.txt"]
        ),
    ),
    overlaid(
        "no folder of data",
        "data: {root: nowhere}\n",
        "study.yaml, line 1: data.root: no folder nowhere. Put the dataset there, or name its "
        "folder",
    ),
    _unread(
        "a configuration indented by tabs",
        b"study: mine\ndata:\n\troot: data\n",
        "study.yaml, line 3, column 1: expected YAML, found what cannot be read (found character "
        "'\\t' that cannot start any token). Indent with spaces, never with tabs.",
    ),
    _unread(
        "a bracket that is never closed",
        b"study: mine\nprotocols: [released\nseed: 42\n",
        "study.yaml, line 3, column 5: expected YAML, found what cannot be read (expected ',' or "
        "']', but got ':'). What it belongs to begins in line 2.",
    ),
    _unread(
        "a colon too many",
        b"study: mine: yours\n",
        "study.yaml, line 1, column 12: expected YAML, found what cannot be read (mapping values "
        "are not allowed here). Compare the line and the one above it with config.yaml.",
    ),
    _unread(
        "an anchor that holds itself",
        b"models: &all [*all]\n",
        "study.yaml: expected sections a few levels deep, found values nested without end. Close "
        "every bracket, and let no anchor hold itself.",
    ),
    _unread(
        "a configuration that is not UTF-8",
        b"study: mine\nreport:\n  title: Gr\xfc\xdfe\n",
        "study.yaml, line 3: expected text in UTF-8, found byte 0xfc. Save the file as UTF-8.",
    ),
    _unread(
        "a character that cannot be printed",
        b"study: mine\nreport: {title: a\x07}\n",
        "study.yaml, line 2: expected printable characters, found the character U+0007. Take it "
        "out.",
    ),
    _unread(
        "a date that does not exist",
        b"report: {title: 2025-02-31}\n",
        "study.yaml: expected dates and numbers that exist, found a value that does not (day is "
        "out of range for month). Write text that looks like a date or a number in quotes.",
    ),
    _unread(
        "an empty configuration",
        b"",
        "study.yaml: expected keys with values, such as 'study: my_study', found nothing. "
        "config.yaml shows every key.",
    ),
    _unread(
        "a configuration that is a list",
        b"- study\n",
        "study.yaml: expected keys with values, such as 'study: my_study', found a list. "
        "config.yaml shows every key.",
    ),
    Case(
        "a configuration file that is not there",
        "nowhere.yaml: expected a configuration file, found none that can be read (No such file "
        "or directory). Check the name after --configfile.",
        lambda folder: configuration.read_files([folder / "nowhere.yaml"], {}) and None,
    ),
]
