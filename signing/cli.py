"""Files judged on a command line, without database or network, for people and for scripts."""

from __future__ import annotations

import argparse
import json
import logging
import sys
import warnings
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, TextIO

from signing.container import FileOctets, is_zip
from signing.errors import SigningError, TrustUnavailable, UnreadableDocument, place_of
from signing.messages import next_step, text
from signing.model import Indication, Message
from signing.pki.certificate_files import load_certificates
from signing.pki.certificates import UnreadableCertificate
from signing.policies.named import NAMED, NamedPolicy
from signing.policies.verdict import Accepted, Rejected, Undetermined, verdict_json, word_of
from signing.report.simple import simple_report
from signing.trust import TrustStore, read_list
from signing.verification import verify

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from signing.container import Octets
    from signing.model import NestedReport, Report, SignatureReport
    from signing.pki.certificates import Certificate
    from signing.pki.trust_protocol import TrustSource
    from signing.policies.verdict import Verdict

__all__ = ["main", "quiet_libraries"]

_EXAMPLE = """example:
  {program} --trust latvian-tsl.xml saistibu_raksts.edoc
  {program} --json --policy ades --trust anchors/ --at 2026-03-01T12:00:00Z *.asice
"""
_PRINTABLE = str.maketrans(dict.fromkeys((*range(32), 127, *range(128, 160)), "�"))


def main(
    arguments: Sequence[str] | None = None,
    *,
    out: TextIO | None = None,
    now: datetime | None = None,
    program: str = "python -m signing",
) -> int:
    """Judge the files named on the command line; 0 when every one was judged, whatever the verdict, 2 otherwise.

    `program` is what the command is called in its own words.
    """
    with quiet_libraries():
        return _run(arguments, out or sys.stdout, now=now, program=program)


@contextmanager
def quiet_libraries() -> Iterator[None]:
    """Keep what libraries warn of and log off the terminal: it is part of the verdict, or of nobody's concern.

    Whoever asks for warnings by `-W` or PYTHONWARNINGS, or has set up logging, gets them.
    """
    silence = logging.NullHandler()
    with warnings.catch_warnings():
        if not sys.warnoptions:
            warnings.simplefilter("ignore")
        # A root without any handler writes to standard error by itself.
        logging.getLogger().addHandler(silence)
        try:
            yield
        finally:
            logging.getLogger().removeHandler(silence)


def _run(arguments: Sequence[str] | None, out: TextIO, *, now: datetime | None, program: str) -> int:
    parser = _parser(program)
    options = parser.parse_args(arguments, argparse.Namespace(program=program))
    if options.policies:
        _print_policies(out)
        return 0
    if not options.files:
        parser.error("name at least one file")
    try:
        trust = _load_trust(options.trust)
    except (OSError, TrustUnavailable, UnreadableCertificate) as error:
        sys.stderr.write(f"{program}: trust: {error}\n")
        return 2
    at = options.at or now or datetime.now(UTC)
    detached = [(path.name, path.read_bytes()) for path in options.detached]
    status = 0
    for path in options.files:
        status |= _judge_one(path, options, trust, at, detached, out)
    return status


def _parser(program: str) -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog=program,
        description="Judge electronically signed files, without database or network.",
        epilog=_EXAMPLE.format(program=program),
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument("files", nargs="*", type=Path, metavar="FILE", help="signed files")
    parser.add_argument("--json", action="store_true", help="one JSON object per line")
    parser.add_argument(
        "--policy", default="qes-lv", choices=sorted(NAMED), help="what to ask of them (default qes-lv)"
    )
    parser.add_argument("--policies", action="store_true", help="list the policies with their rules, and stop")
    parser.add_argument(
        "--trust", action="append", default=[], type=Path, metavar="PATH",
        help="certificates (PEM, DER), folders of them, or trusted lists (XML), taken as given",
    )  # fmt: skip
    parser.add_argument("--at", type=_moment, metavar="TIME", help="the moment to judge at, ISO 8601 (default now)")
    parser.add_argument(
        "--detached",
        action="append",
        default=[],
        type=Path,
        metavar="FILE",
        help="a file signed by a separate signature",
    )
    parser.add_argument("--nested", action="store_true", help="judge containers inside a container too, one level deep")
    parser.add_argument("--language", choices=("lv", "en"), default="en", help="language of the words (default en)")
    return parser


def _moment(value: str) -> datetime:
    try:
        moment = datetime.fromisoformat(value)
    except ValueError:
        raise argparse.ArgumentTypeError(f"not a time: {value}") from None
    return moment if moment.tzinfo else moment.replace(tzinfo=UTC)


def _load_trust(paths: Sequence[Path]) -> TrustStore:
    certificates: list[Certificate] = []
    lists = []
    for path in _trust_files(paths):
        data = path.read_bytes()
        if data.lstrip(b"\xef\xbb\xbf \t\r\n").startswith(b"<"):
            lists.append(read_list(data))
        else:
            certificates += load_certificates(data)
    return TrustStore.of_anchors(certificates, lists)


def _trust_files(paths: Sequence[Path]) -> Iterator[Path]:
    for path in paths:
        if path.is_dir():
            yield from sorted(one for one in path.iterdir() if one.is_file() and not one.name.startswith("."))
        else:
            yield path


@contextmanager
def _opened(path: Path) -> Iterator[Octets]:
    """Open a container without reading all of it into memory; anything else is read."""
    with FileOctets(path) as container:
        yield container if is_zip(container[:4]) else path.read_bytes()


def _judge_one(
    path: Path,
    options: argparse.Namespace,
    trust: TrustSource,
    at: datetime,
    detached: Sequence[tuple[str, bytes]],
    out: TextIO,
) -> int:
    report, refusal, fault = None, None, False
    policy = NAMED[options.policy]
    try:
        with _opened(path) as document:
            report = verify(
                document,
                name=path.name,
                trust=trust,
                at=at,
                detached=detached,
                nested=options.nested,
                algorithms=policy.algorithms,
            )
    except UnreadableDocument as error:
        refusal = Message(error.code, error.params)
    except (OSError, SigningError) as error:
        sys.stderr.write(f"{options.program}: {path}: {error}\n")
        if options.json:
            line = {
                "file": str(path),
                "report": None,
                "policyVerdict": {"policy": policy.name, **verdict_json(Undetermined(()))},
                "error": {"code": "file.not-read", "content": str(error)},
            }
            out.write(json.dumps(line, ensure_ascii=False) + "\n")
            out.flush()
        return 2
    except Exception as error:  # noqa: BLE001 - a fault of ours: told by its place, and the other files are judged
        sys.stderr.write(f"{options.program}: {path}: {place_of(error)}\n")
        refusal, fault = Message("document.not-judged"), True
    verdict = _verdict(report, refusal, policy, fault=fault)
    if options.json:
        out.write(json.dumps(_json_line(path, report, refusal, verdict, policy), ensure_ascii=False) + "\n")
    else:
        words = _Words(options.language, out)
        words.say(str(path))
        if report is not None:
            words.report(report, verdict, policy)
        elif refusal is not None:
            words.refused(refusal)
    out.flush()
    return 2 if fault else 0


def _verdict(report: Report | None, refusal: Message | None, policy: NamedPolicy, *, fault: bool) -> Verdict:
    if report is not None:
        return policy.policy.judge(report)
    reasons = (refusal or Message("document.broken"),)
    return Undetermined(reasons) if fault else Rejected(reasons)


def _json_line(
    path: Path, report: Report | None, refusal: Message | None, verdict: Verdict, policy: NamedPolicy
) -> dict[str, object]:
    line: dict[str, object] = {
        "file": str(path),
        "report": simple_report(report) if report is not None else None,
        "policyVerdict": {"policy": policy.name, **verdict_json(verdict)},
    }
    if refusal is not None:
        line["error"] = {"code": refusal.code, "content": text(refusal, "en")}
    return line


@dataclass(frozen=True, slots=True)
class _Words:
    """Tells a verdict to a person; nothing a file says can steer the terminal it is shown on."""

    language: str
    out: TextIO

    def say(self, line: str) -> None:
        self.out.write(line.translate(_PRINTABLE) + "\n")

    def tell(self, message: Message, indent: str) -> None:
        self.say(f"{indent}{text(message, self.language)}")

    def refused(self, refusal: Message) -> None:
        self.tell(refusal, "  ")
        self.say(f"  → {next_step(refusal, self.language)}")

    def signature(self, one: SignatureReport) -> None:
        who = one.signer.common_name if one.signer else "?"
        mark = "✓" if one.indication is Indication.TOTAL_PASSED else "✗"
        sub = f" / {one.sub_indication}" if one.sub_indication else ""
        counter = " (counter-signature)" if one.counter_signature else ""
        self.say(f"  {mark} {who}: {one.indication}{sub}, {one.qualification}, {one.format} {one.level}{counter}")
        if one.best_signature_time:
            self.say(f"      {one.best_signature_time.isoformat()}")
        for message in (*one.errors, *one.warnings):
            self.tell(message, "      ")

    def nested(self, one: NestedReport) -> None:
        self.say(f"  [{one.name}]")
        if one.refusal is not None:
            self.tell(one.refusal, "    ")
        if one.report is not None:
            for signature in one.report.signatures:
                self.signature(signature)

    def report(self, report: Report, verdict: Verdict, policy: NamedPolicy) -> None:
        for one in report.signatures:
            self.signature(one)
        for message in report.warnings:
            self.tell(message, "  ")
        for inner in report.nested:
            self.nested(inner)
        self.say(f"  {policy.name}: {word_of(verdict)}")
        if isinstance(verdict, Accepted):
            return
        for message in verdict.reasons:
            self.tell(message, "    ")
        for step in dict.fromkeys(next_step(message, self.language) for message in verdict.reasons):
            self.say(f"    → {step}")


def _print_policies(out: TextIO) -> None:
    for policy in NAMED.values():
        out.write(f"{policy.name}\n")
        out.writelines(f"  - {rule}\n" for rule in policy.rules)
