"""Whatever program saved a file of orders, it is read for what it says, or named for what it is."""

import csv
import gzip
from collections.abc import Sequence
from datetime import date
from io import BytesIO, StringIO
from itertools import product
from zipfile import ZipFile

import pytest
from openpyxl import Workbook  # type: ignore[import-untyped]  # has no type hints

from iam.orders.models import ChangeKind
from iam.orders.said import Change, OrderSaid, PartySaid
from workflows.i18n import translator
from workflows.reorganisation.faults import BadOrderFile
from workflows.reorganisation.order_files import read_orders
from workflows.reorganisation.order_text import text_to_mend

COLUMNS = ("reference", "legal_basis", "effective", "change", "sources", "targets", "new_name", "new_code")
LATVIAN = (
    "Numurs",
    "Juridiskais pamats",
    "Stājas spēkā",
    "Izmaiņas veids",
    "Kas mainās",
    "Kas izveidojas",
    "Jaunais nosaukums",
    "Jaunais kods",
)
ROWS = (
    ("1-3/7", "Domes lēmums", "2026-09-01", "joined", "4113900001|4113900002", "4113900003", "", ""),
    ("1-3/8", "Domes lēmums; 12. punkts, b)", "2026-09-02", "pārdēvēšana", "4113900003", "", "Aldas\tģimnāzija", ""),
    ("1-3/8", "Domes lēmums; 12. punkts, b)", "2026-09-02", "recoded", "0010000", "", "", "0011000"),
)
ORDERS = (
    OrderSaid(
        reference="1-3/7",
        legal_basis="Domes lēmums",
        effective=date(2026, 9, 1),
        changes=(
            Change(
                kind=ChangeKind.JOINED,
                sources=(PartySaid(reg_no="4113900001"), PartySaid(reg_no="4113900002")),
                targets=(PartySaid(reg_no="4113900003"),),
            ),
        ),
    ),
    OrderSaid(
        reference="1-3/8",
        legal_basis="Domes lēmums; 12. punkts, b)",
        effective=date(2026, 9, 2),
        changes=(
            Change(kind=ChangeKind.RENAMED, sources=(PartySaid(reg_no="4113900003"),), new_name="Aldas ģimnāzija"),
            Change(kind=ChangeKind.RECODED, sources=(PartySaid(atvk="0010000"),), new_atvk="0011000"),
        ),
    ),
)
LINES = {("1-3/7", 0): 2, ("1-3/7", 1): 2, ("1-3/8", 0): 3, ("1-3/8", 1): 3, ("1-3/8", 2): 4}


def table(header: Sequence[str] = COLUMNS, *, between: str = ",", quoted: bool = False, after: int = 0) -> str:
    """Write the orders as a spreadsheet program does, with empty columns at the end."""
    text = StringIO()
    writer = csv.writer(
        text, delimiter=between, quoting=csv.QUOTE_ALL if quoted else csv.QUOTE_MINIMAL, lineterminator="\n"
    )
    writer.writerows([*row, *[""] * after] for row in (header, *ROWS))
    return text.getvalue()


def faults(content: bytes) -> list[tuple[int, str]]:
    with pytest.raises(BadOrderFile) as bad:
        read_orders(content)
    for one in bad.value.faults:
        for language in ("lv", "en"):
            assert "%(" not in one.in_words(translator(language))
    return [(one.line, one.code) for one in bad.value.faults]


@pytest.mark.parametrize(
    ("between", "encoding", "end", "quoted"),
    list(
        product(
            (",", ";", "\t"),
            ("utf-8", "utf-8-sig", "utf-16", "utf-16-le", "utf-16-be"),
            ("\n", "\r\n", "\r"),
            (False, True),
        )
    ),
)
def test_separators_encodings_and_line_ends_say_the_same(
    between: str, encoding: str, end: str, *, quoted: bool
) -> None:
    text = table(between=between, quoted=quoted, after=2 if quoted else 0)
    read = read_orders(text.replace("\n", end).encode(encoding))
    assert (read.orders, read.lines) == (ORDERS, LINES)


@pytest.mark.parametrize("mark", [b"\xfe\xff", b"\xff\xfe\x00\x00"])
def test_rarer_marks_of_encodings_are_known(mark: bytes) -> None:
    encoding = "utf-16-be" if mark == b"\xfe\xff" else "utf-32-le"
    assert read_orders(mark + table().encode(encoding)).orders == ORDERS


@pytest.mark.parametrize(
    ("above", "between", "moved"),
    [
        ("\n", ",", 1),
        ("\n  \n\t\n", ";", 3),
        (";;;;;;;\n", ";", 1),
        ('"",""\n', ",", 1),
        ("sep=;\n", ";", 1),
        ("SEP=,\n", ",", 1),
        ('"sep=;"\n', ";", 1),
        ("sep=\t\n", "\t", 1),
        ("sep=|\n", "|", 1),
        ("\nsep=;\n\n", ";", 3),
        ("sep=;;;;;\n", ";", 1),
    ],
)
def test_what_stands_above_the_header_moves_the_lines_and_no_more(above: str, between: str, moved: int) -> None:
    read = read_orders((above + table(between=between)).encode())
    assert read.orders == ORDERS
    assert read.lines == {which: line + moved for which, line in LINES.items()}


@pytest.mark.parametrize(
    "header",
    [
        tuple(map(str.upper, COLUMNS)),
        tuple(map(str.title, COLUMNS)),
        tuple(name.replace("_", " ").capitalize() for name in COLUMNS),
        tuple(f"\u00a0{name} " for name in COLUMNS),
        tuple(name.replace("_", "-") for name in COLUMNS),
        LATVIAN,
        tuple(map(str.upper, LATVIAN)),
        ("numurs", "juridiskais pamats", "stajas speka", "izmainas veids", "kas mainas", *LATVIAN[5:]),
        (*COLUMNS[:4], *LATVIAN[4:]),
    ],
)
def test_a_header_is_known_however_it_is_spelt(header: Sequence[str]) -> None:
    assert read_orders(table(header, between=";").encode()).orders == ORDERS
    assert read_orders(table(header, quoted=True).encode()).orders == ORDERS


def test_a_mapping_is_known_as_freely() -> None:
    text = "sep=;\nOLD_ATVK;Old name;New ATVK;New name\n0990600;Cīruļu novads;0990601;Cīruļu novads\n"
    (order,) = read_orders(text.encode("utf-16")).orders
    assert order.changes == (Change(kind=ChangeKind.RECODED, sources=(PartySaid(atvk="0990600"),), new_atvk="0990601"),)


def workbook() -> bytes:
    book, kept = Workbook(), BytesIO()
    for row in (COLUMNS, *ROWS):
        book.active.append(row)
    book.save(kept)
    return kept.getvalue()


def packed(**files: str) -> bytes:
    kept = BytesIO()
    with ZipFile(kept, "w") as archive:
        for name, text in files.items():
            archive.writestr(name.replace("__", "/"), text)
    return kept.getvalue()


OLE = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(504)


@pytest.mark.parametrize(
    ("content", "code", "kind"),
    [
        (workbook(), "file.workbook", ".xlsx"),
        (packed(mimetype="application/vnd.oasis.opendocument.spreadsheet"), "file.workbook", ".ods"),
        (OLE + "Workbook".encode("utf-16-le"), "file.workbook", ".xls"),
        (OLE + "Book".encode("utf-16-le"), "file.workbook", ".xls"),
        (OLE, "file.workbook", ".xls"),
        (b"<html><table><tr><td>reference</td></tr></table></html>", "file.workbook", "HTML"),
        (b'\xef\xbb\xbf<?xml version="1.0"?><Workbook/>', "file.workbook", "XML"),
        (b"\r\n<!DOCTYPE html>", "file.workbook", "HTML"),
        (packed(word__document="x"), "file.document", ".docx"),
        (packed(mimetype="application/vnd.oasis.opendocument.text"), "file.document", ".odt"),
        (packed(orders="x"), "file.document", "ZIP"),
        (OLE + "WordDocument".encode("utf-16-le"), "file.document", ".doc"),
        (b"%PDF-1.7\n%\xe2\xe3\xcf\xd3\n", "file.document", "PDF"),
        (b"{\\rtf1\\ansi reference}", "file.document", "RTF"),
        (gzip.compress(table().encode()), "file.document", "GZIP"),
        (b"\x89PNG\r\n\x1a\n", "file.document", "PNG"),
        (b"\xff\xd8\xff\xe0\x00\x10JFIF", "file.document", "JPEG"),
    ],
)
def test_a_file_of_another_kind_is_named_in_one_sentence(content: bytes, code: str, kind: str) -> None:
    with pytest.raises(BadOrderFile) as bad:
        read_orders(content)
    (one,) = bad.value.faults
    assert (one.line, one.code) == (1, code)
    assert kind in one.in_words(translator("lv"))
    assert text_to_mend(content) == ""


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("Lūdzu pievienot skolu Nr. 4113900001.\n", [(1, "header.missing"), (1, "header.unknown")]),
        ('{"reference": "1"}', [(1, "header.missing"), (1, "header.unknown")]),
        ("referense,pamats,datums\n1,2,3\n", [(1, "header.missing"), (1, "header.unknown")]),
        (f"{'x' * 200_000}\n", [(1, "header.missing"), (1, "header.unknown")]),
        (table().replace(",sources,", ",,"), [(1, "header.missing"), (1, "header.unknown")]),
        (table().replace("change", "Reference"), [(1, "header.missing"), (1, "header.twice")]),
        (table().replace("4113900003,,\n", "4113900003,,,,x\n"), [(2, "columns")]),
        (table().replace("joined", "jo\ufffdined"), [(2, "control")]),
        (table().replace("Aldas", "x" * 301), [(3, "value.long")]),
        (table().replace("Aldas", "x" * 140_000), [(3, "value.long")]),
        (table().replace("0010000", "10000"), [(4, "party.shape")]),
        (table().replace("4113900001", "4.1139E+09"), [(2, "party.shape")]),
        (table().replace('"Domes', '"Do"mes'), [(3, "csv"), (4, "csv")]),
        (table().replace("joined", '"joined') + '9,MK,x,closed,"4113900009"\n', [(2, "csv"), (5, "columns")]),
    ],
)
def test_what_is_near_a_table_is_named_as_a_table(text: str, expected: list[tuple[int, str]]) -> None:
    assert faults(text.encode()) == expected


def test_windows_1257_is_named_in_every_line_and_never_guessed() -> None:
    content = table(between=";").encode("cp1257")
    for end in (b"\n", b"\r\n", b"\r"):
        assert faults(content.replace(b"\n", end)) == [(2, "encoding"), (3, "encoding"), (4, "encoding")]
    assert "Domes l\ufffdmums" in text_to_mend(content)
    assert faults(text_to_mend(content).encode()) == [(line, "control") for line in (2, 3, 4)]


HEAD = '[[order]]\nreference = "1-3/7"\nlegal_basis = "Domes lēmums"\neffective = 2026-09-01\n'
CLOSED = '[[order.change]]\nkind = "closed"\nsources = ["4113900001"]\n'
RENAMED = '[[order.change]]\nkind = "renamed"\nsources = ["4113900003"]\nnew_name = "Aldas skola"\n'


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ("2026-09-01", '"2026-09-01"'),
        ("\n", "\r\n"),
        ("\n", "\r"),
        ("[[order]]", "# \u2028 rīkojums\n\n[[ order ]]  # 'šis'"),
        ('"Aldas skola"', '"""\nAldas\nskola"""'),
        ('"Aldas skola"', "'''Aldas\n   skola'''"),
        ('["4113900001"]', '[\n  "4113900001", # "viena"\n]'),
        ('"closed"', '"Likvidācija"'),
        ("reference =", '"reference"='),
    ],
)
def test_toml_that_says_the_same_is_read_as_the_same(before: str, after: str) -> None:
    text = HEAD + CLOSED + RENAMED
    plain, other = read_orders(text.encode()), read_orders(text.replace(before, after).encode())
    assert other.orders == plain.orders


@pytest.mark.parametrize(
    ("before", "after", "expected"),
    [
        ("1-3/7", "1\u20283/7", []),
        ('"Aldas skola"', '"""\n[[order.change]]\n# Aldas"""', []),
        ('"Aldas skola"', '"Aldas \\"[[order]]\\" # skola"', []),
        ('[[order.change]]\nkind = "closed"', '[order.change]\nkind = "closed"', [(5, "toml.brackets")]),
        ("[[order]]", "[order]", [(1, "toml.brackets")]),
        ("[[order]]", "[[order]", [(1, "toml.brackets")]),
        ("[[order]]", "[[Order]]", [(1, "toml.sections")]),
        ("[[order]]\n", "", [(1, "toml.sections")]),
        (
            '[[order.change]]\nkind = "closed"',
            '[[order.changes]]\nkind = "closed"',
            [(1, "changes.none"), (5, "toml.sections")],
        ),
        ('"closed"', "closed", [(6, "toml")]),
        ('"closed"', '"closed', [(6, "toml")]),
        ('"closed"', "“closed”", [(6, "toml")]),
        ('"closed"', '"""closed', [(7, "toml")]),
        ('["4113900001"]', "[0010000]", [(7, "toml")]),
        ('["4113900001"]', "[4113900001]", [(5, "toml.type")]),
        ('["4113900001"]', '"4113900001"', [(5, "toml.type")]),
        ('["4113900001"]', '["4113900001"', [(7, "toml")]),
        ('["4113900001"]', '[{number = 4113900001, name = "x"}]', [(5, "party.shape"), (5, "toml.type")]),
        ('["4113900001"]', "[]\nsources = []", [(8, "toml.twice")]),
        ("2026-09-01", "2026-02-30", [(4, "effective")]),
        ("2026-09-01", "01.09.2026", [(4, "effective")]),
        ("2026-09-01", "2026-09-01 10:00:00", [(1, "effective")]),
        ("2026-09-01", "20260901", [(1, "effective")]),
        ("2026-09-01", "true", [(1, "effective")]),
        ("kind", "veids", [(5, "change.unknown"), (5, "toml.key"), (8, "change.unknown"), (8, "toml.key")]),
        ("new_name", f"new_name{'.a' * 10_000}", [(11, "toml")]),
        ("Aldas skola", "x" * 140_000, [(8, "value.long")]),
        (CLOSED + RENAMED, "", [(1, "changes.none")]),
    ],
)
def test_toml_at_fault_is_named_in_its_line(before: str, after: str, expected: list[tuple[int, str]] | None) -> None:
    text = HEAD + CLOSED + RENAMED
    assert before in text
    content = text.replace(before, after).encode()
    if not expected:
        read_orders(content)
        return
    assert faults(content) == expected


def test_one_broken_section_hides_no_other() -> None:
    text = HEAD.replace('"1-3/7"', "1-3/7") + CLOSED.replace("closed", "gone") + RENAMED + "colour = 1\n"
    assert faults(text.encode()) == [(2, "toml"), (5, "change.unknown"), (8, "toml.key")]


def test_no_english_of_a_library_stands_on_a_latvian_page() -> None:
    for broken in (
        'reference = "1',
        "reference = 1-3",
        "reference",
        "= 1",
        'reference = "\\q"',
        "a = [1 2]",
        "a = {b}",
    ):
        with pytest.raises(BadOrderFile) as bad:
            read_orders(f"[[order]]\n{broken}\n{CLOSED}".encode())
        (one,) = (one for one in bad.value.faults if one.code.startswith("toml"))
        assert one.line == 2
        assert not {"Invalid", "Expected", "value", "Illegal", "after"} & {*one.in_words(translator("lv")).split()}
