"""The valid files that are changed, each with the trust, the moment and the files beside it by which it passes.

Files of the demo's people, at every level and with several signers, and every valid file of the public corpus where
it lies beside the project. Of the corpus what matters here is that it passes as it is: each file's own certificates
are its anchors, and the moment is one at which they were in force. Some files of the demo do not pass: their signer
was revoked, unlisted, late. No mutant of theirs may.
"""

from __future__ import annotations

import csv
import io
import warnings
import zipfile
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

import typst

from benchmarks._mutation.standalone import standalone
from demo.pki import Answer, build, lv_list, person
from demo.signer import Level, Wrong, sign_again, sign_asice, sign_edoc, sign_pdf
from signing import Indication, Report, SigningError, TrustStore, verify
from signing.reading.document import read_document
from signing.reading.recognise import FileType, recognise
from signing.trust import read_list

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from signing.reading.facts import DocumentFacts

__all__ = ["AT", "Seed", "accepts", "seeds"]

AT = datetime(2026, 3, 2, 10, tzinfo=UTC)
_FILES = [
    ("iesniegums.pdf", b"%PDF-1.7 " + b"iesniegums " * 40),
    ("saistību raksts.txt", b"saistibu raksts " * 40),
    ("pielikumi/a.txt", b"pielikums"),
]
_VALID = {"TOTAL-PASSED", "CRYPTO-VALID", "VALID-THEN", "T-LEVEL", "TOTAL-PASSED|INDETERMINATE"}


@dataclass(frozen=True, slots=True)
class Seed:
    """A file to change. `report` is the verdict on it unchanged; without one no mutant of it may pass."""

    name: str
    content: bytes
    kind: FileType
    trust: TrustStore
    at: datetime
    detached: tuple[tuple[str, bytes], ...] = ()
    report: Report | None = field(default=None, repr=False)

    def judge(self, content: bytes) -> Report:
        """Judge other bytes as this file is judged."""
        return verify(content, name=self.name, trust=self.trust, at=self.at, detached=self.detached)


def accepts(report: Report) -> bool:
    """Whether any signature passes."""
    return any(one.indication is Indication.TOTAL_PASSED and not one.counter_signature for one in report.signatures)


def seeds(folder: Path, corpus: Path | None) -> tuple[Seed, ...]:
    """Make and gather them all; `ValueError` when one that should pass does not."""
    return tuple(_known(one, valid=valid) for one, valid in (*_of_the_demo(folder), *_of_the_corpus(corpus)))


def _known(seed: Seed, *, valid: bool) -> Seed:
    report = seed.judge(seed.content)
    if accepts(report) is not valid:
        raise ValueError(f"{seed.name} {'does not pass' if valid else 'passes'} unchanged")
    return replace(seed, report=report) if valid else seed


def _of_the_demo(folder: Path) -> Iterator[tuple[Seed, bool]]:
    pki = build(folder / "pki", at=AT, base_url="http://127.0.0.1:9")
    head, user = person("head"), person("user")
    trust = TrustStore.of_anchors((), (read_list(lv_list(pki, at=AT)),))
    source = folder / "form.typ"
    source.write_text("= Iesniegums\n#lorem(80)\n#pagebreak()\n#lorem(80)", encoding="utf-8")
    form = typst.compile(source)
    later = AT + timedelta(minutes=1)

    def twice(signed: bytes) -> bytes:
        return sign_again(signed, person=user, pki=pki, at=later)

    edoc = sign_edoc(_FILES, person=head, pki=pki, at=AT)
    pdf = sign_pdf(form, person=head, pki=pki, at=AT)
    made = {
        "one.edoc": edoc,
        "two.edoc": twice(edoc),
        "three.edoc": sign_again(twice(edoc), person=person("seal"), pki=pki, at=later),
        "rsa.asice": sign_asice(_FILES, person=user, pki=pki, at=AT, role="direktors"),
        "archive.asice": sign_asice(_FILES, person=user, pki=pki, at=AT, level=Level.LTA),
        "two-archived.edoc": sign_again(
            sign_edoc(_FILES, person=head, pki=pki, at=AT, level=Level.LTA),
            person=user, pki=pki, at=later, level=Level.LTA,
        ),
        "one.pdf": pdf,
        "two.pdf": twice(pdf),
        "archive.pdf": sign_pdf(form, person=user, pki=pki, at=AT, level=Level.LTA),
        "two-archived.pdf": sign_again(
            sign_pdf(form, person=head, pki=pki, at=AT, level=Level.LTA),
            person=user, pki=pki, at=later, level=Level.LTA,
        ),
    }  # fmt: skip
    bad = {
        "revoked.edoc": sign_edoc(_FILES, person=person("revoked"), pki=pki, at=AT),
        "unqualified.asice": sign_asice(_FILES, person=person("unqualified"), pki=pki, at=AT),
        "another-named.edoc": sign_edoc(_FILES, person=head, pki=pki, at=AT, wrong=Wrong(named="user")),
        "answer-about-another.edoc": sign_edoc(
            _FILES, person=head, pki=pki, at=AT, wrong=Wrong(ocsp=Answer.TRUE, ocsp_about="user")
        ),
        "revoked.pdf": sign_pdf(form, person=person("revoked"), pki=pki, at=AT),
        "unqualified.pdf": sign_pdf(form, person=person("unqualified"), pki=pki, at=AT),
    }
    for valid, files in ((True, made), (False, bad)):
        for name, content in files.items():
            yield Seed(name, content, recognise(content), trust, AT + timedelta(hours=1)), valid
    for name, content, beside in standalone(pki, AT):
        yield Seed(name, content, FileType.XML, trust, AT + timedelta(hours=1), beside), True


def _of_the_corpus(corpus: Path | None) -> Iterator[tuple[Seed, bool]]:
    if corpus is None:
        return
    with (corpus / "cases.csv").open(encoding="utf-8", newline="") as table:
        rows = [row for row in csv.DictReader(table) if row["effective"] in _VALID and ":" not in row["detached"]]
    for row in rows:
        content = (corpus / "files" / row["file"]).read_bytes()
        beside = tuple((name, (corpus / "detached" / name).read_bytes()) for name in row["detached"].split())
        if len(content) > 500_000:  # noqa: PLR2004 - changing small ones shows as much
            continue
        made = _passing(row["file"], content, beside, datetime.fromisoformat(row["at"]))
        if made is None:
            continue
        yield made, True
        cut_out = _cades_alone(made)
        if cut_out is not None:
            yield cut_out, True


def _passing(name: str, content: bytes, beside: tuple[tuple[str, bytes], ...], at: datetime) -> Seed | None:
    """Find trust and a moment at which the file passes: some of the corpus are too old for any."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # test certificates of others, odd by design
        try:
            facts = read_document(content, name=name, detached=beside)
        except SigningError:
            return None
    trust = _own_anchors(facts)
    claimed = [one.claimed_time + timedelta(hours=1) for one in facts.signatures if one.claimed_time]
    for moment in (at, *claimed):
        seed = Seed(name, content, recognise(content), trust, moment, beside)
        if accepts(seed.judge(content)):
            return seed
    return None


def _own_anchors(facts: DocumentFacts) -> TrustStore:
    own = [one.certificate for one in facts.signatures if one.certificate is not None]
    stamps = [stamp for one in facts.signatures for stamp in one.stamps] + list(facts.stamps)
    return TrustStore.of_anchors([*own, *(certificate for stamp in stamps for certificate in stamp.certificates)])


def _cades_alone(seed: Seed) -> Seed | None:
    """Take a CAdES file out of its container, with the file it signs beside it."""
    if seed.kind is not FileType.ZIP or "CAdES" not in {one.format for one in seed.judge(seed.content).signatures}:
        return None
    with zipfile.ZipFile(io.BytesIO(seed.content)) as archive:
        names = archive.namelist()
        data = [name for name in names if name != "mimetype" and not name.startswith("META-INF/")]
        signatures = [name for name in names if name.endswith(".p7s")]
        manifests = [name for name in names if "manifest" in name.lower()]
        if len(data) != 1 or len(signatures) != 1 or manifests:
            return None
        beside = ((data[0], archive.read(data[0])),)
        alone = archive.read(signatures[0])
    return replace(seed, name=f"{seed.name}.p7s", content=alone, kind=FileType.CMS, detached=beside)
