"""A register of 2,713 institutions to measure on: the real one where it lies beside the repository, else invented."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory

from sqlalchemy import Engine

from builders.iam.register import register_file
from demo.servers import Postgres
from workflows.database import engine
from workflows.migrating import migrate

__all__ = ["ROWS", "database", "register"]

ROWS = 2713
_REAL = Path(__file__).parents[2] / "shared" / "data" / "institutions2020.csv"
_KINDS = ("vidusskola", "pamatskola", "sākumskola", "mūzikas skola", "pirmsskolas izglītības iestāde", "sporta skola")
_TOWNS = 119


@contextmanager
def database() -> Iterator[Engine]:
    """Start a PostgreSQL of this measurement's own, as careful with its data as in production."""
    with TemporaryDirectory(prefix="viis-bench-") as name, Postgres(Path(name)) as server:
        url = server.create("bench")
        migrate(url)
        made = engine(url)
        yield made
        made.dispose()


def register(folder: Path) -> tuple[Path, str]:
    """Give a register file and what it is: "real" or "invented"."""
    return (_REAL, "real") if _REAL.exists() else (register_file(folder, *map(_invented, range(ROWS))), "invented")


def _invented(number: int) -> dict[str, str]:
    town = number % _TOWNS
    return {
        "reg_no": f"4113{number % 10}{number:05d}",
        "name": f"{_place(town)} {number // _TOWNS}. {_KINDS[number % len(_KINDS)]}",
        "old_atvk": f"{900_000 + town:07d}",
        "old_municipality": f"{_place(town)} novads",
        "new_atvk": f"{90_000 + town % 43:07d}",
        "new_municipality": f"Jaunais {_place(town % 43)} novads",
        "atr_changed": "yes",
    }


def _place(town: int) -> str:
    syllables = ("Ābe", "Bērz", "Cīrul", "Dzērv", "Ērgļ", "Gulb", "Ķīš", "Liep", "Mež", "Ozol", "Šķēd")
    return f"{syllables[town % 11]}{'āēīū'[town // 11 % 4]}{'nlrs'[town // 44 % 4]}u"
