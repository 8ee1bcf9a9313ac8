"""How is a code spoken? Recorded letters one after the other, with light noise under them.

Nothing is reversed, talked over or bent: those who need the sound would be the ones kept out. Whoever has our
recordings, and everybody has, finds each letter by correlation whatever noise is under it: the sound keeps no program
away. Limits do, and what they ask for when they are reached (decision 72).
"""

import io
import wave
from functools import cache
from pathlib import Path
from random import Random

from workflows.i18n import Language
from workflows.password_reset.codes import ALPHABET, OpenedCode

__all__ = ["RATE", "speak"]

RATE = 8000

_FOLDER = Path(__file__).parent / "sounds"
_SILENCE = 128
_NOISE = 5  # of 127: about 28 dB below the loudest sound


def speak(code: OpenedCode, language: Language) -> bytes:
    """Speak a code as a WAV file, the same at every asking."""
    chance = Random(code.seed)  # noqa: S311 - seeded by a keyed digest; noise, no secret
    sound = bytearray(_pause(chance, 0.3))
    for letter in code.text:
        sound += _recorded(language, letter) + _pause(chance, 0.7)
    out = io.BytesIO()
    with wave.open(out, "wb") as file:
        file.setnchannels(1)
        file.setsampwidth(1)
        file.setframerate(RATE)
        file.writeframes(_noisy(bytes(sound), chance))
    return out.getvalue()


def _pause(chance: Random, seconds: float) -> bytes:
    return bytes([_SILENCE]) * int(RATE * (seconds + chance.uniform(0, 0.25)))


def _noisy(sound: bytes, chance: Random) -> bytes:
    # Recordings reach 80 % of the scale, so that noise never runs over its ends.
    noise = chance.choices(range(-_NOISE, _NOISE + 1), k=len(sound))
    return bytes([value + by for value, by in zip(sound, noise, strict=True)])


@cache
def _recorded(language: Language, letter: str) -> bytes:
    if letter not in ALPHABET:
        raise ValueError("not a letter of a code")
    with wave.open(str(_FOLDER / f"{language}-{letter}.wav")) as file:
        frames: bytes = file.readframes(file.getnframes())
    return frames
