"""Clips and weights that cannot be used as they are, or only with a word of warning."""

import io
import pickle
import struct
import urllib.error
from pathlib import Path
from unittest.mock import patch

import torch
from clip_files import clip_file, sound_file
from error_cases import Case
from torchvision.models import resnet18, resnet34

from tinglegram.stimuli import acoustic, visual
from tinglegram.stimuli.pictures import Picture
from tinglegram.stimuli.video import decode_clip

TITLE = "Clips and weights"

# Uncompressed, so that bytes and messages do not depend on an encoder.
PLAIN = {"video": "rawvideo", "audio": "pcm_s16le"}
EVERY_40_MS = list(range(0, 3200, 40))


def _decode(make, start_s: float = 0.5):
    """Decode 2 s of a clip and return what was noticed."""

    def provoke(folder: Path) -> str:
        pictures: list[Picture] = []
        window = {"start_s": start_s, "n_steps": 20, "grid_hz": 10, "sample_rate": 44100}
        clip = decode_clip(make(), "ASMR1.avi", take=pictures.append, **window)
        return "\n".join(finding.sentence("ASMR1.avi") for finding in clip.findings)

    return provoke


def _clip(n_frames: int = 80, **layout):
    return _decode(lambda: clip_file(n_frames, **{**PLAIN, **layout}))


def _replaced(old: bytes, new: bytes, **layout):
    return _decode(lambda: io.BytesIO(clip_file(80, **layout).getvalue().replace(old, new)))


def _boastful() -> io.BytesIO:
    """A clip of 50 frames whose two headers say 80."""
    content = bytearray(clip_file(50, **PLAIN).getvalue())
    for place in (content.index(b"avih") + 24, content.index(b"vids") + 32):
        assert struct.unpack_from("<I", content, place) == (50,)
        struct.pack_into("<I", content, place, 80)
    return io.BytesIO(content)


def _half() -> io.BytesIO:
    content = clip_file(80, **PLAIN).getvalue()
    return io.BytesIO(content[: len(content) // 2])


def _joined() -> io.BytesIO:
    part = clip_file(40, container="mpegts", video="mpeg2video", audio="mp2").getvalue()
    return io.BytesIO(part + part)


def _saved(content: object) -> bytes:
    stream = io.BytesIO()
    torch.save(content, stream)
    return stream.getvalue()


def _state() -> dict[str, torch.Tensor]:
    return dict(resnet18(weights=None).state_dict())


def _weights(make):
    return lambda folder: visual.read_network(io.BytesIO(make()), "weights.pth") and None


def _imagenet(content: bytes | None):
    """Ask for the ImageNet weights without a connection, with a file in torchvision's cache."""

    def provoke(folder: Path) -> None:
        offline = urllib.error.URLError("Network is unreachable")
        (folder / "checkpoints").mkdir()
        if content is not None:
            (folder / "checkpoints" / visual.imagenet_file()).write_bytes(content)
        with (
            patch.object(torch.hub, "_hub_dir", "CACHE" if content is None else str(folder)),
            patch.object(torch.hub, "download_url_to_file", side_effect=offline),
        ):
            visual.imagenet_network()

    return provoke


CASES = [
    Case(
        "no clip at all",
        "ASMR1.avi: expected a video clip, found Invalid data found when processing input. Copy "
        "the clip again, or convert it again from its source.",
        _decode(lambda: io.BytesIO(b"no clip" * 100)),
    ),
    Case(
        "no sound stream",
        "ASMR1.avi: expected a clip with pictures and sound, found no sound stream. Export the "
        "clip again with both.",
        _clip(audio=None),
    ),
    Case(
        "no pictures",
        "ASMR1.avi: expected a clip with pictures and sound, found no picture stream. Export the "
        "clip again with both.",
        _decode(lambda: sound_file(1.0)),
    ),
    Case(
        "pictures in an unknown codec",
        "ASMR1.avi: expected a picture stream in a codec that FFmpeg decodes, found an unknown "
        "one. Convert the clip with the program that plays it, for example to H.264 and AAC in "
        "MP4.",
        _replaced(b"FMP4", b"ZZZZ"),
    ),
    Case(
        "sound in an unknown codec",
        "ASMR1.avi: expected a sound stream in a codec that FFmpeg decodes, found an unknown "
        "one. Convert the clip with the program that plays it, for example to H.264 and AAC in "
        "MP4.",
        _replaced(b"\x1e\0\0\0\x55\0\x02\0", b"\x1e\0\0\0\x34\x12\x02\0"),
    ),
    Case(
        "a clip shorter than its window",
        "ASMR1.avi, second 2.00: expected pictures until second 2.40 (declared: 50 frames, 2.0 "
        "s), found 50 decoded frames. Copy the clip again, or convert it again from its source.",
        _clip(50),
    ),
    Case(
        "sound shorter than the window",
        "ASMR1.avi, second 1.50: expected sound until second 2.50, found its end. Copy the clip "
        "again, or convert it again from its source.",
        _clip(sound_seconds=1.5),
    ),
    Case(
        "a header that declares more frames than the clip holds",
        "ASMR1.avi, second 2.00: expected pictures until second 2.40 (declared: 80 frames, 3.2 "
        "s), found 50 decoded frames. Copy the clip again, or convert it again from its source.",
        _decode(_boastful),
    ),
    Case(
        "a truncated copy",
        "ASMR1.avi, second 1.60: expected pictures until second 2.40 (declared: 80 frames, 3.2 "
        "s), found 40 decoded frames. Copy the clip again, or convert it again from its source.",
        _decode(_half),
    ),
    Case(
        "frames are missing or the frame rate varies (a warning; pictures go by their timestamps)",
        "frames are missing or their rate varies: counting them would be up to 6 frames off; "
        "pictures are taken by their timestamps",
        _clip(74, container="matroska", stamps_ms=EVERY_40_MS[:25] + EVERY_40_MS[31:]),
    ),
    Case(
        "more than a second of pictures missing",
        "ASMR1.avi, second 1.00: expected pictures no more than 1 s apart, found the next one at "
        "second 2.20. If pictures are lost, copy the clip again; if it stands still: Convert the "
        "clip to a constant frame rate (ffmpeg -i CLIP -fps_mode cfr NEW).",
        _clip(50, container="matroska", stamps_ms=EVERY_40_MS[:25] + EVERY_40_MS[55:]),
    ),
    Case(
        "timestamps that step back",
        "ASMR1.avi, second 1.56: expected timestamps that rise, found a frame of second 0.00 "
        "after it. Convert the clip to a constant frame rate (ffmpeg -i CLIP -fps_mode cfr NEW).",
        _decode(_joined),
    ),
    Case(
        "reordered frames inside AVI (a warning; frames are counted)",
        "AVI stores no times for frames that were reordered (B-frames); frames are counted at 25 "
        "per second",
        _clip(video="libx264", b_frames=2),
    ),
    Case(
        "turned pictures (a warning; they are put upright)",
        "pictures are turned by 90 degrees, as the clip says",
        _clip(container="mp4", video="mjpeg", audio="aac", rotation=90),
    ),
    Case(
        "mirrored pictures",
        "ASMR1.avi: expected pictures that are upright or turned by quarters, found a display "
        "matrix that mirrors them or turns them by -180 degrees. Convert the clip so that its "
        "pictures are stored upright.",
        _clip(container="mp4", video="mjpeg", audio="aac", mirrored=True),
    ),
    Case(
        "pictures turned by half a quarter",
        "ASMR1.avi: expected pictures that are upright or turned by quarters, found a display "
        "matrix that mirrors them or turns them by 45 degrees. Convert the clip so that its "
        "pictures are stored upright.",
        _clip(container="mp4", video="mjpeg", audio="aac", rotation=45),
    ),
    Case(
        "several sound streams (a warning; the best is used)",
        "2 sound streams; the best by FFmpeg's rules is used: stream 1 (2 channels)",
        _clip(sounds=2),
    ),
    Case(
        "surround sound (a warning; it is mixed to one channel)",
        "sound of 6 channels (5.1) is mixed to one by FFmpeg's rules, which leave the subwoofer "
        "out",
        _clip(layout="5.1"),
    ),
    Case("silence (a warning)", "the sound of the window is digital silence", _clip(channels=[])),
    Case(
        "sound that the grid does not divide",
        "A grid of 8 Hz does not divide a sound of 44100 Hz into whole samples (5512.5 per "
        "step). Choose a sample rate that is a multiple of the grid.",
        lambda folder: str(acoustic.hop_samples(44100, 8)),
    ),
    Case(
        "damaged ImageNet weights",
        "resnet18-f37072fd.pth: expected a readable state dict of ResNet-18, found a damaged "
        "file. Put resnet18-f37072fd.pth into checkpoints, or set stimuli.weights to a path; "
        "remove the damaged file first.",
        _imagenet(b"half a download"),
    ),
    Case(
        "ImageNet weights whose checksum is not the one in their name",
        "resnet18-f37072fd.pth: expected a SHA-256 that begins with f37072fd, as its name says, "
        "found 100ef6a71bac925f, a damaged file or another one. Remove it from CACHE/checkpoints "
        "to download it again, or give weights of your own by their path (stimuli: weights).",
        lambda folder: visual.check_imagenet(
            b"another file", visual.imagenet_file(), "CACHE/checkpoints"
        ),
    ),
    Case(
        "no ImageNet weights and no connection",
        "https://download.pytorch.org/models/resnet18-f37072fd.pth: expected the ImageNet "
        "weights of ResNet-18, found no connection (Network is unreachable). Put "
        "resnet18-f37072fd.pth into CACHE/checkpoints, or set stimuli.weights to a path.",
        _imagenet(None),
    ),
    Case(
        "weights cut short",
        "weights.pth: expected a readable state dict of ResNet-18, found a damaged file. "
        "Give the path of a ResNet-18 state dict, or IMAGENET1K_V1, or untrained.",
        _weights(lambda: _saved(_state())[:100_000]),
    ),
    Case(
        "an empty file of weights",
        "weights.pth: expected a readable state dict of ResNet-18, found a file that ends too "
        "soon. Give the path of a ResNet-18 state dict, or IMAGENET1K_V1, or untrained.",
        _weights(lambda: b""),
    ),
    Case(
        "weights that hold a program",
        "weights.pth: expected a readable state dict of ResNet-18, found a damaged file, or one "
        "that holds more than tensors; nothing in it was executed. Give the path of a ResNet-18 "
        "state dict, or IMAGENET1K_V1, or untrained.",
        _weights(lambda: pickle.dumps(print, protocol=2)),
    ),
    Case(
        "weights of another network",
        "weights.pth: expected a readable state dict of ResNet-18, found another network (first "
        "difference: layer1.2.conv1.weight). Give the state dict of torchvision's resnet18.",
        _weights(lambda: _saved(resnet34(weights=None).state_dict())),
    ),
    Case(
        "a file of tensors that is no state dict",
        "weights.pth: expected a readable state dict of ResNet-18, found a list. Give the state "
        "dict of torchvision's resnet18.",
        _weights(lambda: _saved([torch.zeros(1)])),
    ),
    Case(
        "weights that are not finite",
        "weights.pth: expected a readable state dict of ResNet-18, found weights that are not "
        "finite. Give the state dict of torchvision's resnet18.",
        _weights(
            lambda: _saved({**_state(), "conv1.weight": torch.full((64, 3, 7, 7), torch.nan)})
        ),
    ),
]
