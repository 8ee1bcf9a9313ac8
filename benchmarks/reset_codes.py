"""The code before a password link: a picture in 5 ms, a sound in 100 ms; tesseract solves at most 2 of 100 pictures.

Tesseract is no part of the project; without it that figure is left out, aloud. It is given the alphabet, the picture
three times as large, as it is and cleaned of thin strokes; the better of the two readings counts. What it costs that an
answered code outlives a crash of PostgreSQL (decision 74) is told beside. One JSON line last.
"""

import io
import shutil
import statistics
import subprocess
import sys
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from functools import partial
from pathlib import Path
from tempfile import TemporaryDirectory

from PIL import Image, ImageFilter
from sqlalchemy import text

from benchmarks._figures import Held, Machine, spread, tell
from demo.servers import Postgres
from workflows.database import engine, session_factory
from workflows.i18n import Language
from workflows.migrating import migrate
from workflows.password_reset import audio, limits, picture
from workflows.password_reset.codes import ALPHABET, OpenedCode, Seals, answer
from workflows.password_reset.service import ask

PICTURES = 500
SOUNDS = 50
ANSWERS = 500
PICTURE_MS, SOUND_MS, SOLVED_PERCENT = 5.0, 100.0, 2.0

_SEALS = Seals(b"a benchmark's own key")


def main() -> None:
    """Draw, speak and read."""
    codes = [_code() for _ in range(PICTURES)]
    picture.draw(codes[0])
    audio.speak(codes[0], Language.LV)
    with Machine.watched() as machine:
        drawn = [_timed(partial(picture.draw, code)) for code in codes]
        spoken = [_timed(partial(audio.speak, code, Language.LV)) for code in codes[:SOUNDS]]
    held = {
        "picture_ms": Held(statistics.median(drawn), PICTURE_MS),
        "sound_ms": Held(statistics.median(spoken), SOUND_MS),
    }
    more: dict[str, object] = {"picture": spread(drawn, "ms"), "sound": spread(spoken, "ms")}
    if shutil.which("tesseract") is None:
        print("tesseract is not installed: nothing was read", file=sys.stderr)
        more["tesseract"] = "not installed"
    else:
        with ThreadPoolExecutor(2) as readers:
            solved = sum(readers.map(_solved, codes))
        held["solved_percent"] = Held(100 * solved / len(codes), SOLVED_PERCENT)
        more["tesseract"] = {"pictures": len(codes), "solved": solved}
    more["answer"] = _logging()
    tell("reset_codes", held, machine, **more)


def _logging() -> dict[str, object]:
    """Time answers as pages write them: a right one with the request it lets through, a wrong one with its count."""
    told: dict[str, object] = {}
    with TemporaryDirectory() as folder, Postgres(Path(folder)) as server:
        url = server.create("viis")
        migrate(url)
        database = engine(url)
        sessions = session_factory(database)
        at = datetime.now(UTC)
        for how in ("UNLOGGED", "LOGGED"):
            with sessions.begin() as session:
                session.execute(text(f"ALTER TABLE reset_codes SET {how}"))
            right, wrong = [], []
            for _ in range(ANSWERS):
                code = _code()
                begun = time.perf_counter()
                with sessions.begin() as session:
                    answer(session, code, "", tries=3, at=at)
                    limits.count_wrong(session, "192.0.2.0/24", at=at)
                middle = time.perf_counter()
                with sessions.begin() as session:
                    answer(session, code, code.text, tries=3, at=at)
                    ask(session, typed="nobody", network="192.0.2.0/24", language="lv", at=at)
                right.append((time.perf_counter() - middle) * 1000)
                wrong.append((middle - begun) * 1000)
            told[how.lower()] = {"right": spread(right, "ms"), "wrong": spread(wrong, "ms")}
        database.dispose()
    return told


def _code() -> OpenedCode:
    return _SEALS.open(_SEALS.new("visit", length=6, until=datetime.now(UTC) + timedelta(minutes=10)), "visit")


def _timed(do: Callable[[], object]) -> float:
    # The processor's time: what else the machine does is not the picture's.
    begun = time.process_time()
    do()
    return (time.process_time() - begun) * 1000


def _solved(code: OpenedCode) -> bool:
    plain = Image.open(io.BytesIO(picture.draw(code))).convert("L").resize((900, 300), Image.Resampling.LANCZOS)
    return any(_read(image) == code.text for image in (plain, plain.filter(ImageFilter.MedianFilter(7))))


def _read(image: Image.Image) -> str:
    png = io.BytesIO()
    image.save(png, "PNG")
    command = ["tesseract", "-", "-", "--psm", "8", "-c", f"tessedit_char_whitelist={ALPHABET}"]
    done = subprocess.run(command, input=png.getvalue(), capture_output=True, check=False)  # noqa: S603 - a measuring tool, no shell
    return done.stdout.decode("utf-8", "replace").replace(" ", "").strip()


if __name__ == "__main__":
    main()
