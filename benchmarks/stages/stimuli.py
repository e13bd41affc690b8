"""Stimuli: visual and acoustic features of one clip, for several people who saw it."""

import tempfile
import time
import wave
from pathlib import Path
from typing import Any, NamedTuple

import av
import librosa
import numpy as np
import torch
from simulated import steps, steps_first
from torchvision.transforms import Compose, Normalize, Resize, ToTensor

from tinglegram.stimuli import acoustic, video, visual


class Inputs(NamedTuple):
    """The clip, the network, the grid, and each viewer's number of steps."""

    clip: Path
    network: torch.nn.Module
    start_s: float
    grid: float
    image_size: int
    sample_rate: int
    n_fft: int
    n_mfcc: int
    viewers: list[int]
    # Processor seconds at which the plain way was done with each viewer.
    laps: list[float]


def load(folder: Path, settings: dict[str, Any], way: str) -> Inputs:
    """Make the untrained network; the first viewer saw the clip first, so for a shorter time."""
    torch.set_num_threads(1)
    ask, timing = settings["stimuli"], settings["timing"]
    others = settings["bench"]["viewers"] - 1
    return Inputs(
        folder / "clip.avi",
        visual.untrained_network(settings["seed"]),
        timing["warm_up"],
        timing["grid"],
        ask["image_size"],
        ask["sample_rate"],
        ask["n_fft"],
        ask["n_mfcc"],
        [steps_first(settings), *[steps(settings)] * others],
        laps=[],
    )


def ours(inputs: Inputs) -> dict[str, np.ndarray]:
    """Decode the clip once; one visual and two acoustic matrices serve every viewer."""
    n_steps = max(inputs.viewers)
    extractor = visual.FeatureExtractor(inputs.network, ["direct_224"], inputs.image_size)
    with inputs.clip.open("rb") as stream:
        clip = video.decode_clip(
            stream,
            inputs.clip.name,
            start_s=inputs.start_s,
            n_steps=n_steps,
            grid_hz=inputs.grid,
            sample_rate=inputs.sample_rate,
            take=extractor.add,
        )
    seen = extractor.features()["direct_224"][clip.picture_of_step["timestamps"]]
    hop = acoustic.hop_samples(inputs.sample_rate, inputs.grid)
    heard = {
        n: acoustic.features(
            clip.sound["timestamps"],
            n,
            sample_rate=inputs.sample_rate,
            hop=hop,
            window=inputs.n_fft,
            n_mfcc=inputs.n_mfcc,
        )
        for n in sorted(set(inputs.viewers))
    }
    return {str(viewer): np.hstack([seen[:n], heard[n]]) for viewer, n in enumerate(inputs.viewers)}


def reference(inputs: Inputs) -> dict[str, np.ndarray]:
    """Extract every viewer's trial anew: pictures, a temporary WAV file, librosa on the signal."""
    found = {}
    for viewer, n in enumerate(inputs.viewers):
        found[str(viewer)] = np.hstack([_visual(inputs, n), _acoustic(inputs, n)])
        inputs.laps.append(time.process_time())
    return found


def _visual(inputs: Inputs, n_steps: int, batch: int = 64) -> np.ndarray:
    transform = Compose(
        [
            Resize((inputs.image_size, inputs.image_size)),
            ToTensor(),
            Normalize([0.485, 0.456, 0.406], [0.229, 0.224, 0.225]),
        ]
    )
    pictures: dict[int, torch.Tensor] = {}
    with av.open(str(inputs.clip)) as container:
        stream = container.streams.video[0]
        stream.codec_context.thread_count = 1
        fps = float(stream.average_rate)
        first = int(inputs.start_s * fps + 0.5)
        wanted = [first + int(i / inputs.grid * fps) for i in range(n_steps)]
        for number, frame in enumerate(container.decode(stream)):
            if number in wanted:
                pictures[number] = transform(frame.to_image())
            if number == wanted[-1]:
                break
    tensors = torch.stack([pictures[number] for number in wanted])
    with torch.no_grad():
        parts = [inputs.network(part).numpy() for part in tensors.split(batch)]
    return np.concatenate(parts)


def _acoustic(inputs: Inputs, n_steps: int) -> np.ndarray:
    rate = inputs.sample_rate
    with tempfile.TemporaryDirectory() as place:
        sound = Path(place) / "sound.wav"
        with av.open(str(inputs.clip)) as container, wave.open(str(sound), "wb") as file:
            file.setnchannels(1)
            file.setsampwidth(2)
            file.setframerate(rate)
            resampler = av.AudioResampler(format="s16", layout="mono", rate=rate)
            for frame in container.decode(audio=0):
                for part in resampler.resample(frame):
                    file.writeframes(part.to_ndarray().tobytes())
            for part in resampler.resample(None):
                file.writeframes(part.to_ndarray().tobytes())
        y, _ = librosa.load(sound, sr=rate, offset=inputs.start_s, duration=n_steps / inputs.grid)
    hop = int(rate / inputs.grid)
    window = {"n_fft": inputs.n_fft, "hop_length": hop}
    frames = {"frame_length": inputs.n_fft, "hop_length": hop}
    rows = [
        librosa.feature.mfcc(y=y, sr=rate, n_mfcc=inputs.n_mfcc, **window),
        librosa.feature.rms(y=y, **frames),
        librosa.feature.spectral_centroid(y=y, sr=rate, **window),
        librosa.feature.spectral_bandwidth(y=y, sr=rate, **window),
        librosa.feature.zero_crossing_rate(y, **frames),
        librosa.feature.spectral_contrast(y=y, sr=rate, **window),
    ]
    return np.vstack(rows)[:, :n_steps].T
