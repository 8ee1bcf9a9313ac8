"""A plain text inside a container is drawn for the person who must read it, whatever program wrote it."""

import io
import zipfile

import pytest
from PIL import Image

from workflows.evidence.guard import pages, plain_texts
from workflows.evidence.guard.frames import Frame
from workflows.evidence.guard.plain_texts import read_text
from workflows.evidence.guard.word_documents import Undrawable
from workflows.evidence.judging import Judge, PageImages

SAID = "Rīkojums Nr. 7\r\nŠodien ieceļ: Ilze Paraudziņa"
LINES = ("Rīkojums Nr. 7", "Šodien ieceļ: Ilze Paraudziņa")


def container(**files: bytes) -> bytes:
    """Make a signed container's ZIP with these files, and no signature."""
    made = io.BytesIO()
    with zipfile.ZipFile(made, "w") as archive:
        archive.writestr("mimetype", "application/vnd.etsi.asic-e+zip")
        for name, content in files.items():
            archive.writestr(name.replace("_", "."), content)
    return made.getvalue()


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "cp1257"])
def test_a_text_is_read_in_the_encodings_that_latvian_programs_write(encoding: str) -> None:
    assert read_text(SAID.encode(encoding)) == LINES


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b" \n",
        b"%PDF-1.7\n1 0 obj",
        b"{\\rtf1 text}",
        b"\x89PNG\r\n\x1a\n",
        b"PK\x03\x04",
        b"\x00text",
        b"\xff\xfe\x00",
    ],
)
def test_what_is_no_text_is_not_read_as_one(content: bytes) -> None:
    assert read_text(content) is None


def test_more_text_than_anybody_reads_is_undrawable(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(plain_texts, "_MOST_TEXT", 10)
    with pytest.raises(Undrawable):
        read_text(SAID.encode())


def test_the_guard_draws_a_text_in_a_container_and_counts_all_its_pages(judge: Judge) -> None:
    drawn = judge.page_images(container(rikojums_txt=SAID.encode("cp1257"), gara_txt=b"line\n" * 100))
    assert isinstance(drawn, PageImages)
    assert (drawn.pages, len(drawn.pictures)) == (4, 4)
    first = Image.open(io.BytesIO(drawn.pictures[0])).convert("L")
    assert first.size == (1240, 1754)
    assert first.getextrema() == (0, 255), "something is written on it"


def test_a_file_that_is_neither_text_nor_picture_still_counts_as_a_page_without_picture() -> None:
    answer = pages.draw(Frame({}, (container(a_txt=b"text", b_bin=b"\x00\x01\x02"),)))
    assert answer.words == {"pages": 2}
    assert len(answer.blobs) == 1
