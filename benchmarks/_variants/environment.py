"""The environment of all variants: the demo's authorities and people, their trusted list, one moment."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

import typst

from demo.pki import build, lv_list
from signing import ExpectedContent, Report, SigningError, TrustStore, verify
from signing.judging.algorithms import TABLES
from signing.trust import read_list

if TYPE_CHECKING:
    from pathlib import Path

    from benchmarks._variants.kind import Variant
    from demo.pki import Pki

__all__ = ["AT", "Environment"]

AT = datetime(2026, 3, 2, 10, tzinfo=UTC)
_FORM = """
#set document(title: "Iesniegums")
#set text(lang: "lv")
= Iesniegums
Lūdzu piešķirt tiesības.
#pagebreak()
== Otrā lapa
Es apņemos izmantot personas datus tikai darba pienākumu veikšanai.
"""


@dataclass(frozen=True, slots=True)
class Environment:
    """The demo's PKI as of `AT`, its trusted list, and a tagged two-page form in place of one of ours."""

    folder: Path
    pki: Pki
    trust: TrustStore
    form: bytes = field(repr=False)

    @classmethod
    def prepare(cls, folder: Path) -> Environment:
        """Build it in an empty folder."""
        pki = build(folder / "pki", at=AT, base_url="http://127.0.0.1:9")
        source = folder / "form.typ"
        source.write_text(_FORM, encoding="utf-8")
        form = typst.compile(source, pdf_standards=["a-3a", "ua-1"], timestamp=int(AT.timestamp()))
        return cls(folder, pki, TrustStore.of_anchors((), (read_list(lv_list(pki, at=AT)),)), form)

    def judge(self, variant: Variant) -> Report | SigningError:
        """Judge a variant an hour after `AT`; the error, where it cannot be judged at all."""
        ours = ExpectedContent(hashlib.sha256(variant.expected).hexdigest(), len(variant.expected))
        try:
            return verify(
                variant.content,
                name=variant.name,
                trust=self.trust,
                at=AT + timedelta(hours=1),
                detached=variant.detached,
                expected=(ours,) if variant.expected else (),
                algorithms=TABLES[variant.algorithms],
            )
        except SigningError as error:
            return error
