"""Simulate one clip: an AVI file, and the truth about what its viewers have in common."""

import logging
from fractions import Fraction
from pathlib import Path

from tinglegram.command_line import program, run
from tinglegram.files import whole, write_json
from tinglegram.simulation import clips


def main() -> None:
    """Write the clip and its truth."""
    ask = program(__doc__)
    ask.add_argument("--video", required=True, help="code of the clip in the logs")
    ask.add_argument("--condition", required=True, help="condition it belongs to")
    ask.add_argument("--seed", type=int, required=True, help="seed of the whole study")
    ask.add_argument("--clip", type=float, required=True, help="seconds a clip plays")
    ask.add_argument("--smoothness", type=float, required=True, help="SD of smoothing, seconds")
    ask.add_argument(
        "--feature-signal", type=float, required=True, help="share of the picture's variance felt"
    )
    ask.add_argument("--frame-size", type=int, nargs=2, required=True, help="width and height")
    ask.add_argument("--frame-rate", type=Fraction, required=True, help="such as 25 or 30000/1001")
    ask.add_argument(
        "--video-codec", choices=sorted(clips.PIXEL_FORMATS), required=True, help="FFmpeg's name"
    )
    ask.add_argument(
        "--audio-codec", choices=["libmp3lame", "pcm_s16le"], required=True, help="FFmpeg's name"
    )
    ask.add_argument("--audio-rate", type=int, required=True, help="Hz")
    ask.add_argument("--avi", type=Path, required=True, help="clip to write")
    ask.add_argument("--truth", type=Path, required=True, help="JSON file of the truth to write")
    given = ask.parse_args()
    form = clips.ClipFormat(
        width=given.frame_size[0],
        height=given.frame_size[1],
        frame_rate=given.frame_rate,
        video_codec=given.video_codec,
        audio_codec=given.audio_codec,
        audio_rate=given.audio_rate,
    )
    feeling = clips.Feeling(given.clip, given.smoothness, given.feature_signal)
    film = clips.simulate_clip(given.video, given.condition, feeling, form, given.seed)
    with whole(given.avi) as aside:
        aside.write_bytes(film)
    write_json(
        clips.clip_truth(given.video, given.condition, feeling, form, given.seed), given.truth
    )
    logging.info("clip %s: %d frames, %d bytes", given.video, form.frames(given.clip), len(film))


if __name__ == "__main__":
    run(main)
