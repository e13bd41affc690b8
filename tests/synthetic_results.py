"""Small made-up results of the other stages, for the tests of the report."""

import json
import os
import subprocess
import sys
from pathlib import Path

import numpy as np
import pandas as pd

from tinglegram.files import write_json, write_table
from tinglegram.inference import multiple_testing
from tinglegram.statistics import events, self_report, within_target

ROOT = Path(__file__).parent.parent
CLIPS = {"vid1": "ASMR", "vid2": "ASMR", "vid5": "Nature", "vid6": "Nature"}
METRICS = ["accuracy", "macro_f1", "macro_precision", "macro_recall", "nature_specificity"]
STEPS, PADDED_FROM, GRID = 550, 507, 10


def labels(n_subjects: int = 12, seed: int = 1) -> pd.DataFrame:
    """Ratings of every subject and clip; every subject's first clip is cut short."""
    random = np.random.default_rng(seed)
    tables = []
    for subject in range(1, n_subjects + 1):
        for order, (video, condition) in enumerate(CLIPS.items()):
            n = PADDED_FROM if order == 0 else STEPS
            changes = np.sort(random.integers(0, n, 6))
            ratings = np.r_[0, random.integers(0, 4, 6)][np.searchsorted(changes, np.arange(n))]
            if subject == 3 and condition == "ASMR":
                ratings[:] = 0
            tables.append(
                pd.DataFrame(
                    {
                        "subject": subject,
                        "video": video,
                        "condition": condition,
                        "order": order,
                        "step": np.arange(n),
                        "time_s": np.arange(n) / GRID,
                        "rating": ratings,
                    }
                )
            )
    return pd.concat(tables, ignore_index=True)


def predictions(fold: int, subjects: list[int], seed: int = 1) -> pd.DataFrame:
    """Test trials of a fold: its clip of each condition, padded to STEPS."""
    random = np.random.default_rng([seed, fold])
    everything = labels()
    tables = []
    for subject in subjects:
        for video in (f"vid{fold}", f"vid{fold + 4}"):
            own = everything[(everything["subject"] == subject) & (everything["video"] == video)]
            rating = np.zeros(STEPS, dtype=int)
            rating[: len(own)] = own["rating"]
            condition = CLIPS[video]
            label = (rating > 0).astype(int) * (condition == "ASMR")
            level = 0.62 * label + 0.2 * (condition == "ASMR") + 0.03
            drift = np.cumsum(random.normal(0, 0.02, STEPS))
            probability = np.clip(level + drift + random.normal(0, 0.04, STEPS), 0, 1)
            tables.append(
                pd.DataFrame(
                    {
                        "subject": subject,
                        "video": video,
                        "condition": condition,
                        "step": np.arange(STEPS),
                        "time_s": np.arange(STEPS) / GRID,
                        "valid": np.arange(STEPS) < len(own),
                        "label": label,
                        "rating": rating,
                        "probability": probability,
                        "predicted": (probability > 0.5).astype(int),
                    }
                )
            )
    return pd.concat(tables, ignore_index=True)


def history(fold: int, epochs: int = 35, validated: bool = True) -> pd.DataFrame:
    random = np.random.default_rng(fold)
    epoch = np.arange(1, epochs + 1)
    train = 0.25 + 0.45 * np.exp(-epoch / 8) + random.normal(0, 0.01, epochs)
    held = 0.45 + 0.3 * np.exp(-epoch / 5) + 0.004 * epoch + random.normal(0, 0.02, epochs)
    score = 0.75 - 0.4 * np.exp(-epoch / 4) + random.normal(0, 0.02, epochs)
    missing = np.full(epochs, np.nan)
    return pd.DataFrame(
        {
            "epoch": epoch,
            "train_loss": train,
            "validation_loss": held if validated else missing,
            "validation_macro_f1": score if validated else missing,
            "selected": epoch == (epoch[score.argmax()] if validated else epochs),
        }
    )


def fold_metrics(shift: float = 0.0, folds: int = 2) -> pd.DataFrame:
    values = np.linspace(0.6, 0.8, folds)[:, None] + shift + np.linspace(0, 0.1, len(METRICS))
    rows = np.vstack([values, values.mean(axis=0), values.std(axis=0)])
    table = pd.DataFrame(rows, columns=METRICS)
    table.insert(0, "fold", [*map(str, range(1, folds + 1)), "mean", "sd"])
    return table


def pooled() -> pd.DataFrame:
    return pd.DataFrame(
        {
            "metric": METRICS,
            "value": 0.7238,
            "ci_low": 0.65,
            "ci_high": 0.795,
            "p_value": [0.0, 0.0, 0.0002, 0.0123, 0.0],
            "cohens_d": [5.65, 5.65, 5.65, 5.65, np.nan],
            "n_bootstrap": 2000,
            "n_permutations": 5000,
            "p_within": [0.04, 0.04, 0.0, 0.04, 1.0],
            "p_holm": [0.0, 0.0, 0.0004, 0.0123, 0.0],
            "p_bh": [0.0, 0.0, 0.00025, 0.0123, 0.0],
            "family": "metrics of one model",
            "p_within_holm": [0.16, 0.16, 0.0, 0.16, 1.0],
            "p_within_bh": [0.05, 0.05, 0.0, 0.05, 1.0],
        }
    )


def video_level() -> pd.DataFrame:
    return pd.DataFrame(
        {
            "metric": ["accuracy", "macro_f1"],
            "value": [1.0, 1.0],
            "ci_low": 1.0,
            "ci_high": 1.0,
            "p_value": 0.0,
            "tn": 11,
            "fp": 1,
            "fn": 2,
            "tp": 10,
            "n_bootstrap": 2000,
            "n_permutations": 5000,
        }
    )


def within_scores(shift: float = 0.0) -> pd.DataFrame:
    value = np.array([0.53, 0.11, 0.71, np.nan, 0.28, 0.146]) + shift
    p_value = np.array([0.1674, 0.123, 0.0, np.nan, 0.3785, 0.35])
    table = pd.DataFrame(
        {"metric": within_target.WITHIN_TARGET_METRICS, "value": value, "p_value": p_value}
    )
    table = table.assign(ci_low=value - 0.04, ci_high=value + 0.04)
    return table.join(multiple_testing.adjust(p_value, within_target.WITHIN_TARGET_FAMILY)).assign(
        n_participants=[34, 34, 18, 18, 34, 34],
        n_trials=[34, 34, 18, 18, 34, 68],
        n_bootstrap=2000,
        n_permutations=5000,
    )


def event_scores() -> pd.DataFrame:
    value = np.array([20.55, 0.0, 0.25, 13.7333, 0.0667, np.nan, 0.853, 4.382])
    table = pd.DataFrame({"metric": events.EVENT_METRICS, "value": value})
    return table.assign(
        ci_low=value * 0.9,
        ci_high=value * 1.1,
        n_participants=[3, 15, 12, 3, 10, 0, 34, 34],
        n_reported=[19, 19, 19, 15, 15, 15, 29, 29],
        n_predicted=[125, 125, 125, 0, 0, 0, 149, 149],
        n_bootstrap=2000,
    )


def self_report_scores() -> pd.DataFrame:
    table = pd.DataFrame(
        {"metric": self_report.SELF_REPORT_METRICS, "value": [0.838, 0.834, 0.676, 0.5]}
    )
    table = table.assign(ci_low=0.5, ci_high=0.9, p_value=[1.0, 0.0, 1.0, 1.0])
    return table.join(
        multiple_testing.adjust(table["p_value"], self_report.SELF_REPORT_FAMILY)
    ).assign(tn=[34, 34, 0, 0], fp=11, fn=0, tp=23, n_bootstrap=2000, n_permutations=5000)


def calibration_scores() -> pd.DataFrame:
    limits = np.linspace(0, 1, 11)
    tables = []
    for scope in ("both_conditions", "within_target"):
        frames = np.array([9000, 800, 0, 300, 500, 900, 2000, 3000, 1500, 500])
        mean = np.where(frames > 0, (limits[:-1] + limits[1:]) / 2, np.nan)
        table = pd.DataFrame({"scope": scope, "bin_low": limits[:-1], "bin_high": limits[1:]})
        tables.append(
            table.assign(
                n_frames=frames,
                n_participants=np.where(frames > 0, 12, 0),
                mean_probability=mean,
                observed_share=mean**1.5,
                ci_low=mean**1.5 * 0.8,
                ci_high=np.minimum(mean**1.5 * 1.2, 1),
                n_bootstrap=2000,
            )
        )
    return pd.concat(tables, ignore_index=True)


def ablation() -> pd.DataFrame:
    return pd.DataFrame(
        {
            "model": ["visual", "acoustic"],
            "reference": "fusion",
            "mean_difference": [0.0275, 0.0192],
            "p_value": [0.0488, 0.0],
            "test": "paired bootstrap over folds",
            "n_units": 2,
            "p_holm": [0.0488, 0.0],
            "p_bh": [0.0488, 0.0],
            "family": "models compared with fusion, paired bootstrap over folds",
        }
    )


def coupling(n_subjects: int = 12) -> pd.DataFrame:
    random = np.random.default_rng(4)
    table = pd.DataFrame(
        {
            "subject": np.repeat(np.arange(1, n_subjects + 1), 2),
            "condition": ["ASMR", "Nature"] * n_subjects,
            "n_windows": 190,
            "r_pulse_rate": np.clip(random.normal(0, 0.3, 2 * n_subjects), -1, 1),
            "r_rmssd": random.uniform(-0.3, 0.3, 2 * n_subjects),
        }
    )
    table.loc[3, "r_pulse_rate"] = np.nan
    table = table.assign(r_pulse_rate_good=table["r_pulse_rate"] * 0.9)
    table.loc[5, "r_pulse_rate_good"] = np.nan
    return table


def coupling_test() -> pd.DataFrame:
    return pd.DataFrame(
        {
            "windows": ["all", "all", "good", "good"],
            "measure": ["pulse_rate", "rmssd"] * 2,
            "t": [-2.085, 0.3, -1.9, 0.2],
            "df": [31, 31, 9, 9],
            "p_value": [0.0454, 0.77, 0.09, 0.8],
            "n_pairs": [32, 32, 10, 10],
        }
    )


def inventory(n_subjects: int = 12) -> pd.DataFrame:
    table = pd.DataFrame(
        {
            "subject": range(1, n_subjects + 1),
            "log": [f"log/{s:03d}-1-20250101-ab.log" for s in range(1, n_subjects + 1)],
            "ppg": [f"ppg/{s:03d}_csv.txt" for s in range(1, n_subjects + 1)],
            "n_clips": 4,
            "problem": None,
            "included": True,
            "reason": None,
            "n_left_out": 0,
            "pulse": True,
        }
    )
    table.loc[0, "log"] = "log/<script>alert(1)</script>.log"
    table.loc[1, ["included", "reason", "n_clips"]] = [False, "fell asleep & <b>left</b>", 0]
    return table


def write_results(folder: Path, protocol: str = "described") -> Path:
    """Write everything the report stage reads under `folder`; return it."""
    root = folder / protocol
    for subject, table in labels().groupby("subject"):
        write_table(table, root / f"labels/{subject:03d}.parquet")
    for model in ("fusion", "visual", "acoustic", "xgboost"):
        for fold, subjects in ((1, list(range(1, 7))), (2, list(range(7, 13)))):
            where = root / f"models/{model}/fold{fold}"
            write_table(predictions(fold, subjects), where / "predictions.parquet")
            write_table(history(fold, validated=model != "xgboost"), where / "history.tsv")
        shift = {"fusion": 0.02}.get(model, 0.0)
        write_table(fold_metrics(shift), root / f"statistics/{model}/fold_metrics.tsv")
        write_table(pooled(), root / f"statistics/{model}/pooled.tsv")
        write_table(video_level(), root / f"statistics/{model}/video_level.tsv")
        write_table(within_scores(shift), root / f"statistics/{model}/within.tsv")
        write_table(calibration_scores(), root / f"statistics/{model}/calibration.tsv")
    write_table(ablation(), root / "statistics/ablation.tsv")
    write_table(coupling(), root / "statistics/pulse_coupling.tsv")
    write_table(coupling_test(), root / "statistics/pulse_coupling_quality.tsv")
    write_table(inventory(), folder / "inventory.tsv")
    write_json(
        {
            "workflow": {"commit": "0" * 40, "modified_files": 0, "code": {"a.py": "f" * 64}},
            "versions": {"numpy": "2.4.6", "torch": "2.15.0"},
            "seed": 42,
            "inputs": {"data/log/<script>.log": "e" * 64},
        },
        folder / "provenance.json",
    )
    config = {
        "study": "synthetic",
        "protocols": [protocol],
        "own_protocols": {},
        "overrides": {},
        "report": {"title": "Synthetic <study>"},
    }
    # JSON is YAML.
    (folder / "config.yaml").write_text(json.dumps(config, indent=1), encoding="utf-8")
    return folder


def build_report(results: Path) -> Path:
    """Run the scripts of the report stage on made-up results; return the page."""
    root = write_results(results) / "described"
    statistics, note = root / "statistics", "Untrained ResNet-18: scores carry no meaning."
    n_folds = len(list((root / "models/fusion").glob("fold*")))
    pattern = root / "models/{model}/fold{fold}/predictions.parquet"
    common = ["--results", results, "--protocol", "described"]
    of_models = [*common, "--notes", f"fusion={note}", "--folds", n_folds]
    of_models += ["--target", "ASMR", "--predictions", pattern]
    script(
        *("draw_tinglegram", "--tinglegram", "fusion", "005", *of_models),
        *("--dimensions", "response.kind=ordinal", "response.range=0,3"),
        *("--dimension", "response", "--response", "tingle", "--smoothing-steps", 2.0),
        *("--output", root / "figures/figure6_{model}_{subject}.svg"),
    )
    script(
        *("draw_confusion", "--models", "fusion", "--padding", "counted", *of_models),
        *("--video-level", statistics / "{model}/video_level.tsv", "--video-threshold", 0.15),
        *("--control", "Nature", "--response", "tingle"),
        *("--output", root / "figures/confusion_{model}.svg"),
    )
    script(
        *("make_tables", "--table", "table1", "score", "Table 1", "fusion", *common),
        *("--statistics", statistics, "--notes", f"table1={note}", "--confidence", 0.95),
        *("--agreement-bootstrap", 10000, "--ablation-bootstrap", 10000),
        *("--conditions", "ASMR", "Nature", "--response", "tingle", "--above", 0),
        *("--output", root / "tables"),
    )
    script(
        *("write_report", "--results", results, "--config", results / "config.yaml"),
        *("--provenance", results / "provenance.json", "--inventory", results / "inventory.tsv"),
        *("--models", "acoustic", "fusion", "visual", "xgboost", "--folds", n_folds),
        *("--fold-metrics", results / "{protocol}/statistics/{model}/fold_metrics.tsv"),
        *("--predictions", str(pattern).replace("{model}", "fusion")),
        *("--tables", "table1", "--figures", "confusion_fusion"),
        *("--tinglegram", "fusion", "005", "--warnings", "Simulated data."),
        *("--control", "Nature", "--dimension", "response", "--above", 0, "--condition", "ASMR"),
        *("--output", results / "report.html"),
    )
    return results / "report.html"


def script(name: str, *arguments: object) -> None:
    """Run a script of the report stage; an error shows what it printed."""
    done = subprocess.run(
        [sys.executable, ROOT / f"scripts/report/{name}.py", *map(str, arguments)],
        capture_output=True,
        text=True,
        env=os.environ | {"PYTHONPATH": str(ROOT / "src")},
        check=False,
    )
    assert done.returncode == 0, done.stderr


def value_scores() -> pd.DataFrame:
    """Scores of predicted values and their differences: a model, a baseline and a ceiling."""
    kinds = {"line": "ridge", "mean": "baseline", "human_agreement": "noise_ceiling"}
    values = {
        "concordance": (0.5, 0.0, 0.6),
        "rmse": (1.0, 2.0, 0.9),
        "pearson": (0.55, np.nan, 0.65),
    }
    rows = [
        {
            **{"model": model, "baseline": "mean", "kind": kind, "metric": metric},
            **{"value": values[metric][place], "mean_difference": values[metric][place]},
            "ci_low": 0.0 if model == "mean" else 0.4,
            "ci_high": 0.0 if model == "mean" else 0.6,
            "n_trials": 20 if metric != "pearson" else 0 if model == "mean" else 18,
            **{"n_constant": 2, "n_participants": 5, "n_bootstrap": 100},
        }
        for place, (model, kind) in enumerate(kinds.items())
        for metric in values
    ]
    return pd.DataFrame(rows)
