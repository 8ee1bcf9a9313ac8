"""The report about a file's signatures: made on request, in the reader's language, without a code, and kept nowhere."""

import base64
import dataclasses
import io
import json
import re
from collections.abc import Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime
from pathlib import Path

import httpx
import pikepdf
import pypdfium2  # type: ignore[import-untyped]  # it has none
import pytest
from sqlalchemy import func, select, text
from sqlalchemy.orm import Session, sessionmaker

from builders.workflows.office import Office, Submitted
from iam.base import Base
from signing import Indication, Report
from signing.identity import Identity
from signing.model import Message, Qualification, SubIndication
from tests.workflows.web.conftest import SignIn
from tests.workflows.web.reading import text_of, token_in
from tests.workflows.web.site import Site
from workflows.application.kinds.grant.documents import Part
from workflows.evidence.models import Verification, VerificationOutcome
from workflows.i18n import translator
from workflows.staff import Role
from workflows.web.words.reports import Looked, report_json, report_pdf
from workflows.web.words.results import result_of
from workflows.web.words.verdicts import signatures_of

NOON = datetime(2026, 11, 30, 12, tzinfo=UTC)
STORED = Path(__file__).parents[2] / "signing" / "reports" / "unversioned"
CODE = re.compile(r"320000-?00202")
A4 = (595, 842)


def stored(name: str) -> Report:
    return Report.from_json(json.loads((STORED / f"{name}.json").read_text(encoding="utf-8")))


def judged(report: Report | None, outcome: object = VerificationOutcome.REPORT, **why: object) -> Verification:
    return Verification(
        sha256="ab" * 32,
        name="x",
        judged_at=NOON,
        outcome=outcome,
        report_json=None if report is None else report.to_json(),
        version="1",
        **why,
    )


def printed(pdf: bytes) -> str:
    """What a reader of the PDF reads, one line."""
    document = pypdfium2.PdfDocument(pdf)
    pages = "\n".join(page.get_textpage().get_text_bounded() for page in document)
    return " ".join(pages.replace("\ufffe", "").split())


def made(report: Report | None, *, language: str = "lv", name: str = "līgums.edoc", **how: object) -> str:
    verification = judged(report, **how)
    return printed(report_pdf(translator(language), Looked(name, verification), at=NOON))


def drop(visitor: httpx.Client, name: str, content: bytes) -> str:
    token = token_in(visitor.get("/verify").text)
    answer = visitor.post("/verify", data={"csrf": token}, files={"file": (name, content)})
    return answer.headers["location"]


def changed(report: Report, **fields: object) -> Report:
    (one,) = report.signatures
    return dataclasses.replace(report, signatures=(dataclasses.replace(one, **fields),))  # type: ignore[arg-type]


@pytest.fixture
def case(office: Office) -> Submitted:
    submitted = office.submit()
    office.prove(submitted)
    return submitted


@pytest.mark.parametrize(("language", "said"), [
    ("lv", ("Pārskats par faila parakstiem: derīgs", "Failā ir 1 paraksts, un tas ir derīgs.", "JĀNIS MĒĢINĀTĀJS",
            "Kvalificēts elektroniskais paraksts (QESig)", "XAdES LT", "Šis pārskats nav pierādījums", "1. lapa no 1",
            "Sertifikāta izdevējs", "Laika zīmogi", "kvalificēts, derīgs", "to aptver derīgs paraksts")),
    ("en", ("Report on the signatures in a file: valid", "The file holds one signature, and it is valid.",
            "JĀNIS MĒĢINĀTĀJS", "Qualified electronic signature (QESig)", "XAdES LT", "This report is not evidence",
            "Page 1 of 1", "Certificate issued by", "Time stamps", "qualified, valid", "covered by a valid signature")),
])  # fmt: skip
def test_whoever_has_a_file_looked_at_may_keep_a_report_to_read(
    site: Site, office: Office, sessions: sessionmaker[Session], language: str, said: tuple[str, ...]
) -> None:
    signed = office.sign(office.submit(), "user", Part.LETTER)
    with site.visitor() as visitor:
        where = drop(visitor, "vēstule.edoc", signed)
        assert visitor.get(f"{where}/report.pdf").status_code == 404, "there is no verdict yet"
        office.work()
        page = visitor.get(where, params={"lang": language}).text
        assert f'href="{where}/report.pdf"' in page
        answer = visitor.get(f"{where}/report.pdf", params={"lang": language})
        told = visitor.get(f"{where}/report.json")
    assert answer.headers["content-type"] == "application/pdf"
    assert answer.headers["cache-control"] == "no-store"
    assert "v%C4%93stule.edoc.pdf" in answer.headers["content-disposition"]
    shown = printed(answer.content)
    assert [one for one in said if one not in shown] == []
    with sessions() as session:
        sha256 = session.scalars(select(Verification.sha256).order_by(Verification.id.desc())).first()
    assert sha256 is not None
    assert sha256 in shown.replace(" ", "")
    assert CODE.search(shown) is None
    assert "PNOLV-…0202" in shown
    assert no_code_in(told.json())
    with pikepdf.open(io.BytesIO(answer.content)) as pdf:
        assert pdf.check_pdf_syntax() == []
        assert pdf.open_metadata().pdfa_status == "3A"
        assert str(pdf.Root.Lang).startswith(language)
        assert bool(pdf.Root.MarkInfo.Marked)
        sizes = {tuple(round(float(one)) for one in page.mediabox[2:]) for page in pdf.pages}
    assert sizes == {A4}


def no_code_in(value: object) -> bool:
    """Whether neither a text nor what a text holds in base64 names the code."""
    texts = list(_texts(value))
    assert texts
    for one in texts:
        try:
            plain = base64.b64decode(one, validate=True).decode("latin-1")
        except ValueError:
            plain = ""
        if CODE.search(one) or CODE.search(plain):
            return False
    return True


def _texts(value: object) -> Iterator[str]:
    match value:
        case str():
            yield value
        case Mapping():
            for one in value.values():
                yield from _texts(one)
        case list():
            for one in value:
                yield from _texts(one)
        case _:
            return


def test_a_report_is_made_and_nothing_of_it_is_kept(
    site: Site, office: Office, sessions: sessionmaker[Session]
) -> None:
    def held() -> dict[str, int | None]:
        with sessions() as session:
            tables = [one for one in Base.metadata.sorted_tables if one.name != "web_rates"]
            return {one.name: session.scalar(select(func.count()).select_from(one)) for one in tables}

    with site.visitor() as visitor:
        where = drop(visitor, "nekas.edoc", b"no signature in here")
        office.work()
        before = held()
        for _ in range(3):
            assert visitor.get(f"{where}/report.pdf").status_code == 200
        assert held() == before


def test_a_file_that_is_no_document_has_a_report_for_people_that_says_why(site: Site, office: Office) -> None:
    with site.visitor() as visitor:
        where = drop(visitor, "piezīmes.txt", b"no signature in here")
        office.work()
        page = visitor.get(where)
        answer = visitor.get(f"{where}/report.pdf")
        assert visitor.get(f"{where}/report.json").status_code == 404
    assert "report.json" not in page.text
    shown = printed(answer.content)
    assert "Pārskats par faila parakstiem: tas nav parakstīts dokuments" in shown
    assert "piezīmes.txt" in shown
    said = text_of(page.text.partition("viis-card--bad")[2].partition("<details")[0]).partition(">")[2]
    assert said.split(".")[0].strip() in shown, "the reason of the page stands in the report"


def test_strangers_get_no_report_and_their_guesses_cost_nothing(site: Site, office: Office) -> None:
    with site.visitor() as visitor, site.visitor() as stranger:
        where = drop(visitor, "nekas.edoc", b"no signature in here")
        office.work()
        for _ in range(70):
            assert stranger.get(f"{where[:-3]}xyz/report.pdf").status_code == 404
        assert visitor.get(f"{where}/report.pdf").status_code == 200


def test_one_network_has_at_most_sixty_reports_made_in_ten_minutes(
    site: Site, office: Office, sessions: sessionmaker[Session]
) -> None:
    with site.visitor() as visitor:
        where = drop(visitor, "nekas.edoc", b"no signature in here")
        office.work()
        assert visitor.get(f"{where}/report.pdf").status_code == 200
        with sessions.begin() as session:
            session.execute(text("UPDATE web_rates SET count = 60 WHERE bucket LIKE 'report %'"))
        refused = visitor.get(f"{where}/report.pdf")
        assert visitor.get(where).status_code == 200, "reading the page costs no typesetting"
    assert refused.status_code == 429
    assert refused.headers["retry-after"] == "600"


def test_many_at_once_wait_for_each_other_and_pages_are_answered_meanwhile(site: Site, office: Office) -> None:
    with site.visitor() as visitor, ThreadPoolExecutor(8) as people:
        where = drop(visitor, "nekas.edoc", b"no signature in here")
        office.work()
        asked = [people.submit(visitor.get, f"{where}/report.pdf") for _ in range(8)]
        assert visitor.get("/help").status_code == 200
        statuses = [one.result().status_code for one in asked]
    assert set(statuses) <= {200, 503}
    assert 200 in statuses


@pytest.mark.parametrize("role", [Role.REVIEWER, Role.APPROVER, Role.AUDITOR])
def test_who_reads_a_case_may_keep_the_report_on_its_files_and_reads_no_code(
    case: Submitted, office: Office, sign_in: SignIn, role: Role
) -> None:
    visitor = sign_in("karlis.eglitis", "Kārlis Eglītis", role)
    numbers = [one.id for one in office.uploads(case)]
    page = visitor.get(f"/review/{case.reference}", params={"tab": "files"}).text
    for number in numbers:
        address = f"/review/{case.reference}/files/{number}/report"
        assert f'href="{address}.pdf"' in page
        pdf, told = visitor.get(f"{address}.pdf"), visitor.get(f"{address}.json")
        shown = printed(pdf.content)
        assert case.reference in shown
        assert "nevis par to, ko fails pierāda iesniegumā" in shown
        assert CODE.search(shown) is None
        assert no_code_in(told.json())
        assert {pdf.headers["cache-control"], told.headers["cache-control"]} == {"no-store"}


def test_who_may_not_read_the_case_gets_no_report(site: Site, case: Submitted, office: Office, sign_in: SignIn) -> None:
    number = office.uploads(case)[0].id
    other = office.submit("head-user", "head-user")
    with site.visitor() as stranger:
        for ending in ("pdf", "json"):
            path = f"/review/{case.reference}/files/{number}/report.{ending}"
            assert stranger.get(path).headers["location"].startswith("/login")
            assert sign_in("sandra.ozola", "Sandra Ozola", Role.ADMINISTRATOR).get(path).status_code == 403
            elsewhere = f"/review/{other.reference}/files/{number}/report.{ending}"
            assert sign_in().get(elsewhere).status_code == 404


def test_a_signature_that_failed_is_said_first_and_why() -> None:
    errors = (Message.of("document.changed"),)
    failed = changed(
        stored("container"),
        indication=Indication.TOTAL_FAILED,
        sub_indication=SubIndication.HASH_FAILURE,
        qualification=Qualification.NOT_ADES,
        errors=errors,
    )
    shown = made(failed)
    assert "Pārskats par faila parakstiem: nav derīgs" in shown
    assert "Failā ir viens paraksts: nav derīgs." in shown
    assert "TOTAL-FAILED · HASH_FAILURE" in shown
    assert "Nav kvalificēts (N/A)" in shown
    assert "to neaptver neviens paraksts, kura derīgums ir pierādīts" in shown


def test_what_is_undetermined_reads_so_and_what_could_not_be_checked_too() -> None:
    assert "Pārskats par faila parakstiem: nenoteikts" in made(stored("open"))
    fault = made(None, outcome=VerificationOutcome.COULD_NOT_BE_JUDGED, code="guard.fault", params={})
    assert "Failu pašlaik neizdevās pārbaudīt." in fault


def test_a_file_without_a_signature_says_that() -> None:
    none = dataclasses.replace(stored("container"), signatures=(), contents=())
    assert "Šajā failā nav neviena paraksta." in made(none)
    assert "There is no signature in this file." in made(none, language="en")


def test_five_signatures_are_five_and_the_sentence_counts_each_kind() -> None:
    whole = stored("container")
    (one,) = whole.signatures
    bad = dataclasses.replace(one, indication=Indication.TOTAL_FAILED, id="bad")
    mixed = dataclasses.replace(whole, signatures=(one, one, one, bad, bad))
    shown = made(mixed)
    assert "Failā ir 5 paraksti (derīgs: 3, nav derīgs: 2)." in shown
    assert "5. paraksts: " in shown
    assert "The file holds 5 signatures (valid: 3, not valid: 2)." in made(mixed, language="en")
    twenty_one = dataclasses.replace(whole, signatures=(one,) * 21)
    assert "Failā ir 21 paraksts, un" in made(twenty_one)
    assert "šeit nav uzskaitīti paraksti: 1" in made(twenty_one)


@pytest.mark.parametrize("name", [
    "王🙂 līgums \u202efdp.edoc", "#set page(fill: red) $x^2$ @a <b> \\u{41}", "\x07\x00.edoc", "e\u0301.edoc",
    "ﬁ.edoc", "", "<script>alert(1)</script>.pdf", "ā" * 250 + ".edoc",
])  # fmt: skip
def test_whatever_a_stranger_calls_a_file_is_printed_as_text(name: str) -> None:
    whole = stored("container")
    (one,) = whole.signatures
    assert one.signer is not None
    signer = dataclasses.replace(one.signer, common_name=name, organisation=name, issuer_name=name)
    report = dataclasses.replace(changed(whole, signer=signer, covers=(name,)), file_name=name)
    shown = made(report, name=name)
    assert "\u202e" not in shown
    if name.startswith("#"):
        assert "#set page(fill: red) $x^2$ @a <b>" in shown
    if name.startswith("王"):
        assert "□□ līgums fdp.edoc" in shown


def test_a_report_stays_small_whatever_the_file_holds() -> None:
    whole = stored("container")
    (one,) = whole.signatures
    assert one.signer is not None
    signer = dataclasses.replace(one.signer, common_name="Ā" * 60_000, organisation="b" * 60_000)
    huge = dataclasses.replace(
        whole,
        signatures=(dataclasses.replace(one, signer=signer, stamps=one.stamps * 200, covers=("c" * 900,) * 900),) * 250,
        contents=tuple(dataclasses.replace(whole.contents[0], name=f"{'d' * 900}{number}") for number in range(1000)),
    )
    pdf = report_pdf(translator("lv"), Looked("a.edoc", judged(huge)), at=NOON)
    assert len(pypdfium2.PdfDocument(pdf)) <= 20
    shown = printed(pdf)
    assert "šeit nav uzskaitīti paraksti: 230" in shown
    assert "šeit nav uzskaitīti faili: 960" in shown


def test_a_code_of_another_country_is_covered_too_whatever_its_shape() -> None:
    whole = stored("container")
    (one,) = whole.signatures
    assert one.signer is not None
    assert one.particulars is not None
    signer = dataclasses.replace(
        one.signer,
        identity=Identity("PNO", "FI", "131052308T"),
        common_name="PAJULA KAISA 131052-308T",
        distinguished_name="CN=PAJULA KAISA,2.5.4.5=131052-308T",
    )
    particulars = dataclasses.replace(one.particulars, serial_number="PNOFI-131052-308T")
    report = changed(whole, signer=signer, particulars=particulars)
    for text_ in (made(report), report_json(report)):
        assert "131052" not in text_
    assert Report.from_json(json.loads(report_json(report))).signatures, "it can still be read"


def test_the_page_and_the_report_say_the_same_result() -> None:
    for name in ("container", "open", "pdf", "nested"):
        report = stored(name)
        words = translator("lv")
        result = result_of(words, judged(report), signatures_of(words, report))
        assert f"Pārskats par faila parakstiem: {result.word}" in made(report)
