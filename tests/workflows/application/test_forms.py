"""The pages people sign: valid for archives and screen readers, the same bytes each time, and nothing cut off."""

import io
import json
import resource
import statistics
import subprocess
import sys
from collections.abc import Callable, Sequence
from dataclasses import replace
from datetime import UTC, date, datetime
from hashlib import sha256
from pathlib import Path

import pikepdf
import pypdfium2  # type: ignore[import-untyped]  # it ships no types
import pytest
from pypdfium2 import raw

from iam.grants.models import Level
from iam.institutions.models import ScopeKind
from workflows.application.facts import Place
from workflows.application.kinds.grant import forms
from workflows.application.kinds.grant.forms import Form, FormKind
from workflows.application.kinds.grant.stated import SectionWish, Stated
from workflows.application.kinds.revocation import forms as ending
from workflows.application.kinds.revocation.stated import Reason, SectionEnding
from workflows.application.kinds.revocation.stated import Stated as Ending

REFERENCE = "K7M2-4PQX-9D3F"
CATALOGUE = [("learners", "Izglītojamie un piederība"), ("groups", "Klases un grupas"), ("finance", "Finansējums")]
LETTERS = "aābcčdeēfgģhiījkķlļmnņoprsštuūvzž"


@pytest.fixture
def crowded(stated: Stated) -> Stated:
    """Everything as long as it gets: sixty institutions, names nobody can break, all Latvian letters."""
    places = tuple(
        Place(ScopeKind.INSTITUTION, f"40139{n:05}", f"{n}. {'Starpnovadu' * 9} vidusskola", "Garais novads")
        for n in range(60)
    )
    head = replace(stated.head, given_name=LETTERS * 4, surname=LETTERS.upper() * 4, position="vadītāja " * 20)
    user = replace(stated.user, email=f"{'j' * 64}@{'x' * 60}.example", surname="Šķēršņ-" * 20)
    wishes = tuple(SectionWish(f"s{n}", f"{LETTERS} {n}", Level.EDIT) for n in range(10))
    return replace(stated, head=head, user=user, scope=places, sections=wishes, until=date(2027, 8, 31))


@pytest.fixture
def revocation(stated: Stated) -> Ending:
    return Ending(
        applicant=stated.applicant,
        head=stated.head,
        user=replace(stated.user, position="", email="", phone=""),
        username="",
        scope=(stated.applicant,),
        sections=(),
        last_day=date(2026, 12, 31),
        reason=Reason.EMPLOYMENT_ENDED,
        reason_detail="",
    )


@pytest.fixture
def crowded_revocation(revocation: Ending, crowded: Stated) -> Ending:
    """Everything as long as it gets."""
    return replace(
        revocation,
        head=crowded.head,
        user=crowded.user,
        username="j" * 200,
        scope=crowded.scope,
        sections=tuple(SectionEnding(one.code, one.name) for one in crowded.sections),
        reason=Reason.OTHER,
        reason_detail=LETTERS * 15,
    )


def blank(name: str, sections: Sequence[tuple[str, str]], at: datetime) -> bytes:
    """Make a blank form of whichever kind."""
    return ending.blank(at=at) if name == "revocation" else forms.blank(FormKind(name), sections, at=at)


BLANKS = (*(kind.value for kind in FormKind), "revocation")


def test_every_form_satisfies_pdf_a_3a_and_pdf_ua_1(
    stated: Stated,
    crowded: Stated,
    revocation: Ending,
    crowded_revocation: Ending,
    at: datetime,
    tmp_path: Path,
    verapdf: Callable[[str, list[Path]], list[str]],
) -> None:
    files = {f"blank-{name}": blank(name, CATALOGUE, at) for name in BLANKS}
    for name, facts in {"plain": stated, "crowded": crowded}.items():
        files |= {
            f"{kind}-{name}": forms.make(Form(kind, REFERENCE, facts), at=at)
            for kind in (FormKind.APPLICATION, FormKind.LETTER)
        }
    files["revocation"] = ending.make(REFERENCE, revocation, at=at)
    files["revocation-crowded"] = ending.make(REFERENCE, crowded_revocation, at=at)
    paths = [tmp_path / f"{name}.pdf" for name in files]
    for path, content in zip(paths, files.values(), strict=True):
        path.write_bytes(content)
    for profile in ("3a", "ua1"):
        answers = verapdf(profile, paths)
        assert len(answers) == len(paths)
        assert [line for line in answers if not line.startswith("PASS")] == []


def test_the_facts_travel_inside_the_form_as_data(stated: Stated, at: datetime) -> None:
    made = forms.make(Form(FormKind.LETTER, REFERENCE, stated), at=at)
    with pikepdf.open(io.BytesIO(made)) as pdf:
        attached = pdf.attachments["saistibu-raksts.json"]
        assert attached.relationship == pikepdf.Name.Data
        data = json.loads(attached.get_file().read_bytes())
    assert Stated.from_json(data.pop("stated")) == stated
    assert data == {
        "form": "letter",
        "edition": "2026-11-01",
        "reference": REFERENCE,
        "made_at": "2026-11-24T12:00:00+00:00",
    }


def test_the_same_facts_and_moment_give_the_same_bytes_in_another_process(stated: Stated, at: datetime) -> None:
    here = forms.make(Form(FormKind.APPLICATION, REFERENCE, stated), at=at)
    script = (
        "import json, sys; from datetime import datetime; from hashlib import sha256\n"
        "from workflows.application.kinds.grant import forms\n"
        "from workflows.application.kinds.grant.stated import Stated\n"
        "facts, at = json.load(sys.stdin)\n"
        f"form = forms.Form(forms.FormKind.APPLICATION, {REFERENCE!r}, Stated.from_json(facts))\n"
        "print(sha256(forms.make(form, at=datetime.fromisoformat(at))).hexdigest())"
    )
    command = [sys.executable, "-c", script]
    told = json.dumps([stated.to_json(), at.isoformat()])
    there = subprocess.run(command, input=told, capture_output=True, text=True, check=True)
    assert there.stdout.strip() == sha256(here).hexdigest()


def test_another_fact_another_reference_or_another_moment_gives_another_file(stated: Stated, at: datetime) -> None:
    made = {
        forms.make(Form(FormKind.LETTER, REFERENCE, stated), at=at),
        forms.make(Form(FormKind.LETTER, "K7M2-4PQX-9D3G", stated), at=at),
        forms.make(Form(FormKind.LETTER, REFERENCE, replace(stated, since=date(2027, 1, 1))), at=at),
        forms.make(Form(FormKind.LETTER, REFERENCE, stated), at=datetime(2026, 11, 24, 12, 0, 1, tzinfo=UTC)),
    }
    assert len(made) == 4


def test_nothing_leaves_the_page_however_long_the_words(crowded: Stated, at: datetime) -> None:
    for kind in (FormKind.APPLICATION, FormKind.LETTER):
        pdf = pypdfium2.PdfDocument(forms.make(Form(kind, REFERENCE, crowded), at=at))
        right_edge = pdf[0].get_width() - 19 / 25.4 * 72  # the margin is 20 mm; a letter may lean over it a little
        for page in pdf:
            text = page.get_textpage()
            boxes = [text.get_charbox(n) for n in range(text.count_chars())]
            assert max(box[2] for box in boxes) <= right_edge
        pdf.close()


def test_every_letter_and_every_institution_is_on_the_page(crowded: Stated, at: datetime) -> None:
    pdf = pypdfium2.PdfDocument(forms.make(Form(FormKind.APPLICATION, REFERENCE, crowded), at=at))
    text = "".join(page.get_textpage().get_text_range() for page in pdf)
    pdf.close()
    assert set(LETTERS + LETTERS.upper()) <= set(text)
    assert [place.code for place in crowded.scope if place.code not in text] == []


def test_a_long_e_mail_is_copied_letter_for_letter(stated: Stated, at: datetime) -> None:
    address = "annalabrence.garsuzvards-ozolina@kuldigasvidusskola.example"
    long = replace(stated, user=replace(stated.user, email=address), head=replace(stated.head, email=address))
    pdf = pypdfium2.PdfDocument(forms.make(Form(FormKind.APPLICATION, REFERENCE, long), at=at))
    text = pdf[0].get_textpage().get_text_range()
    pdf.close()
    assert address in "".join(text.split())
    assert "\u200b" not in text


def test_an_ordinary_application_fits_one_page_and_says_who_wrote_its_text(stated: Stated, at: datetime) -> None:
    pdf = pypdfium2.PdfDocument(forms.make(Form(FormKind.APPLICATION, REFERENCE, stated), at=at))
    text = pdf[0].get_textpage().get_text_range()
    assert len(pdf) == 1
    pdf.close()
    assert "Dokuments parakstīts ar drošu elektronisko parakstu un satur laika zīmogu" in text
    assert "nav normatīvā akta pielikums" in text


@pytest.mark.parametrize("kind", BLANKS)
def test_a_blank_form_is_one_page_and_gives_the_choices(kind: str, at: datetime) -> None:
    sections = [(f"s{number}", f"Sadaļa ar garu nosaukumu {number}") for number in range(10)]
    pdf = pypdfium2.PdfDocument(blank(kind, sections, at))
    text = pdf[0].get_textpage().get_text_range()
    assert len(pdf) == 1
    pdf.close()
    if kind == "revocation":
        assert "Darba attiecības beidzas" in text
    if kind == FormKind.APPLICATION:
        for choice in ("Iestādes līmenis", "Ministrijas padotības iestādes līmenis", "Jauns lietotājs", "Aizstāj citu"):
            assert choice in text


def _fill_in(blank: Path, filled: Path, *, text_at: list[float], tick_at: list[float] | None) -> None:
    """Type into one field and tick another, as a reader of PDFs does."""
    pdf = pypdfium2.PdfDocument(blank)
    pdf.init_forms()
    page, form = pdf[0], pdf.formenv.raw

    def click(place: list[float]) -> None:
        middle = (place[0] + place[2]) / 2, (place[1] + place[3]) / 2
        for act in (raw.FORM_OnMouseMove, raw.FORM_OnLButtonDown, raw.FORM_OnLButtonUp):
            act(form, page.raw, 0, *middle)

    click(text_at)
    for letter in "Ezerpils vidusskola Ķīša ielā":
        raw.FORM_OnChar(form, page.raw, ord(letter), 0)
    if tick_at is not None:
        click(tick_at)
    raw.FORM_ForceToKillFocus(form)
    pdf.save(filled)
    pdf.close()


def test_what_is_typed_has_all_letters_of_latvian(at: datetime) -> None:
    with pikepdf.open(io.BytesIO(forms.blank(FormKind.LETTER, (), at=at))) as pdf:
        font = pdf.Root.AcroForm.DR.Font.F0
        field = pdf.Root.AcroForm.Fields[0]
        shown = f"{LETTERS} {LETTERS.upper()} „Rīga” 1"
        field.AP.N.write(b"/Tx BMC BT /F0 6 Tf 0 2 Td <" + shown.encode("cp1257").hex().encode() + b"> Tj ET EMC")
        assert all(width for code, width in enumerate(font.Widths, 32) if bytes([code]) in shown.encode("cp1257"))
        drawn = io.BytesIO()
        pdf.save(drawn)
    read = pypdfium2.PdfDocument(drawn.getvalue())
    page = read[0]
    raw.FPDFPage_Flatten(page.raw, 0)
    flat = io.BytesIO()
    read.save(flat)
    read.close()
    again = pypdfium2.PdfDocument(flat.getvalue())
    text = again[0].get_textpage().get_text_range()
    again.close()
    assert shown in " ".join(text.split())


@pytest.mark.parametrize("kind", BLANKS)
def test_a_blank_form_is_filled_in_on_a_screen_and_read_again(kind: str, at: datetime, tmp_path: Path) -> None:
    empty = tmp_path / "blank.pdf"
    empty.write_bytes(blank(kind, CATALOGUE, at))
    assert blank(kind, CATALOGUE, at) == empty.read_bytes(), "the same bytes each time"
    with pikepdf.open(empty) as pdf:
        fields = {str(one.T): one for one in pdf.Root.AcroForm.Fields}
        assert len(fields) == len(pdf.Root.AcroForm.Fields), "each has a name of its own"
        assert all(str(one.TU) for one in fields.values()), "and says what it is for"
        assert not pdf.Root.AcroForm.get("/NeedAppearances")
        assert not [one for one in pdf.pages[0].Annots if one.Subtype == pikepdf.Name.Link]
        name, tick = next(iter(fields)), next((one for one in fields if pikepdf.Name.Btn == fields[one].FT), None)
        places = {one: [float(side) for side in fields[one].Rect] for one in fields}
    filled = tmp_path / "filled.pdf"
    _fill_in(empty, filled, text_at=places[name], tick_at=places[tick] if tick else None)
    with pikepdf.open(filled) as pdf:
        said = {str(one.T): one.get("/V") for one in pdf.Root.AcroForm.Fields}
    assert str(said[name]) == "Ezerpils vidusskola Ķīša ielā"
    if tick is not None:
        assert said[tick] == pikepdf.Name.Yes


def test_the_letter_says_its_edition_as_a_day(stated: Stated, at: datetime) -> None:
    pdf = pypdfium2.PdfDocument(forms.make(Form(FormKind.LETTER, REFERENCE, stated), at=at))
    text = "".join(page.get_textpage().get_text_range() for page in pdf)
    pdf.close()
    assert "redakcija: 01.11.2026." in text
    assert "2026-11-01" not in text


def test_a_form_takes_at_most_300_milliseconds_of_processor_time(stated: Stated, crowded: Stated, at: datetime) -> None:
    took = []
    for n, facts in enumerate([stated, crowded] * 3):
        before = resource.getrusage(resource.RUSAGE_CHILDREN)
        forms.make(Form(FormKind.APPLICATION, f"{REFERENCE}{n}", facts), at=at)
        after = resource.getrusage(resource.RUSAGE_CHILDREN)
        took.append(after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime)
    assert statistics.median(took) <= 0.3


def test_an_edition_stays_what_it_was() -> None:
    known = {
        "2026-11-01": "69d0535c6aa9f4e9a66d6f70ec3f2660fba30d956a11a3a001af12978a1d9054",
        "2026-12-01": "63d04679e288123e385bc676eb4151f3afc73e4b103fcaaeb4452ed74f70f5be",
    }
    assert {name: sha256(forms.edition(name).source.encode()).hexdigest() for name in known} == known
    assert forms.edition_on(date(2026, 11, 1)).name == "2026-11-01"
    assert forms.edition_on(date(2020, 1, 1)).name == "2026-11-01"
    assert forms.edition_on(date(2026, 11, 30)).name == "2026-11-01"
    assert forms.edition_on(date(2026, 12, 1)).name == "2026-12-01"
    assert "pusnakt" not in forms.edition("2026-12-01").source, "a last day ends when it is over"
    with pytest.raises(forms.UnknownEdition):
        forms.edition("../texts/2026-11-01")
