"""What each program is asked for: its levels, looks and certifications; then a second signature over some of those."""

from __future__ import annotations

from typing import TYPE_CHECKING

from benchmarks._signers.jobs import Job
from benchmarks._signers.kit import FIRST, SECOND, SECOND_RSA

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from benchmarks._signers.kit import Kit
    from benchmarks._signers.programs import Program

__all__ = ["first", "second"]

_CERTIFICATIONS = (1, 2, 3)
#: Files that their own program signs again, by the ends of their names; and files that every program signs again.
_AGAIN = ("B-invisible", "T-invisible", "LTA-visible", "certified-2", "certified-3")
_BY_ALL = frozenset(
    {
        "dss-pdfbox-LT-invisible",
        "dss-openpdf-LTA-certified-2",
        "digidoc4j-LT-invisible",
        "itext-9-T-invisible",
        "itext-5-LTA-visible",
        "openpdf-1-T-visible",
        "pdfbox-3-T-visible",
        "pyhanko-LT-invisible",
    }
)


def first(program: Program, kit: Kit, folder: Path) -> Iterator[Job]:
    """Ask for every level, seen and unseen; every certification at its highest level; the file saved anew."""
    looks = ("invisible", "visible") if program.visible else ("invisible",)
    for level in program.levels:
        for look in looks:
            name = f"{program.name}-{level}-{look}"
            yield _job(program, kit, folder, name, level=level, look=look)
    highest = program.levels[-1]
    for permission in _CERTIFICATIONS if program.certifies else ():
        name = f"{program.name}-{highest}-certified-{permission}"
        yield _job(program, kit, folder, name, level=highest, certify=permission)
    if program.rewrites:
        yield _job(program, kit, folder, f"{program.name}-{highest}-rewritten", level=highest, rewrite=True)


def second(program: Program, kit: Kit, folder: Path, signed: dict[str, Path]) -> Iterator[Job]:
    """Ask for one more signature, by another person, over files of its own and of others."""
    highest = program.levels[-1]
    for name, source in signed.items():
        own = name.startswith(f"{program.name}-") and name.endswith(_AGAIN)
        if source.suffix == program.suffix and (own or name in _BY_ALL):
            for look in ("invisible", "beside") if program.visible else ("invisible",):
                yield Job(
                    name=f"{name}-then-{program.name}-{highest}-{look}",
                    source=source,
                    result=folder / f"{name}-then-{program.name}-{highest}-{look}{program.suffix}",
                    key=kit.key_of(SECOND if program.elliptic else SECOND_RSA),
                    level=highest,
                    look=look,
                )


def _job(
    program: Program,
    kit: Kit,
    folder: Path,
    name: str,
    *,
    level: str,
    look: str = "invisible",
    certify: int = 0,
    rewrite: bool = False,
) -> Job:
    result = folder / f"{name}{program.suffix}"
    return Job(
        name=name,
        source=kit.folder / "form.pdf",
        result=result,
        key=kit.key_of(FIRST),
        level=level,
        look=look,
        certify=certify,
        rewrite=rewrite,
    )
