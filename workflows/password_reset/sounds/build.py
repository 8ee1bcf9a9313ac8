"""Make the recordings anew: `python -m workflows.password_reset.sounds.build`, on a machine that has espeak-ng.

The program speaks at build time only; what it said is carried as WAV, 8 kHz, mono, 8 bit, one file a letter and
language. A letter is followed by a word that begins with it: bē and dē, em and en are hard to tell apart in noise.
"""

import io
import math
import subprocess
import wave
from array import array
from collections.abc import Sequence
from pathlib import Path

from workflows.password_reset.codes import ALPHABET

__all__ = ["RATE", "SPOKEN", "make"]

RATE = 8000

_FOLDER = Path(__file__).parent
_PAUSE = 0.16
_EDGE = 0.03
_PEAK = 0.8
_QUIET = 0.02
_TAPS = 24

SPOKEN = {
    "lv": {
        "A": ("ā", "Anna"),
        "B": ("bē", "Berta"),
        "C": ("cē", "Cēsis"),
        "D": ("dē", "Dace"),
        "E": ("ē", "Emīls"),
        "H": ("hā", "Haralds"),
        "K": ("kā", "Kārlis"),
        "L": ("el", "Laima"),
        "M": ("em", "Marta"),
        "N": ("en", "Nora"),
        "P": ("pē", "Pēteris"),
        "R": ("er", "Rīga"),
        "S": ("es", "Saule"),
        "T": ("tē", "Tālis"),
        "V": ("vē", "Viktors"),
        "X": ("iks", "ksilofons"),
        "Z": ("zē", "Zenta"),
        "3": ("trīs",),
        "6": ("seši",),
        "7": ("septiņi",),
    },
    "en": {
        "A": ("A", "alpha"),
        "B": ("B", "bravo"),
        "C": ("C", "charlie"),
        "D": ("D", "delta"),
        "E": ("E", "echo"),
        "H": ("H", "hotel"),
        "K": ("K", "kilo"),
        "L": ("L", "lima"),
        "M": ("M", "mike"),
        "N": ("N", "november"),
        "P": ("P", "papa"),
        "R": ("R", "romeo"),
        "S": ("S", "sierra"),
        "T": ("T", "tango"),
        "V": ("V", "victor"),
        "X": ("X", "x-ray"),
        "Z": ("Z", "zulu"),
        "3": ("three",),
        "6": ("six",),
        "7": ("seven",),
    },
}


def make() -> None:
    """Write every recording beside this file."""
    for language, letters in SPOKEN.items():
        if set(letters) != set(ALPHABET):
            raise SystemExit(f"{language}: the letters spoken are not those of the codes")
        for letter, words in letters.items():
            silence = [0.0] * int(_PAUSE * RATE)
            sound: list[float] = []
            for word in words:
                sound += ([*silence] if sound else []) + _spoken(word, language)
            _write(_FOLDER / f"{language}-{letter}.wav", sound)


def _spoken(word: str, language: str) -> list[float]:
    voice = "en-us" if language == "en" else language
    command = ["espeak-ng", "-v", voice, "-s", "135", "-a", "150", "--stdout", word]
    said = subprocess.run(command, check=True, capture_output=True).stdout  # noqa: S603 - our own words, no shell
    # Written to a pipe, the header cannot know its length: what follows the 44 bytes is the sound.
    with wave.open(io.BytesIO(said)) as header:
        rate = header.getframerate()
    samples = array("h", said[44 : len(said) - len(said) % 2])
    return _trimmed(_slower(samples, rate))


def _slower(samples: Sequence[int], rate: int) -> list[float]:
    """Bring the sound to 8 kHz: a windowed sinc, so that what 8 kHz cannot hold does not fold back as noise."""
    step, cutoff = rate / RATE, 0.92 * RATE / rate
    reach = int(_TAPS * step)
    out = []
    for number in range(int(len(samples) / step)):
        middle = number * step
        total = 0.0
        for at in range(max(0, int(middle) - reach), min(len(samples), int(middle) + reach + 1)):
            x = (at - middle) * cutoff
            window = 0.5 + 0.5 * math.cos(math.pi * (at - middle) / (reach + 1))
            total += samples[at] * window * cutoff * (1.0 if x == 0 else math.sin(math.pi * x) / (math.pi * x))
        out.append(total / 32768)
    return out


def _trimmed(sound: list[float]) -> list[float]:
    loud = [at for at, value in enumerate(sound) if abs(value) > _QUIET]
    edge = int(_EDGE * RATE)
    return sound[max(0, loud[0] - edge) : loud[-1] + edge]


def _write(path: Path, sound: list[float]) -> None:
    scale = _PEAK / max(map(abs, sound))
    with wave.open(str(path), "wb") as file:
        file.setnchannels(1)
        file.setsampwidth(1)
        file.setframerate(RATE)
        file.writeframes(bytes(round(128 + 127 * value * scale) for value in sound))


if __name__ == "__main__":
    make()
