"""What the inventory says of raw files before any of them is analysed."""

import subprocess
import sys
from io import BytesIO
from pathlib import Path

import av
import log_cases
import numpy as np
from error_cases import Case

from tinglegram.behaviour.timeline import Timing
from tinglegram.formats.biopac import read_outline
from tinglegram.inputs.clips import inspect_clip
from tinglegram.inputs.inspection import clip_entries, inspect, missing_clips
from tinglegram.inputs.inventory import Design
from tinglegram.inputs.raw_files import raw_files
from tinglegram.stimuli.container import clip_problems

ROOT = Path(__file__).resolve().parents[2]
TITLE = "Inventory of all raw files"

DESIGN = Design(log_cases.CLIPS, log_cases.RATINGS, Timing(), "CH1", 10.0)
FILES = {code: {"file": f"{code}.avi"} for code in log_cases.CLIPS}
AGAIN = "Export the whole recording again from Biopac as text (File > Save as > Text)."


def export(n_samples=2405, counted=None, interval="100 msec/sample"):
    """A recording of one channel at 10 Hz."""
    rows = "".join(f"{i / 10:.1f}\t{i % 7}\t\n" for i in range(n_samples))
    counts = f"\t{n_samples if counted is None else counted}\t\n"
    return f"a.acq\n{interval}\n1 channels\nPPG\nV\nsec\tCH1\t\n{counts}{rows}".encode()


def without(content, first, n_rows):
    """A recording that lacks rows."""
    lines = content.split(b"\n")
    del lines[7 + first : 7 + first + n_rows]
    return b"\n".join(lines)


def outline(content, channel="CH1", rows=1):
    """Provoke what the head and the tail of a recording say, with every so many rows of it."""
    lines = content.split(b"\n")
    content = b"\n".join([*lines[:7], *lines[7:-1:rows], lines[-1]])

    def provoke(folder):
        read_outline(content, content[-500:], len(content), "007_csv.txt", channel, 10.0)

    return provoke


def clip(seconds, sound=True):
    """A clip of grey pictures at 10 Hz."""
    stream = BytesIO()
    with av.open(stream, "w", format="avi") as container:
        video = container.add_stream("mjpeg", rate=10, width=32, height=32, pix_fmt="yuvj420p")
        audio = container.add_stream("pcm_s16le", rate=8000, layout="mono") if sound else None
        for _ in range(int(seconds * 10)):
            picture = av.VideoFrame.from_ndarray(np.full((32, 32, 3), 99, np.uint8))
            container.mux(video.encode(picture))
            if audio:
                samples = av.AudioFrame.from_ndarray(np.zeros((1, 800), np.int16), layout="mono")
                samples.sample_rate = 8000
                container.mux(audio.encode(samples))
        container.mux(video.encode(None))
    stream.seek(0)
    return stream


def stimulus(stream):
    """Provoke what the head of a clip says."""
    return lambda folder: "\n".join(
        map(str, clip_problems(stream, "ASMR1.avi", start_s=1.0, n_steps=30, grid_hz=10))
    )


def study(folder, logs, ppgs, clips):
    """Write a folder of raw data and inspect it."""
    for name, content in [*logs.items(), *ppgs.items(), *clips.items()]:
        path = folder / "data" / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content)
    raw = raw_files("data", None, FILES, 42)
    of_clips = [
        found
        for code, path in raw.clips.items()
        if Path(path).exists()
        for found in clip_entries(code, path, inspect_clip(path, DESIGN.timing, 44100))
    ]
    return [*inspect(raw, DESIGN, {}).entries, *of_clips, *missing_clips(raw.clips)]


def short(folder):
    (found,) = [
        entry
        for entry in study(
            folder,
            {f"log/{log_cases.NAME}": log_cases.log(log_cases.SESSION).encode()},
            {"ppg/007_csv.txt": export(2100)},
            {},
        )
        if entry.kind == "short_pulse"
    ]
    return found.sentence


def stopped(folder):
    """Everything amiss with two people and a clip, as the run says it."""
    entries = study(
        folder, {"log/007-1-a.log": b""}, {"ppg/008_csv.txt": export()}, {"stim/vid1.avi": b"x"}
    )
    table = ["subject\tvideo\tkind\tfile\twhere\texpected\tfound\tremedy\tdecision"]
    table += ["\t".join([*(cell or "n/a" for cell in entry), "error"]) for entry in entries]
    Path("problems.tsv").write_text("\n".join(table) + "\n")
    answer = subprocess.run(
        [sys.executable, ROOT / "scripts/inputs/require_inputs.py"]
        + ["--problems", "problems.tsv", "--output", "accepted.txt"],
        capture_output=True,
        text=True,
        check=False,
    )
    assert answer.returncode == 1 and not Path("accepted.txt").exists()
    return answer.stderr


EXCLUDE = "leave the person out by a line (subject, *, reason) in the table of exclusions"
NULL = "Add it, or take the clip out of the study by setting it to null under clips."

CASES = [
    Case(
        "several things at once stop the study",
        "ERROR 6 problem(s) in the raw files stop this study; problems.tsv lists everything found. "
        "Mend the files, or decide in the configuration (data: problems).\n"
        "participant 007: 007-1-a.log: expected a Presentation event log, found an empty file. "
        "Copy the log again from the recording computer.\n"
        "participant 007: ppg/007_csv.txt: expected the pulse recording of participant 007, found "
        f"no such file. Add the file, or {EXCLUDE} or by data: problems: missing_pulse.\n"
        "participant 008: log/008-....log: expected the event log of participant 008, found no "
        f"such file. Add the file, or {EXCLUDE} or by data: problems: missing_log.\n"
        "vid1.avi: expected a video clip, found Invalid data found when processing input. Copy the "
        "clip again, or convert it again from its source.\n"
        f"data/stim/vid2.avi: expected clip vid2, found no such file. {NULL}\n"
        f"data/stim/vid5.avi: expected clip vid5, found no such file. {NULL}",
        stopped,
    ),
    Case(
        "a recording shorter than the log says",
        "007_csv.txt, second 210.0: expected samples up to second 240.0, where clip vid5 ends, "
        "found the end of the recording after 2100 samples. Export the whole recording, check that "
        "log and recording belong together, or leave the trial out by the table of exclusions or "
        "by data: problems: short_pulse.",
        short,
    ),
    Case(
        "a recording without samples",
        f"007_csv.txt: expected rows of samples, found only a header. {AGAIN}",
        outline(export(0)),
    ),
    Case(
        "a recording cut inside its last row",
        "007_csv.txt, last row: expected 2 cells with numbers, found '240.4\\t'. The row is "
        f"damaged or cut short. {AGAIN}",
        outline(export()[:-3]),
    ),
    Case(
        "a recording cut between two rows",
        "007_csv.txt, last row: expected 2600 samples of CH1, as the header counts, found about "
        f"2405, by the time 240.4 at 10 Hz. The file was cut off or edited. {AGAIN}",
        outline(export(counted=2600)),
    ),
    Case(
        "a recording whose time column jumps: the recorder stopped and went on",
        "007_csv.txt, last row: expected 2300 samples of CH1, as the header counts, found about "
        "2405, by the time 240.4 at 10 Hz. The time column holds 10.5 s more than the samples: the "
        f"recorder stopped and went on, or rows were lost. {AGAIN}",
        outline(without(export(counted=2300), 1000, 105)),
    ),
    Case(
        "a recording whose rows are further apart than its header says",
        "007_csv.txt, line 9: expected rows 0.1 s apart, 10 Hz, found 0.2 s by the time column. "
        f"{AGAIN} If the rate is wrong, correct pulse: sampling_rate.",
        outline(export(), rows=2),
    ),
    Case(
        "a clip without sound",
        "ASMR1.avi: expected a clip with pictures and sound, found no sound stream. Export the "
        "clip again with both, or say what people were shown of it (clips: streams).",
        stimulus(clip(4, sound=False)),
    ),
    Case(
        "a clip shorter than its window",
        "ASMR1.avi: expected pictures until second 4.00, found 3.00 s declared in its header. Copy "
        "the clip again, or convert it again from its source. If the clip is meant to be shorter, "
        "say how long it plays (clips: duration).\n"
        "ASMR1.avi: expected sound until second 3.90, found 3.00 s declared in its header. Copy "
        "the clip again, or convert it again from its source. If the clip is meant to be shorter, "
        "say how long it plays (clips: duration).",
        stimulus(clip(3)),
    ),
]
