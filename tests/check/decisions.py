"""The index of decisions holds each one, by its first line."""

from collections.abc import Iterator

from tests.check.findings import ROOT

__all__ = ["decisions", "update_decisions"]

FOLDER = ROOT / "docs" / "decisions"
INDEX = FOLDER / "README.md"
INTRODUCTION = """# Decisions

Half a page each: what was wanted, what was looked at, what was decided, what it costs.
A decision that no longer holds says which one replaced it.
`python -m tests.check decisions --update` writes this page.
"""
PARTS = {
    "The whole": range(1, 10),
    "Signatures and documents": range(10, 30),
    "People, places, rights": range(30, 40),
    "Machinery: jobs, mail, evidence, numbers": range(40, 50),
    "Applications and signed forms": range(50, 60),
    "Pages and interfaces": range(60, 70),
    "Lost passwords, limits, privacy": range(70, 90),
    "Demo, tests, benchmarks": range(90, 100),
}


def decisions() -> Iterator[str]:
    """The index is complete, and each decision says its own number in its first line."""
    taken = set()
    for path in sorted(FOLDER.glob("[0-9]*.md")):
        number = int(path.name[:4])
        if number in taken:
            yield f"{path.name}: {number} is taken: give it the next free number"
        if not path.read_text("utf-8").startswith(f"# {number}. "):
            yield f"{path.name}: its first line does not begin with “# {number}. ”"
        taken.add(number)
    if not INDEX.exists() or INDEX.read_text("utf-8") != _written():
        yield "docs/decisions/README.md is out of date: run python -m tests.check decisions --update"


def update_decisions() -> None:
    """Write the index anew."""
    INDEX.write_text(_written(), "utf-8")


def _written() -> str:
    lines = [INTRODUCTION]
    for part, numbers in PARTS.items():
        paths = [path for path in sorted(FOLDER.glob("[0-9]*.md")) if int(path.name[:4]) in numbers]
        if paths:
            listed = (
                f"- [{path.read_text('utf-8').partition(chr(10))[0].removeprefix('# ')}]({path.name})" for path in paths
            )
            lines += [f"## {part}\n", *listed, ""]
    return "\n".join(lines)
