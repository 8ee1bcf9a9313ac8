"""Rows for spreadsheets say the same in both formats, and no cell is a formula."""

import csv
import io
from datetime import UTC, datetime

import openpyxl  # type: ignore[import-untyped]  # has no type hints
import pytest

from workflows.web.http.spreadsheets import Sheet, download

AT = datetime(2026, 9, 1, 8, tzinfo=UTC)
HEADS = ("Kas", "Kur")


def cells(sheet: Sheet, *rows: tuple[object, ...]) -> list[list[str]]:
    content = bytes(download("izmaiņas", sheet, HEADS, rows, at=AT).body)
    if sheet is Sheet.CSV:
        return list(csv.reader(io.StringIO(content.decode("utf-8-sig")), delimiter=";"))
    page = openpyxl.load_workbook(io.BytesIO(content)).active
    assert {cell.data_type for row in page.iter_rows() for cell in row if cell.value is not None} == {"s"}
    return [["" if cell is None else cell for cell in row] for row in page.iter_rows(values_only=True)]


@pytest.mark.parametrize("sheet", Sheet)
@pytest.mark.parametrize("begins", ["=", "+", "-", "@", "\t", "\r"])
def test_what_a_program_would_take_as_a_formula_is_text(sheet: Sheet, begins: str) -> None:
    assert cells(sheet, (f"{begins}1+1", "Alda"))[1][0][0] == "'"


def test_both_formats_say_the_same() -> None:
    rows = (("0012", None), ("https://demo.test", 7), ("=cmd()", "Cīruļu; „skola”"), ("", "<&>"))
    assert cells(Sheet.XLSX, *rows) == cells(Sheet.CSV, *rows)
    assert cells(Sheet.CSV, *rows)[1] == ["0012", ""]


def test_a_list_without_rows_has_its_heads() -> None:
    assert cells(Sheet.XLSX) == cells(Sheet.CSV) == [list(HEADS)]


def test_a_file_is_named_and_typed_by_its_format() -> None:
    answer = download("izmaiņas", Sheet.XLSX, HEADS, (), at=AT)
    assert answer.headers["content-disposition"].startswith('attachment; filename="izmainas.xlsx"')
    assert "spreadsheetml" in answer.headers["content-type"]
    book = openpyxl.load_workbook(io.BytesIO(bytes(answer.body)))
    assert book.properties.created.replace(tzinfo=UTC) == AT
