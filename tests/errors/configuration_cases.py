"""Configurations that contradict themselves or the schema."""

from overlay import overlaid

TITLE = "Configuration"

MODEL = "{kind: bilstm, modalities: [visual]}"
CASES = [
    overlaid(
        "several faults at once",
        "pulse:\n  windw: 5\nseed: x\nsed: 1\n",
        "study.yaml, line 4: sed: unknown key. Did you mean 'seed'?",
        "study.yaml, line 2: pulse.windw: unknown key. Did you mean 'window'?",
        'study.yaml, line 3: seed: expected a whole number from 0 to 4294967295, found "x"',
    ),
    overlaid(
        "a key given on the command line",
        "seed: 1\n",
        "the command line (--config): pulse.windw: unknown key. Did you mean 'window'?",
        command_line={"pulse": {"windw": 5}},
    ),
    overlaid(
        "an unknown key that resembles none",
        "folds: {zzz: 1}\n",
        "study.yaml, line 1: folds.zzz: unknown key. Known: scheme, number, covariate.",
    ),
    overlaid(
        "a missing key",
        f"seed: 1\nmodels:\n  mine: {MODEL}\n  other: {{kind: bilstm}}\n",
        "study.yaml, line 4: models.other.modalities: missing. Take its line over from "
        "config.yaml.",
    ),
    overlaid(
        "a key without quotes",
        "ratings:\n  5: 4\n",
        'study.yaml, line 2: ratings.5: write this key in quotes: "5"',
    ),
    overlaid(
        "a number with a point where a whole one is needed",
        "folds:\n  number: 4.0\n",
        "study.yaml, line 2: folds.number: expected a whole number of at least 2 or null, "
        "found 4.0",
    ),
    overlaid(
        "a number that YAML takes for text",
        "training:\n  bilstm:\n    learning_rate: 5e-4\n",
        "study.yaml, line 3: training.bilstm.learning_rate: expected a number above 0, found "
        '"5e-4". This is text: in a file write it without quotes, and with a point before any e '
        "(5.0e-4)",
    ),
    overlaid(
        "a number that is none",
        "timing: {grid: .nan, clip: .inf}\n",
        "study.yaml, line 1: timing.clip: expected a number above 0, found Infinity",
        "study.yaml, line 1: timing.grid: expected a whole number from 1 to 1000, found NaN",
    ),
    overlaid(
        "an empty section",
        "pulse:\n",
        "study.yaml, line 1: pulse: expected a section of keys, found null",
    ),
    overlaid(
        "too many values",
        "pulse:\n  band:\n  - 0.5\n  - 4.0\n  - 5.0\n",
        "study.yaml, line 2: pulse.band: expected a list of 2 values, found [0.5, 4.0, 5.0]",
    ),
    overlaid(
        "a value of a list",
        "pulse:\n  band:\n  - 0.5\n  - high\n",
        'study.yaml, line 4: pulse.band.1: expected a number of at least 0, found "high"',
    ),
    overlaid(
        "a word that is not among those known",
        "controls: [majorty]\n",
        "study.yaml, line 1: controls.0: expected one of condition_only, stimulus_mean, majority, "
        'padding_only, condition_and_padding, human_agreement, found "majorty". '
        "Did you mean 'majority'?",
    ),
    overlaid(
        "an entry given twice",
        "protocols: [released, released]\n",
        "study.yaml, line 1: protocols: expected a list of at least 1 value, none of them twice, "
        'found ["released", "released"]',
    ),
    overlaid(
        "participants that are neither all nor numbers",
        "report: {tinglegram_subjects: some}\n",
        'study.yaml, line 1: report.tinglegram_subjects: expected "all" or a list, none of them '
        'twice, found "some"',
    ),
    overlaid(
        "a study's name with a path in it",
        "study: ../mine\n",
        'study.yaml, line 1: study: expected a name of letters, digits, _ and -, found "../mine"',
    ),
    overlaid(
        "a name with a space",
        f'models:\n  "my model": {MODEL}\n',
        "study.yaml, line 2: models.my model: expected a name that is made of letters, digits and "
        '_, found "my model"',
    ),
    overlaid(
        "a feature set that there is not",
        "models:\n  mine:\n    kind: xgboost\n    modalities: [acoustic, textur]\n"
        "regression:\n  models:\n    line: {kind: ridge, modalities: [smell]}\n",
        "study.yaml, line 4: models.mine.modalities: no features 'textur'. Did you mean 'texture'?",
        "study.yaml, line 7: regression.models.line.modalities: no features 'smell'. Known: "
        "visual, acoustic, pulse, eda, resp, temperature, binaural, psychoacoustic, texture, "
        "motion.",
    ),
    overlaid(
        "feature sets of networks under names that are taken",
        "features:\n  networks:\n    motion: {path: a.onnx, stream: picture}\n"
        "    voice_first: {path: b.onnx, stream: sound}\n",
        "study.yaml, line 3: features.networks.motion: this name is kept for features of our own; "
        "choose another",
        "study.yaml, line 4: features.networks.voice_first: names that end in _first are kept for "
        "the features of a trial shown first; choose another",
    ),
    overlaid(
        "a network without a file that can be run",
        "features:\n  networks:\n    scene: {path: scene.h5, stream: picture}\n",
        "study.yaml, line 3: features.networks.scene.path: expected a path that ends in .onnx, "
        '.pt, .pth or .ts, found "scene.h5"',
    ),
    overlaid(
        "frequencies of feature sets that fall",
        "features:\n  binaural: {band_range: [8000.0, 200.0]}\n"
        "  texture: {band_range: [80.0, 80.0], modulation_range: [9.0, 2.0]}\n",
        "study.yaml, line 2: features.binaural.band_range: the first value must be below the "
        "second, found [8000.0, 200.0]",
        "study.yaml, line 3: features.texture.band_range: the first value must be below the "
        "second, found [80.0, 80.0]",
        "study.yaml, line 3: features.texture.modulation_range: the first value must be below the "
        "second, found [9.0, 2.0]",
    ),
    overlaid(
        "an unknown protocol",
        "protocols:\n- released\n- descrbed\n",
        "study.yaml, line 3: protocols: no protocol 'descrbed'. Did you mean 'described'?",
    ),
    overlaid(
        "an own protocol under a name that is taken",
        "own_protocols:\n  corrected: {from: described}\n",
        "study.yaml, line 2: own_protocols.corrected: this name is one of released, described, "
        "corrected; choose another",
    ),
    overlaid(
        "an own protocol that starts from none of the three",
        "own_protocols:\n  mine: {from: relased}\n",
        "study.yaml, line 2: own_protocols.mine.from: no protocol 'relased'. Did you mean "
        "'released'?",
    ),
    overlaid(
        "an unknown switch",
        "overrides:\n  paddin: masked\n",
        "study.yaml, line 2: overrides.paddin: unknown switch. Did you mean 'padding'?",
    ),
    overlaid(
        "an unknown value of a switch",
        "overrides:\n  seed_networks: 1\n  padding: mask\n",
        "study.yaml, line 2: overrides.seed_networks: expected one of false, true, found 1",
        'study.yaml, line 3: overrides.padding: expected one of "counted", "masked", found "mask"',
    ),
    overlaid(
        "a validation fraction of everybody",
        "overrides: {validation_fraction: 1}\n",
        "study.yaml, line 1: overrides.validation_fraction: expected a fraction between 0 and 1, "
        "found 1",
    ),
    overlaid(
        "a switch over all protocols against an own protocol",
        "protocols: [mine]\nown_protocols:\n  mine: {from: described, padding: masked}\n"
        "overrides:\n  padding: counted\n",
        'study.yaml, line 5; study.yaml, line 3: overrides.padding: "counted" replaces the switch '
        'in every protocol, but own_protocols.mine sets "masked". Take one of them out',
    ),
    overlaid(
        "models under names that are taken",
        f"models:\n  published: {MODEL}\n  majority: {MODEL}\n  fusion_shuffled_pulse: {MODEL}\n",
        "study.yaml, line 4: models.fusion_shuffled_pulse: this name is kept for a control or a "
        "perturbed model; choose another",
        "study.yaml, line 3: models.majority: this name is kept for a control or a perturbed "
        "model; choose another",
        "study.yaml, line 2: models.published: this name is kept for imported predictions; choose "
        "another",
    ),
    overlaid(
        "a first trial longer than the others",
        "timing:\n  warm_up: 5.0\n  first_trial: 61.0\n  clip: 60.0\n",
        "study.yaml, line 2; study.yaml, line 3; study.yaml, line 4: timing: expected warm_up < "
        "first_trial <= clip, found 5.0, 61.0, 60.0",
    ),
    overlaid(
        "a band that ends below its beginning",
        "pulse:\n  band: [4.0, 0.5]\n",
        "study.yaml, line 2: pulse.band: the first value must be below the second, found "
        "[4.0, 0.5]",
    ),
    overlaid(
        "lags that end before they begin",
        "pulse:\n  coupling_lags: [8.0, -2.0]\n",
        "study.yaml, line 2: pulse.coupling_lags: the first value must be below the second, found "
        "[8.0, -2.0]",
    ),
    overlaid(
        "times around reports that end before they begin",
        "pulse:\n  locked_window: [10.0, -5.0]\n",
        "study.yaml, line 2: pulse.locked_window: the first value must be below the second, found "
        "[10.0, -5.0]",
    ),
    overlaid(
        "a band that the sampling rate cannot hold",
        "pulse:\n  band: [0.5, 60]\n  sampling_rate: 100\n",
        "study.yaml, line 2; study.yaml, line 3: pulse.band: expected an upper end below half the "
        "sampling rate, 50 Hz, found 60",
    ),
    overlaid(
        "nothing to analyse",
        "data: {root: null}\npublished_predictions: null\n",
        "study.yaml, line 1; study.yaml, line 2: data.root and published_predictions are both "
        "null: there is nothing to analyse. Set one of them",
    ),
    overlaid(
        "one file under two codes",
        "clips:\n  vid1: {file: ASMR1.avi}\n  vid2: {file: ASMR1.avi}\n",
        "study.yaml, line 2; study.yaml, line 3: clips: file ASMR1.avi is named by more than one "
        "code: vid1, vid2",
    ),
    overlaid(
        "claims about other conditions than those of the clips",
        "folds: {number: 8}\nreport: {claims: true}\nclips:\n"
        + "".join(f"  vid{i}: {{condition: joy}}\n" for i in range(1, 9))
        + "responses: {target: {condition: joy}}\n",
        "study.yaml, line 2; study.yaml, line 4: report.claims: the paper's claims are about "
        "ASMR and Nature, but the clips are of joy; write false",
    ),
    overlaid(
        "conditions that are called as rests are",
        "report: {claims: false}\nclips:\n  vid2: {condition: washout2}\n  vid1:\n"
        "    condition: rest\n",
        "study.yaml, line 5: clips: condition rest is called as a rest is (baseline, washout, "
        "washout2, ..., final; rest: all of them), so that tables of the pulse could not tell them "
        "apart; choose another name",
        "study.yaml, line 3: clips: condition washout2 is called as a rest is (baseline, washout, "
        "washout2, ..., final; rest: all of them), so that tables of the pulse could not tell them "
        "apart; choose another name",
    ),
    overlaid(
        "streams of no file",
        "clips:\n  vid1:\n    file: null\n    streams: [sound]\n",
        "study.yaml, line 4; study.yaml, line 3: clips.vid1.streams: without a file there are "
        "none. Name its file, or write null",
    ),
    overlaid(
        "a length of one clip, of REST-ASMR's own files",
        "clips:\n  vid1: {duration: 90}\n",
        "study.yaml, line 2; config.yaml, line 32: clips.vid1.duration: the reader rest_asmr plays "
        "every clip for the 60 s of timing: clip. Name another reader, or leave it out",
    ),
    overlaid(
        "options of REST-ASMR's own files",
        "data:\n  options: {task: rest}\n",
        "study.yaml, line 2; config.yaml, line 32: data.options: the reader rest_asmr has none of "
        "its own: logs lie in log/, recordings in ppg/, clips in stim/. Name another reader, or "
        "leave it out",
    ),
    overlaid(
        "a clip that is over within the warm-up",
        "clips:\n  vid1: {duration: 5}\n",
        "study.yaml, line 2; config.yaml, line 133: clips.vid1.duration: 5 s are over within the "
        "warm-up (5 s). Lower timing: warm_up, or take the clip out",
    ),
    overlaid(
        "a warm-up as long as clips",
        "timing:\n  warm_up: 60.0\n  first_trial: null\n",
        "study.yaml, line 2; config.yaml, line 130: timing: expected warm_up < clip, found 60.0, "
        "60.0",
    ),
    overlaid(
        "more folds than clips",
        "folds:\n  number: 9\n",
        "study.yaml, line 2; config.yaml, line 117: folds.number: 9 folds need 9 clips, so that "
        "each of them tests one, found 8. Lower folds: number, or list more clips",
    ),
    overlaid(
        "no number of folds",
        "folds:\n  scheme: grouped_k_fold\n  number: null\n",
        "study.yaml, line 3; study.yaml, line 2: folds.number: grouped_k_fold needs the number of "
        "groups, found null",
    ),
    overlaid(
        "published predictions with folds that are not theirs",
        "folds:\n  number: 3\npublished_predictions: study.yaml\n",
        "study.yaml, line 2; config.yaml, line 117; study.yaml, line 3: folds.number: "
        "published_predictions have as many folds as each condition has clips, found 3 folds, and "
        "ASMR has 4, Nature has 4",
    ),
    overlaid(
        "a number of folds that the people decide",
        "folds:\n  scheme: leave_one_participant_out\n  number: 4\n",
        "study.yaml, line 3; study.yaml, line 2: folds.number: with leave_one_participant_out the "
        "number of people decides; write null",
    ),
    overlaid(
        "published predictions with folds of people",
        "folds:\n  scheme: leave_one_participant_out\n  number: null\n"
        "published_predictions: study.yaml\n",
        "study.yaml, line 2; study.yaml, line 4: folds.scheme: leave_one_participant_out does not "
        "fit published_predictions, whose folds are those of the clips; choose another scheme, or "
        "set published_predictions to null",
    ),
]
