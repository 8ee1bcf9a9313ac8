"""Make checks one after the other and count what came of them."""

from tests.check.addresses import addresses
from tests.check.assets import assets
from tests.check.audit import audit
from tests.check.decisions import decisions, update_decisions
from tests.check.dependencies import dependencies, locks
from tests.check.findings import Check, NotRunError
from tests.check.modules import modules
from tests.check.translations import translations, update_translations
from tests.check.words import words

__all__ = ["CHECKS", "made", "main"]

CHECKS: dict[str, Check] = {
    "translations": translations,
    "assets": assets,
    "addresses": addresses,
    "audit": audit,
    "dependencies": dependencies,
    "locks": locks,
    "decisions": decisions,
    "words": words,
    "modules": modules,
}


def main(arguments: list[str]) -> int:
    """Run the named checks, all without a name; return how many found something."""
    update = "--update" in arguments
    arguments = [argument for argument in arguments if argument != "--update"]
    for name, updated in (("translations", update_translations), ("decisions", update_decisions)):
        if update and (not arguments or name in arguments):
            updated()
    failed = not_run = 0
    names = arguments or list(CHECKS)
    for name in names:
        findings, why = made(CHECKS[name])
        word = f"{len(findings)} found" if findings else "ok" if not why else "not run"
        print(f"{name}: {word}{f' ({why})' if why else ''}")  # noqa: T201 - a check's output is its result
        for finding in findings:
            print(f"  {finding}")  # noqa: T201 - likewise
        failed += bool(findings)
        not_run += bool(why)
    print(f"{len(names)} checks: {failed} found something, {not_run} not run or not in full")  # noqa: T201 - likewise
    return failed


def made(check: Check) -> tuple[list[str], str]:
    """Make a check: what it found, and why it was not made or not in full."""
    findings = []
    try:
        for finding in check():
            findings.append(finding)  # noqa: PERF402 - what was found before it could not go on counts
    except NotRunError as not_run:
        return findings, str(not_run)
    return findings, ""
