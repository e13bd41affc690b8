"""Skin conductance, respiration and temperature that cannot be ones, or that are not there."""

from types import SimpleNamespace

import numpy as np
import pandas as pd
from error_cases import Case
from overlay import overlaid
from sensor_signals import breaths_of, planted_skin, sensor, sensor_timeline

from tinglegram.canonical.tables import Signal
from tinglegram.report.figures.tinglegram import describe_untested
from tinglegram.sensors.channels import chosen_sensors
from tinglegram.sensors.cleaning import clean_sensor, require_cover
from tinglegram.sensors.settings import SensorMethods
from tinglegram.sensors.skin_conductance import decompose
from tinglegram.trials.trials import split

TITLE = "Skin conductance, respiration and temperature"
SKIN, _ = planted_skin(60, 4, [20.0, 40.0], [0.5, 0.5], noise_us=0.002)
METHODS = SensorMethods()


def _cleaned(kind, values, unit="", rate_hz=4.0):
    def provoke(folder):
        signal = sensor(kind, np.asarray(values), rate_hz, unit)
        return "\n".join(map(str, clean_sensor(signal, METHODS, "P07")[1]))

    return provoke


def _chosen(wanted):
    signals = [Signal(name, "temperature", "°C", SKIN, rate_hz=4.0) for name in ("Wrist", "Room")]

    def provoke(folder):
        return "\n".join(map(str, chosen_sensors(signals, wanted, "P07")[1]))

    return provoke


def _other_clock(folder):
    clean, _ = clean_sensor(sensor("eda", SKIN, 4, "µS"), METHODS, "P07")
    require_cover(clean, sensor_timeline([600, 640]), "EDA", "P07")


def _gappy():
    values = np.where(np.arange(len(SKIN)) % 30 < 6, np.nan, SKIN)
    return values


def _flat():
    return np.where((np.arange(len(SKIN)) >= 80) & (np.arange(len(SKIN)) < 120), SKIN[80], SKIN)


def _fold_without(folder):
    found = SimpleNamespace(
        subject=np.array([3]),
        video=np.array(["a1"]),
        left_out={(4, "a1", 0): "eda"},
    )
    roles = {(3, "train"), (3, "validation"), (4, "test")}
    rows = [(1, subject, "a1", role) for subject, role in sorted(roles)]
    split(found, pd.DataFrame(rows, columns=["fold", "subject", "video", "role"]), 1)


NOISY = SKIN + 0.03 * np.random.default_rng(0).standard_normal(len(SKIN))
LOST = np.where(np.arange(len(SKIN)) < 8, 0.0, SKIN)

CASES = [
    overlaid(
        "sensors of REST-ASMR's own files, and bands that are none",
        "sensors: {eda: null}\nsensor_methods:\n  resp_band: [1, 6]\n  eda_range: [60, 0.05]\n",
        "study.yaml, line 4: sensor_methods.eda_range: the first value must be below the second, "
        "found [60, 0.05]",
        "study.yaml, line 3: sensor_methods.resp_band: expected an upper end below 4 Hz, found 6",
        "study.yaml, line 1; config.yaml, line 32: sensors: the reader rest_asmr gives the pulse "
        "alone. Name another reader, or write {}",
    ),
    overlaid(
        "a type of signal that is no sensor",
        "sensors: {skin: null}\n",
        "study.yaml, line 1: sensors.skin: expected a name that is one of eda, resp, "
        'temperature, found "skin"',
    ),
    Case(
        "two channels of a type",
        "P07: expected one channel of type temperature, found 2: Wrist, Room. Name the one to use "
        "in sensors. Is it of another type? Name its type in data: options.",
        _chosen({"temperature": None}),
    ),
    Case(
        "a channel of another name",
        "P07: expected one channel of type temperature named 'Chest', found 2: Wrist, Room. Name "
        "the one to use in sensors. Is it of another type? Name its type in data: options.",
        _chosen({"temperature": "Chest"}),
    ),
    Case(
        "a participant without a signal (noted)",
        "no signal of type eda (present: Wrist (temperature), Room (temperature)): it is left out",
        _chosen({"eda": None}),
    ),
    Case(
        "a skin conductance that never changes (noted)",
        "EDA (eda) was dead or not worn (all 99 samples are 3): it is left out",
        _cleaned("eda", np.full(99, 3.0), "µS"),
    ),
    Case(
        "a temperature without a value (noted)",
        "TEMPERATURE (temperature) was dead or not worn (all 99 samples are missing): it is left "
        "out",
        _cleaned("temperature", np.full(99, np.nan), "°C"),
    ),
    Case(
        "electrodes that touch nothing (noted)",
        "EDA (eda) was dead or not worn (few values reach 0.05 µS, or its unit is wrong): it is "
        "left out",
        _cleaned("eda", SKIN / 2000, "µS"),
    ),
    Case(
        "a conductance without a unit that is as likely a resistance",
        "P07, signal EDA: expected a unit, or a median of 0.5 to 40, usual for µS, found no unit "
        "and a median of 0.204321, as likely a resistance. Say its unit in data: options: uS, or "
        "kohm or Mohm.",
        _cleaned("eda", np.round(1 / np.round(SKIN, 5), 9)),
    ),
    Case(
        "a skin conductance in volt",
        "P07, signal EDA: expected a skin conductance in µS, nS, mS or S, or a resistance in ohm, "
        "kohm or Mohm, found the unit 'V'. Correct its unit or its type in data: options.",
        _cleaned("eda", SKIN, "V"),
    ),
    Case(
        "a negative skin conductance",
        "P07, signal EDA: expected a skin conductance with a median of 0.01 to 100 µS, found "
        "-4.89426 µS (µS). Correct its unit in data: options, or take another channel in sensors: "
        "values below 0 are those of an amplifier that subtracts the level.",
        _cleaned("eda", np.round(-SKIN, 5), "µS"),
    ),
    Case(
        "a resistance in the wrong unit",
        "P07, signal EDA: expected a skin conductance with a median of 0.01 to 100 µS, found "
        "204.321 µS (kohm, a resistance). Correct its unit in data: options, or take another "
        "channel in sensors: values below 0 are those of an amplifier that subtracts the level.",
        _cleaned("eda", np.round(SKIN, 5), "kohm"),
    ),
    Case(
        "a temperature in volt",
        "P07, signal TEMPERATURE: expected a temperature in °C, °F or K, found the unit 'V'. "
        "Correct its unit or its type in data: options.",
        _cleaned("temperature", [33.0, 34.0], "V"),
    ),
    Case(
        "degrees of Fahrenheit that are called Celsius",
        "P07, signal TEMPERATURE: expected a temperature of the skin with a median of 5 to 50 °C, "
        "found 92 °C (°C). Correct its unit in data: options, or take another channel in sensors.",
        _cleaned("temperature", [91.0, 93.0], "°C"),
    ),
    Case(
        "a temperature out of range",
        "P07, signal TEMPERATURE: expected values of 15 to 45 °C, found none. Correct its unit in "
        "data: options, or sensor_methods: temperature_range.",
        _cleaned("temperature", [10.0, 11.0], "°C"),
    ),
    Case(
        "a respiration at a low rate",
        "P07, signal RESP: expected more than 2 samples per second (resp), found 1. Export it at "
        "its full rate, or leave it out of sensors.",
        _cleaned("resp", breaths_of(99, 1, 15), rate_hz=1.0),
    ),
    Case(
        "a skin conductance on another clock",
        "P07, signal EDA: expected values during the clips, from second 605.0 on, found values "
        "from second 0.0 to second 60.0 alone. Correct the clock or offset_s of the file in data: "
        "options.",
        _other_clock,
    ),
    Case(
        "a fold whose test trials have no skin conductance",
        "Fold 1 has no test trial: the model uses eda, which is not there for subject 4. Leave out "
        "who has no eda (data.exclusions), take eda out of the model's modalities, or choose "
        "another folds: scheme.",
        _fold_without,
    ),
    Case(
        "a participant whom a model did not test, in place of a figure",
        "Participant 4 was not tested by skin: no trial has all of its signals.",
        lambda folder: describe_untested(4, "skin"),
    ),
    Case(
        "a skin conductance of a few seconds",
        "A skin conductance of 5.0 s has no level: 10 s are needed. Export the whole recording.",
        lambda folder: decompose(np.ones(20), 4.0),
    ),
    Case(
        "a skin conductance in other units (noted)",
        "EDA in nS: converted to µS",
        _cleaned("eda", SKIN * 1000, "nS"),
    ),
    Case(
        "a skin conductance without a unit (noted)",
        "EDA has no unit: taken for µS",
        _cleaned("eda", SKIN),
    ),
    Case(
        "an electrode that is not attached at first (noted)",
        "8 of 240 samples of EDA are outside of 0.05 to 60 µS: taken for missing",
        _cleaned("eda", LOST, "µS"),
    ),
    Case(
        "a skin conductance with short gaps everywhere (noted)",
        "EDA is missing for 10.5 s (18%) of its recording\n"
        "EDA is nowhere without a gap for 10 s: it has no measures",
        _cleaned("eda", _gappy(), "µS"),
    ),
    Case(
        "a skin conductance that stands still (noted)",
        "EDA does not change for 9.8 s (16%) of its recording",
        _cleaned("eda", _flat(), "µS"),
    ),
    Case(
        "a noisy skin conductance (noted)",
        "noise in EDA for 60.0 s: there, responses count from 0.185 µS on, not from 0.05 µS",
        _cleaned("eda", NOISY, "µS"),
    ),
    Case(
        "a respiration without breaths (noted)",
        "no breath was found in RESP",
        _cleaned("resp", np.linspace(0, 1, 400), rate_hz=8.0),
    ),
]
