"""Unsigned attachments are drawn as they look; what is damaged or hostile is undrawable, and nothing else."""

import io
import random
import zipfile
import zlib
from collections.abc import Callable
from functools import partial

import pytest
from PIL import Image, ImageCms
from PIL.PngImagePlugin import PngInfo

from builders.workflows.attachments import package, photo, word
from workflows.evidence.guard import attachments, pages, word_documents
from workflows.evidence.guard.attachments import is_drawable, pictures_of
from workflows.evidence.guard.frames import Frame
from workflows.evidence.guard.word_documents import Undrawable, read_word
from workflows.evidence.judging import Judge, PageImages

BLACK, WHITE = (0, 0, 0), (255, 255, 255)
STRICT = "http://purl.oclc.org/ooxml/wordprocessingml/main"
MAIN = "http://schemas.openxmlformats.org/wordprocessingml/2006/main"
MC = "http://schemas.openxmlformats.org/markup-compatibility/2006"
SHAPES = "http://schemas.microsoft.com/office/word/2010/wordprocessingShape"
BOX = "<w:txbxContent><w:p><w:r><w:t>in the box</w:t></w:r></w:p></w:txbxContent>"


def picture(image: Image.Image, kind: str = "PNG", **how: object) -> bytes:
    made = io.BytesIO()
    image.save(made, kind, **how)
    return made.getvalue()


def turned(orientation: int, kind: str = "JPEG") -> bytes:
    """Make a picture whose left half is black, which a camera held that way has recorded."""
    image = Image.new("RGB", (64, 32), WHITE)
    image.paste(BLACK, (0, 0, 32, 32))
    exif = Image.Exif()
    exif[0x0112] = orientation
    return picture(image, kind, exif=exif)


def rich_png() -> bytes:
    profile = ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB")).tobytes()
    said = PngInfo()
    said.add_text("Comment", "a letter" * 20, zip=True)
    exif = Image.Exif()
    exif[0x0112] = 6
    image = Image.linear_gradient("L").resize((40, 30)).convert("P")
    return picture(image, icc_profile=profile, pnginfo=said, exif=exif, transparency=3)


def only(document: bytes) -> Image.Image:
    (drawn,) = pictures_of(document, most=9).pictures
    return drawn


def paragraphs(body: str, *others: tuple[str, bytes]) -> list[str]:
    return list(read_word(package(body, *others)).paragraphs)


def test_a_picture_is_one_page_and_a_word_document_its_text_and_then_its_pictures() -> None:
    assert pictures_of(photo(), most=9).pages == 1
    drawing = pictures_of(
        package("<w:p><w:r><w:t>Labdien!</w:t></w:r></w:p>", ("word/media/a.png", photo("PNG"))), most=9
    )
    written, shown = drawing.pictures
    assert drawing.pages == 2
    assert written.size == (1240, 1754)
    assert written.convert("L").getextrema() == (0, 255)
    assert shown.size == (256, 256)


def test_pages_that_are_not_drawn_are_still_counted() -> None:
    drawing = pictures_of(word(*["line"] * 48 * 3), most=2)
    assert drawing.pages == 3
    assert len(list(drawing.pictures)) == 2


@pytest.mark.parametrize("kind", ["JPEG", "PNG"])
@pytest.mark.parametrize(
    ("orientation", "size", "black"),
    [
        (1, (64, 32), "left"),
        (2, (64, 32), "right"),
        (3, (64, 32), "right"),
        (6, (32, 64), "top"),
        (8, (32, 64), "bottom"),
    ],
)
def test_a_photograph_is_turned_upright(kind: str, orientation: int, size: tuple[int, int], black: str) -> None:
    upright = only(turned(orientation, kind))
    assert upright.size == size
    wide, high = size
    places = {"left": (2, 16), "right": (wide - 3, high // 2), "top": (wide // 2, 2), "bottom": (wide // 2, high - 3)}
    place = places[black]
    across = (wide - 1 - place[0], high - 1 - place[1])
    assert _grey(upright, place) < 60
    assert _grey(upright, across) > 200


def _grey(image: Image.Image, at: tuple[int, int]) -> int:
    grey = image.convert("L").getpixel(at)
    assert isinstance(grey, int)
    return grey


def test_broken_exif_leaves_the_picture_as_it_lies() -> None:
    whole = turned(6)
    assert only(whole.replace(b"Exif\0\0MM\0*", b"Exif\0\0XX\0*").replace(b"Exif\0\0II*\0", b"Exif\0\0XX*\0")).size == (
        64,
        32,
    )


@pytest.mark.parametrize(
    "content",
    [
        picture(Image.new("RGBA", (20, 20), (0, 0, 0, 0))),
        picture(Image.new("LA", (20, 20), (0, 0))),
        picture(Image.new("P", (20, 20), 0), transparency=0),
        picture(Image.new("RGB", (20, 20), BLACK), transparency=BLACK),
        picture(Image.new("L", (20, 20), 0), transparency=0),
        picture(Image.new("1", (20, 20), 0), transparency=0),
    ],
    ids=["RGBA", "LA", "palette", "RGB", "grey", "bilevel"],
)
def test_what_is_transparent_shows_white_paper(content: bytes) -> None:
    assert only(content).getcolors() == [(400, WHITE)]


def test_sixteen_bits_of_grey_are_divided_and_not_cut_off() -> None:
    assert only(picture(Image.new("I;16", (20, 20), 0x8000))).getcolors() == [(400, (128, 128, 128))]


def test_a_picture_is_made_no_larger_than_a_page_either_way_up() -> None:
    assert only(picture(Image.new("L", (4000, 2000), 255))).size == (1754, 877)
    assert only(picture(Image.new("L", (2000, 4000), 255))).size == (877, 1754)


@pytest.mark.parametrize("mode", ["1", "L", "P", "RGB", "RGBA", "I;16"])
def test_the_largest_picture_of_each_mode_fits_the_memory_of_a_guard(judge: Judge, mode: str) -> None:
    octets = attachments._PIXEL.get(mode, attachments._TRANSPARENT)
    high = attachments._MOST_MEMORY // octets // 4096
    fits = picture(Image.new(mode, (4096, high)), compress_level=1)
    assert isinstance(judge.page_images(fits), PageImages)
    larger = fits[:16] + chunk(b"IHDR", fits[16:20] + (high + 1).to_bytes(4) + fits[24:29])[8:] + fits[33:]
    with pytest.raises(Undrawable, match="more pixels"):
        only(larger)


def test_the_guard_draws_what_is_attached_and_says_what_it_cannot(judge: Judge) -> None:
    assert isinstance(judge.page_images(word("Labdien!")), PageImages)
    assert pages.draw(Frame({}, (word("Labdien!"),))).words == {"pages": 1}
    assert set(pages.draw(Frame({}, (package("<w:p>"),))).words) == {"unreadable"}


@pytest.mark.parametrize("seed", range(4))
@pytest.mark.parametrize(
    "whole",
    [rich_png(), turned(6), package("<w:p/>", ("word/media/a.png", rich_png())), word("Labdien!", "ā" * 200)],
    ids=["png", "jpeg", "docx with a picture", "docx"],
)
def test_a_damaged_file_is_undrawable_and_never_a_fault_of_ours(whole: bytes, seed: int) -> None:
    dice = random.Random(seed)  # noqa: S311 - the same mutants every time
    undrawable = 0
    for _ in range(150):
        mutant = mutated(dice, whole)
        if is_drawable(mutant):
            try:
                list(pictures_of(mutant, most=40).pictures)
            except Undrawable:
                undrawable += 1
    assert undrawable > 20


def mutated(dice: random.Random, whole: bytes) -> bytes:
    """Change a few octets, cut some away or put some in; checksums of PNG are made to fit, so that readers go on."""
    octets = bytearray(whole)
    for _ in range(dice.choice([1, 1, 2, 6])):
        place = dice.randrange(8, len(octets))
        kind = dice.random()
        if kind < 0.6:
            octets[place] = dice.choice([0, 1, 127, 128, 255, dice.randrange(256)])
        elif kind < 0.75:
            del octets[place : place + dice.randrange(1, 9)]
        elif kind < 0.9:
            octets[place:place] = dice.randbytes(dice.randrange(1, 9))
        else:
            del octets[max(place, 40) :]
    return with_checksums(bytes(octets)) if whole.startswith(b"\x89PNG") else bytes(octets)


def with_checksums(png: bytes) -> bytes:
    made, rest = bytearray(png[:8]), png[8:]
    while (end := int.from_bytes(rest[:4]) + 8) + 4 <= len(rest):
        made += rest[:end] + zlib.crc32(rest[4:end]).to_bytes(4)
        rest = rest[end + 4 :]
    return bytes(made + rest)


def chunk(kind: bytes, data: bytes) -> bytes:
    return len(data).to_bytes(4) + kind + data + zlib.crc32(kind + data).to_bytes(4)


@pytest.mark.parametrize(
    "content",
    [
        b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", b"\0\0\x08\0\0\0\x08\0\x08\2\0\0\0") + chunk(b"iCCP", b"name"),
        b"\x89PNG\r\n\x1a\n"
        + chunk(b"IHDR", b"\0\0\0\1\0\0\0\1\x08\3\0\0\0")
        + chunk(b"IDAT", zlib.compress(b"\0\0"))
        + chunk(b"IEND", b""),
        b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", b"\x7f\xff\xff\xff\x7f\xff\xff\xff\x08\2\0\0\0") + chunk(b"IDAT", b""),
        photo("PNG")[:-40],
        photo()[:200],
        b"\xff\xd8\xff",
    ],
    ids=["profile without its end", "palette that is not there", "bomb", "cut PNG", "cut JPEG", "three octets"],
)
def test_each_way_pillow_says_that_a_picture_is_damaged_is_undrawable(content: bytes) -> None:
    with pytest.raises(Undrawable):
        only(content)


def test_tabs_breaks_and_hyphens_are_read_and_removed_text_is_not() -> None:
    body = (
        "<w:p><w:pPr><w:tabs><w:tab/></w:tabs></w:pPr>"
        "<w:r><w:t>a</w:t><w:tab/><w:t>b</w:t><w:br/><w:t>c</w:t><w:noBreakHyphen/><w:t>d</w:t></w:r>"
        "<w:del><w:r><w:delText>never</w:delText><w:tab/></w:r></w:del>"
        "<w:moveFrom><w:r><w:t>never</w:t></w:r></w:moveFrom><w:moveTo><w:r><w:t>e</w:t></w:r></w:moveTo>"
        "<w:r><w:instrText>never</w:instrText></w:r></w:p>"
    )
    assert paragraphs(body) == ["a b c-de"]


def test_a_text_box_is_read_once_and_after_the_paragraph_it_stands_in() -> None:
    shape = (
        f'<w:r><mc:AlternateContent xmlns:mc="{MC}" xmlns:wps="{SHAPES}"><mc:Choice Requires="wps">{BOX}</mc:Choice>'
    )
    both = f"{shape}<mc:Fallback><w:pict>{BOX}</w:pict></mc:Fallback></mc:AlternateContent></w:r>"
    assert paragraphs(f"<w:p>{both}<w:r><w:t>around</w:t></w:r></w:p><w:p/>") == ["around", "in the box", ""]


def test_of_alternatives_the_one_that_word_understands_is_read() -> None:
    alternatives = (
        f'<mc:AlternateContent xmlns:mc="{MC}" xmlns:x="urn:nobody-knows">'
        '<mc:Choice Requires="x"><w:t>never</w:t></mc:Choice>'
        "<mc:Fallback><w:t>seen</w:t></mc:Fallback></mc:AlternateContent>"
    )
    assert paragraphs(f"<w:p><w:r>{alternatives}</w:r></w:p>") == ["seen"]


def test_headers_stand_above_the_text_and_footers_below() -> None:
    def part(text: str) -> bytes:
        return f'<w:hdr xmlns:w="{MAIN}"><w:p/><w:p><w:r><w:t>{text}</w:t></w:r></w:p></w:hdr>'.encode()

    parts = [("word/footer1.xml", part("below")), ("word/header1.xml", part("above"))]
    assert paragraphs("<w:p/><w:p><w:r><w:t>text</w:t></w:r></w:p>", *parts) == ["above", "", "text", "below"]


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16"])
def test_strict_documents_and_both_encodings_are_read(encoding: str) -> None:
    assert paragraphs_of(f'<d xmlns="{STRICT}"><p><r><t>Ķekava</t></r></p></d>'.encode(encoding)) == ["Ķekava"]


def paragraphs_of(text: bytes) -> list[str]:
    made = io.BytesIO()
    with zipfile.ZipFile(made, "w") as archive:
        archive.writestr("word/document.xml", text)
    return list(read_word(made.getvalue()).paragraphs)


@pytest.mark.parametrize("encoding", ["utf-8", "utf-16", "utf-16-le", "utf-16-be"])
def test_a_document_type_is_refused_in_every_encoding(encoding: str) -> None:
    text = f'<!DOCTYPE d [<!ENTITY a "b">]><d xmlns="{MAIN}"><p><r><t>&a;</t></r></p></d>'
    byte_order = {"utf-16-le": b"\xff\xfe", "utf-16-be": b"\xfe\xff"}.get(encoding, b"")
    with pytest.raises(Undrawable, match="document type"):
        paragraphs_of(byte_order + text.encode(encoding))


@pytest.mark.parametrize("encoding", ["idna", "hex", "utf-7", "shift_jis", "no-such", "iso-8859-1"])
def test_no_other_encoding_is_asked_of_pythons_codecs(encoding: str) -> None:
    with pytest.raises(Undrawable, match="UTF-8"):
        paragraphs_of(f'<?xml version="1.0" encoding="{encoding}"?><d xmlns="{MAIN}"/>'.encode())


@pytest.mark.parametrize("count", [200, 2000])
def test_reading_takes_steps_in_proportion_to_the_text(monkeypatch: pytest.MonkeyPatch, count: int) -> None:
    measured = 0

    def counting(of: object) -> int:
        nonlocal measured
        measured += 1
        return len(of)  # type: ignore[arg-type]

    monkeypatch.setattr(word_documents, "len", counting, raising=False)
    assert len(read_word(word(*["a"] * count)).paragraphs) == count
    assert measured < 20 * count


def test_nested_text_boxes_give_each_letter_once() -> None:
    body = "<w:p><w:r><w:t>a</w:t>" * 100 + "</w:r></w:p>" * 100
    assert paragraphs(body) == ["a"] * 100


def encrypted() -> bytes:
    """Set the flag of encryption (APPNOTE §4.4.4) in both headers of the text."""
    document = bytearray(word("secret"))
    for mark, flags in ((b"PK\x03\x04", 6), (b"PK\x01\x02", 8)):
        document[document.rindex(mark) + flags] |= 1
    return bytes(document)


def of_method(method: int) -> bytes:
    """Name a method of compression (APPNOTE §4.4.5) in both headers of the text."""
    document = bytearray(word("text"))
    for mark, place in ((b"PK\x03\x04", 8), (b"PK\x01\x02", 10)):
        at = document.rindex(mark) + place
        document[at : at + 2] = method.to_bytes(2, "little")
    return bytes(document)


def deep() -> bytes:
    return package("<w:p>" * 5000 + "</w:p>" * 5000)


HOSTILE: dict[str, Callable[[], bytes]] = {
    "encrypted": encrypted,
    **{f"method {method}": partial(of_method, method) for method in (6, 9, 12, 14, 93, 95, 99)},
    "bomb": lambda: package("<w:p/>", ("word/media/a.png", bytes(2**26)), method=zipfile.ZIP_DEFLATED),
    "paragraphs": lambda: package("<w:p/>" * 200_001, method=zipfile.ZIP_DEFLATED),
    "letters": lambda: word("a" * 200_001),
    "deep": deep,
    "no XML": lambda: package("<w:p>"),
    "nothing": lambda: package(""),
    "cut": lambda: word("text")[:-30],
    "four octets": lambda: b"PK\x03\x04",
}


@pytest.mark.parametrize("make", HOSTILE.values(), ids=HOSTILE)
def test_no_hostile_package_is_read(make: Callable[[], bytes]) -> None:
    document = make()
    assert is_drawable(document)
    with pytest.raises(Undrawable):
        list(pictures_of(document, most=40).pictures)


def test_a_package_that_is_no_word_document_is_undrawable() -> None:
    made = io.BytesIO()
    with zipfile.ZipFile(made, "w") as archive:
        archive.writestr("xl/workbook.xml", "<workbook/>")
    with pytest.raises(Undrawable, match="Word document"):
        pictures_of(made.getvalue(), most=9)


@pytest.mark.parametrize("text", ["W" * 900, "PAŠVALDĪBAS IZGLĪTĪBAS PĀRVALDE " * 20])
def test_no_line_is_wider_than_the_page(text: str) -> None:
    page = only(word(text))
    assert page.crop((1150, 0, 1240, 1754)).getcolors() == [(90 * 1754, WHITE)]
    assert page.crop((1000, 0, 1140, 1754)).getcolors() != [(140 * 1754, WHITE)]
