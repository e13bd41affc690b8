"""How a picture is prepared before the image network sees it: fields, and dynamic range."""

from dataclasses import dataclass
from typing import Literal

import numpy as np
from numpy.typing import NDArray

# Transfer characteristics of HDR, by their numbers in ITU-T H.273.
PQ, HLG = 16, 18
# SMPTE ST 2084, equations 4.1 to 4.5.
_M1, _M2 = 2610 / 16384, 2523 / 4096 * 128
_C1, _C2, _C3 = 3424 / 4096, 2413 / 4096 * 32, 2392 / 4096 * 32
# ARIB STD-B67; ITU-R BT.2100, table 5: a display of 1000 cd/m² has a system gamma of 1.2.
_A, _B, _C = 0.17883277, 0.28466892, 0.55991073
_HLG_PEAK, _SYSTEM_GAMMA = 1000.0, 1.2
# Luminance of each primary of BT.2020, and from its primaries to those of BT.709 (ITU-R BT.2087).
_LUMINANCE = np.array([0.2627, 0.6780, 0.0593], np.float32)
_TO_709 = np.array(
    [[1.6605, -0.5876, -0.0728], [-0.1246, 1.1329, -0.0083], [-0.0182, -0.1006, 1.1187]],
    np.float32,
)
# ITU-R BT.2408: HDR reference white, cd/m².
_WHITE = 203.0
# ASSUMPTION: highlights above this many cd/m² are cut, and everything below this share of white
# keeps its brightness, as in FFmpeg's tonemap=mobius with its default.
_PEAK, _KNEE = 1000.0, 0.3
# ITU-R BT.1886: what a standard display makes of a signal.
_DISPLAY_GAMMA = 2.4


@dataclass(frozen=True)
class Look:
    """What is done to pictures that need it; others stay as they are.

    Attributes
    ----------
    deinterlace : "top_field": of pictures made of two fields, the lines of the upper one are kept
        and the lines between are their means.
    tone_mapping : "mobius": HDR pictures are brought to the standard range (`tone_mapped`).
    """

    deinterlace: Literal["none", "top_field"] = "none"
    tone_mapping: Literal["none", "mobius"] = "none"

    def needed(self, interlaced: bool, transfer: int) -> "Look":
        """Return the part of it that pictures with these marks need."""
        return Look(
            self.deinterlace if interlaced else "none",
            self.tone_mapping if transfer in (PQ, HLG) else "none",
        )


def top_field(picture: NDArray[np.uint8]) -> NDArray[np.uint8]:
    """Return a picture, (height, width, 3), whose odd lines are means of the even ones."""
    lines = picture[::2].astype(np.uint16)
    below = np.concatenate([lines[1:], lines[-1:]])
    found = picture.copy()
    found[1::2] = ((lines + below + 1) // 2)[: len(found[1::2])]
    return found


def linear_light(signal: NDArray[np.float32], transfer: int) -> NDArray[np.float32]:
    """Return the light that a display makes of an HDR signal, cd/m², (..., 3), BT.2020 primaries.

    Parameters
    ----------
    signal : red, green and blue, 0 to 1, (..., 3).
    transfer : `PQ` (SMPTE ST 2084) or `HLG` (ARIB STD-B67, on a display of 1000 cd/m²).
    """
    if transfer == PQ:
        root = signal ** np.float32(1 / _M2)
        share = np.maximum(root - np.float32(_C1), 0) / np.float32(_C2 - _C3 * root)
        return np.asarray(10000 * share ** np.float32(1 / _M1), np.float32)
    scene = np.where(signal <= 0.5, signal**2 / 3, (np.exp((signal - _C) / _A) + _B) / 12)
    luminance = (scene @ _LUMINANCE)[..., None]
    gain = _HLG_PEAK * np.maximum(luminance, 1e-6) ** (_SYSTEM_GAMMA - 1)
    return np.asarray(gain * scene, np.float32)


def tone_mapped(signal: NDArray[np.uint16], transfer: int) -> NDArray[np.uint8]:
    """Return an HDR picture, (height, width, 3), 16 bits a channel, as one of standard range.

    Light is brought to the primaries of BT.709 relative to HDR reference white (203 cd/m²), and
    what is brighter than three tenths of it is compressed by a Möbius transform that reaches 1 at
    1000 cd/m² (the curve of FFmpeg's tonemap=mobius), channel by channel.
    """
    light = linear_light(signal.astype(np.float32) / np.float32(65535), transfer)
    relative = np.clip((light @ _TO_709.T) / np.float32(_WHITE), 0, _PEAK / _WHITE)
    shown = _mobius(relative) ** np.float32(1 / _DISPLAY_GAMMA)
    levels: NDArray[np.uint8] = np.rint(255 * np.clip(shown, 0, 1)).astype(np.uint8)
    return levels


def _mobius(light: NDArray[np.float32]) -> NDArray[np.float32]:
    peak, knee = _PEAK / _WHITE, _KNEE
    a = -(knee**2) * (peak - 1) / (knee**2 - 2 * knee + peak)
    b = (knee**2 - 2 * knee * peak + peak) / (peak - 1)
    scale = (b**2 + 2 * b * knee + knee**2) / (b - a)
    return np.asarray(np.where(light <= knee, light, scale * (light + a) / (light + b)), np.float32)
