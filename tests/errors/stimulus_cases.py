"""Clips and weights that cannot be used as they are, or only with a word of warning."""

import io
import pickle
import struct
import urllib.error
from fractions import Fraction
from pathlib import Path
from types import SimpleNamespace
from unittest.mock import patch

import av
import av.logging
import numpy as np
import torch
from clip_files import clip_file, damaged, noise, sound_file
from error_cases import Case
from torchvision.models import resnet18, resnet34

from tinglegram.stimuli import acoustic, visual
from tinglegram.stimuli.damage import Damage
from tinglegram.stimuli.pictures import Picture
from tinglegram.stimuli.sound import Sound
from tinglegram.stimuli.timeline import Starts
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


def _overlapping(folder: Path) -> str:
    """Frames of sound of which those after a second are stamped a tenth of a second early."""
    found = Sound("ASMR1.avi", 0.5, 20, 10, 44100, Starts(0.0, 0.0))
    for start in range(0, 3 * 44100, 1050):
        samples = np.full((1, 1050), 9000, np.int16)
        frame = av.AudioFrame.from_ndarray(samples, format="s16", layout="mono")
        frame.sample_rate, frame.time_base = 44100, Fraction(1, 44100)
        frame.pts = start - 4410 * (start > 44100)
        found.add(frame)
    window = found.windows(["timestamps"])["timestamps"]
    return "\n".join(finding.sentence("ASMR1.avi") for finding in found.findings(window))


def _complaining(folder: Path) -> str:
    """A packet of which a decoder says something, and makes a picture all the same."""

    def decode() -> list[av.VideoFrame]:
        av.logging.log(av.logging.ERROR, "h264", "error while decoding MB 2 0")
        return []

    packet = SimpleNamespace(
        pts=32,
        time_base=Fraction(1, 25),
        decode=decode,
        is_corrupt=False,
        stream=SimpleNamespace(type="video", codec_context=SimpleNamespace(name="h264")),
    )
    damage = Damage(0.0)
    with damage.listening():
        damage.decode(packet)
    return "\n".join(finding.sentence("ASMR1.avi") for finding in damage.findings())


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


def _lost_chunk() -> io.BytesIO:
    """An AVI in which the head of the chunk of picture 45 is overwritten."""
    content = bytearray(clip_file(80, **PLAIN).getvalue())
    place = content.index(b"movi")
    for _ in range(46):
        place = content.index(b"00dc", place + 1)
    content[place : place + 8] = bytes(8)
    return io.BytesIO(content)


def _other_format(folder: Path) -> None:
    """Sound in stereo that goes on in mono."""
    found = Sound("ASMR1.avi", 0.5, 20, 10, 44100, Starts(0.0, 0.0))
    for number, layout in enumerate(["stereo"] * 40 + ["mono"]):
        samples = np.zeros((1 + (layout == "stereo"), 1050), np.float32)
        frame = av.AudioFrame.from_ndarray(samples, format="fltp", layout=layout)
        frame.sample_rate, frame.time_base = 44100, Fraction(1, 44100)
        frame.pts = 1050 * number
        found.add(frame)


def _woven(number: int) -> np.ndarray:
    """A bar that moves from field to field, the two of a picture woven into it."""
    picture = np.full((64, 64, 3), 40, np.uint8)
    for field in (0, 1):
        begin = (2 * number + field) * 5 % 48
        picture[field::2, begin : begin + 16] = 220
    return picture


def _until(second: float, samples: np.ndarray) -> np.ndarray:
    """Samples that fall silent."""
    return np.where(np.arange(len(samples)) < second * 44100, samples, 0)


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
        "clip again with both, or say what people were shown of it (clips: streams).",
        _clip(audio=None),
    ),
    Case(
        "no pictures",
        "ASMR1.avi: expected a clip with pictures and sound, found no picture stream. Export the "
        "clip again with both, or say what people were shown of it (clips: streams).",
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
        "ASMR1.avi: frames are missing or their rate varies: counting them would be up to 6 "
        "frames off; pictures are taken by their timestamps",
        _clip(74, container="matroska", stamps_ms=EVERY_40_MS[:25] + EVERY_40_MS[31:]),
    ),
    Case(
        "a picture that stands for more than a second (accepted unless data: problems: long_still)",
        "ASMR1.avi: frames are missing or their rate varies: counting them would be up to 30 "
        "frames off; pictures are taken by their timestamps\n"
        "ASMR1.avi, second 0.96: expected pictures no more than 1 s apart, found the next one 1.24 "
        "s later. If pictures are lost, copy the clip again; if the clip stands still there, "
        "accept it (data: problems: long_still).",
        _clip(
            50,
            container="matroska",
            sound_seconds=3.2,
            stamps_ms=EVERY_40_MS[:25] + EVERY_40_MS[55:],
        ),
    ),
    Case(
        "timestamps that step back",
        "ASMR1.avi, second 1.56: expected timestamps that rise, found a frame of second 0.00 "
        "after it. Convert the clip to a constant frame rate (ffmpeg -i CLIP -fps_mode cfr NEW).",
        _decode(_joined),
    ),
    Case(
        "reordered frames inside AVI (a warning; frames are counted)",
        "ASMR1.avi: AVI stores no times for frames that were reordered (B-frames); frames are "
        "counted at 25 per second",
        _clip(video="libx264", b_frames=2),
    ),
    Case(
        "turned pictures (a warning; they are put upright)",
        "ASMR1.avi: pictures are turned by 90 degrees, as the clip says",
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
        "ASMR1.avi: 2 sound streams; the best by FFmpeg's rules is used: stream 1 (2 channels)",
        _clip(sounds=2),
    ),
    Case(
        "surround sound (a warning; it is mixed to one channel)",
        "ASMR1.avi: sound of 6 channels (5.1) is mixed to one by FFmpeg's rules, which leave the "
        "subwoofer out",
        _clip(layout="5.1"),
    ),
    Case(
        "silence (accepted unless data: problems: near_silence)",
        "ASMR1.avi: expected sound that can be heard when it is mixed to one channel, found "
        "digital silence. Play the clip; copy it again, or convert it again from its source.",
        _clip(channels=[]),
    ),
    Case(
        "hardly any sound (accepted unless data: problems: near_silence)",
        "ASMR1.avi: expected sound that can be heard when it is mixed to one channel, found an "
        "effective value 79 dB below full scale. Play the clip; copy it again, or convert it again "
        "from its source.",
        _clip(heard=lambda left, right: (left // 1000, right // 1000)),
    ),
    Case(
        "one of two channels is inverted (accepted unless data: problems: anti_phase)",
        "ASMR1.avi: expected sound that can be heard when it is mixed to one channel, found "
        "digital silence. Play the clip; copy it again, or convert it again from its source.\n"
        "ASMR1.avi, second 0.00, 1.00, 2.00: expected channels that can be mixed to one, found a "
        "mix more than 100 dB below its two channels in 3 of 3 seconds: they cancel each other "
        "(one inverted, or recorded binaurally). Turn one channel if it is inverted (ffmpeg -i "
        "CLIP -af aeval='val(0)|-val(1)' -c:v copy NEW).",
        _clip(heard=lambda left, right: (left, -right)),
    ),
    Case(
        "seconds without sound (accepted unless data: problems: near_silence)",
        "ASMR1.avi, second 1.50: expected sound that can be heard when it is mixed to one channel, "
        "found less than -80 dB of full scale in 1 of 2 seconds. Play the clip; copy it again, or "
        "convert it again from its source.",
        _clip(heard=lambda left, right: (_until(1.2, left), _until(1.2, right))),
    ),
    Case(
        "one channel later than the other (accepted unless data: problems: binaural)",
        "ASMR1.avi, second 0.00, 1.00, 2.00: expected channels that can be mixed to one, found the "
        "same sound up to 0.59 ms later in the right one, in 3 of 3 seconds: the mix lacks "
        "frequencies around 848 Hz and its odd multiples. What one channel alone has is kept only "
        "if the clip is converted to it (ffmpeg -i CLIP -af 'pan=mono|c0=c0' -c:v copy NEW).",
        _clip(heard=lambda left, right: (noise(len(left)), np.roll(noise(len(left)), 26))),
    ),
    Case(
        "one of two channels is silent (accepted unless data: problems: one_sided)",
        "ASMR1.avi: expected sound in both channels, found none in the right one; the mix is 6 dB "
        "quieter than the other one. Play the clip; if a channel was lost, convert it again.",
        _clip(channels=[0]),
    ),
    Case(
        "one of two channels falls silent (accepted unless data: problems: one_sided)",
        "ASMR1.avi, second 1.00, 2.00: expected sound in both channels, found none in the left one "
        "in 2 of 3 seconds; the mix is 6 dB quieter than the other one. Play the clip; if a "
        "channel was lost, convert it again.",
        _clip(heard=lambda left, right: (_until(1.0, left), right)),
    ),
    Case(
        "sound whose format changes",
        "ASMR1.avi, second 0.95: expected one sound format throughout the clip, found mono at "
        "44100 Hz (fltp) after stereo at 44100 Hz (fltp). Copy the clip again, or convert it again "
        "from its source.",
        _other_format,
    ),
    Case(
        "sound that starts after the pictures (accepted unless data: problems: streams_apart)",
        "ASMR1.avi: expected pictures and sound that start together, found sound from 0.400 s "
        "after the first pictures on. Protocols whose alignment is timestamps place both by their "
        "times, first_frame lets both begin at 0. If neither is what viewers saw and heard, "
        "convert the clip again from its source.",
        _clip(container="matroska", sound_late_ms=400),
    ),
    Case(
        "pictures that start after the sound (accepted unless data: problems: streams_apart)",
        "ASMR1.avi: expected pictures and sound that start together, found pictures from 0.200 s "
        "after the first sound on. Protocols whose alignment is timestamps place both by their "
        "times, first_frame lets both begin at 0. If neither is what viewers saw and heard, "
        "convert the clip again from its source.",
        _clip(container="matroska", stamps_ms=[200 + s for s in EVERY_40_MS]),
    ),
    Case(
        "pictures that start after the window",
        "ASMR1.avi: expected a picture at second 0.50, found the first one at second 1.00. Copy "
        "the clip again, or convert it again from its source.",
        _clip(container="matroska", stamps_ms=[1000 + s for s in EVERY_40_MS]),
    ),
    Case(
        "sound that is missing inside (accepted unless data: problems: sound_gap)",
        "ASMR1.avi, second 1.18: expected sound without gaps, found 0.300 s of sound missing. "
        "Protocols whose alignment is timestamps fill a gap with silence and leave out what comes "
        "twice; under first_frame all later sound is early or late by that. Copy the clip again, "
        "or convert it again from its source.",
        _clip(container="matroska", sound_gap_ms=(1150, 300)),
    ),
    Case(
        "sound that comes twice (accepted unless data: problems: sound_gap)",
        "ASMR1.avi, second 1.02: expected sound without gaps, found 0.100 s of sound twice. "
        "Protocols whose alignment is timestamps fill a gap with silence and leave out what comes "
        "twice; under first_frame all later sound is early or late by that. Copy the clip again, "
        "or convert it again from its source.",
        _overlapping,
    ),
    Case(
        "the first sound of Windows Media (a note)",
        "ASMR1.avi: FFmpeg's decoder leaves out the first 0.046 s of sound; protocols whose "
        "alignment is timestamps hear silence there, under first_frame all sound is early by that",
        _clip(container="asf", video="wmv2", audio="wmav2", sound_late_ms=0),
    ),
    Case(
        "frames dropped from an AVI with reordered frames",
        "ASMR1.avi, second 1.04: expected every frame in its place, because AVI stores no times "
        "for frames that were reordered (B-frames), found 6 dropped frames. Convert the clip "
        "again from its source, to MP4 or Matroska (ffmpeg -i SOURCE NEW.mp4).",
        _clip(74, video="mpeg4", b_frames=2, numbers=[*range(25), *range(31, 80)]),
    ),
    Case(
        "damaged pictures that FFmpeg conceals (an error unless data: problems: damaged_stimulus)",
        "ASMR1.avi, second 1.20: expected undamaged picture data, found 0 packets that cannot be "
        "decoded and 1 marked as damaged; pictures there are made up from their neighbours or "
        "stand still. Copy the clip again, or convert it again from its source. To use it as it "
        "is: data: problems: damaged_stimulus.",
        _decode(lambda: damaged(clip_file(80, video="mpeg4", audio="pcm_s16le"), 30)),
    ),
    Case(
        "an AVI with bytes that belong to no chunk (an error unless data: problems: "
        "damaged_stimulus)",
        "ASMR1.avi, second 1.80: expected one chunk of picture or sound after the other, found "
        "bytes that belong to none; AVI counts pictures and samples, so from there on they come "
        "too early by what is lost. Copy the clip again, or convert it again from its source. To "
        "use it as it is: data: problems: damaged_stimulus.",
        _decode(_lost_chunk),
    ),
    Case(
        "a packet of sound that cannot be decoded",
        "ASMR1.avi, second 1.02: expected sound without gaps, found 0.023 s of sound missing. "
        "Protocols whose alignment is timestamps fill a gap with silence and leave out what comes "
        "twice; under first_frame all later sound is early or late by that. Copy the clip again, "
        "or convert it again from its source.\n"
        "ASMR1.avi, second 1.02: expected undamaged sound data, found 1 packets that cannot be "
        "decoded and 0 marked as damaged; sound there is missing or made up. Copy the clip again, "
        "or convert it again from its source. To use it as it is: data: problems: "
        "damaged_stimulus.",
        _decode(
            lambda: damaged(
                clip_file(80, container="mp4", video="mjpeg", audio="aac"), 45, 1, n_bytes=60
            )
        ),
    ),
    Case(
        "a decoder that complains (accepted unless data: problems: decoder_complaints)",
        "ASMR1.avi, second 1.28: expected picture data that FFmpeg decodes without complaint, "
        "found 1 packets with an error (error while decoding MB 2 0). Look at the clip there; if "
        "it is damaged, copy it again.",
        _complaining,
    ),
    Case(
        "interlaced pictures (accepted unless data: problems: interlaced)",
        "ASMR1.avi: expected whole pictures, found interlaced ones: two fields, half a frame "
        "apart in time, comb what moves. Protocols whose deinterlace is top_field show one field. "
        "Better: deinterlace the clip (ffmpeg -i CLIP -vf bwdif=send_frame NEW).",
        _clip(video="mpeg2video", container="matroska", options={"flags": "+ilme+ildct"}),
    ),
    Case(
        "pictures that comb and do not say so (accepted unless data: problems: interlaced)",
        "ASMR1.avi: expected whole pictures, found combs in 19 of 19 pictures in which something "
        "moves: two fields, half a frame apart in time, and the clip does not say so; no protocol "
        "removes them. Deinterlace the clip (ffmpeg -i CLIP -vf bwdif=send_frame:deint=all NEW).",
        _clip(paint=_woven),
    ),
    Case(
        "pixels that are not square (accepted unless data: problems: anamorphic)",
        "ASMR1.avi: expected square pixels, found pixels of 16:15; pictures are analysed as they "
        "are stored, which is not as players show them. Stretch the clip (ffmpeg -i CLIP -vf "
        "scale=iw*sar:ih,setsar=1 NEW).",
        _clip(video="mpeg4", container="matroska", pixel=(16, 15)),
    ),
    Case(
        "high dynamic range (accepted unless data: problems: hdr)",
        "ASMR1.avi: expected pictures of standard dynamic range, found high dynamic range (PQ, "
        "SMPTE ST 2084), whose colours look washed out to the image network. Protocols whose "
        "tone_mapping is mobius bring it to standard range. Better: convert it to BT.709 with the "
        "program that viewers watched it with.",
        _clip(video="libx264", container="matroska", transfer=16),
    ),
    Case(
        "HD that does not say how its colours are coded (accepted unless data: problems: "
        "untagged_colour)",
        "ASMR1.avi: expected the matrix of the colours of 64 x 720 pixels, found none; "
        "FFmpeg takes it for BT.601, players for BT.709: colours differ by up to 24 of 255 "
        "levels. Tag the clip (ffmpeg -i CLIP -c copy -bsf:v h264_metadata=matrix_coefficients=1 "
        "NEW).",
        _clip(video="mpeg4", container="matroska", height=720),
    ),
    Case(
        "pictures that are all but black (accepted unless data: problems: near_black)",
        "ASMR1.avi: expected pictures that show something, found none brighter than 0.0 % of white "
        "on average. Play the clip; copy it again, or convert it again from its source.",
        _clip(paint=lambda number: np.zeros((64, 64, 3), np.uint8)),
    ),
    Case(
        "black pictures for a while (accepted unless data: problems: near_black)",
        "ASMR1.avi, second 0.52 to 2.32: expected pictures that show something, found none "
        "brighter than 2 % of white on average there. Play the clip; if it is not meant to be "
        "black, convert it again from its source.",
        _clip(paint=lambda number: np.full((64, 64, 3), 255 * (number > 55), np.uint8)),
    ),
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
