"""How is a code drawn so that people read it and programs seldom do?

A renderer of our own on the `captcha` package. Its stock picture is too pale: it takes the glyph's colour as its mask,
so that dark letters are half transparent. Here the mask is the glyph's shape alone, in one dark ink, and what disturbs
programs disturbs shapes, not contrast: letters lean, bend and touch, a wave runs through all of them, and strokes cut
through them in paper and in ink. Contrast on the glyphs is at least 4.5:1 (WCAG 1.4.3), a test measures it.
"""

import math
from collections.abc import Iterable
from functools import cache
from io import BytesIO
from pathlib import Path
from random import Random

from captcha.image import DEFAULT_FONTS, ImageCaptcha
from PIL import Image, ImageDraw
from PIL.ImageFont import FreeTypeFont

from workflows.password_reset.codes import OpenedCode

__all__ = ["HEIGHT", "INK", "PAPER", "WIDTH", "draw"]

WIDTH, HEIGHT = 300, 100
PAPER = (250, 248, 245)
INK = (38, 32, 44)

_FONTS = (
    *DEFAULT_FONTS,
    str(Path(__file__).parents[1] / "signed_forms" / "typesetting" / "fonts" / "SourceSans3-Semibold.otf"),
)
_SIZES = (58, 64, 69)
_MARGIN = 12
_SHADES = 16

_TO_SHADE = [value * _SHADES // 256 for value in range(256)]
_PALETTE = [
    round(paper + (ink - paper) * shade / (_SHADES - 1))
    for shade in range(_SHADES)
    for paper, ink in zip(PAPER, INK, strict=True)
]


class _Renderer(ImageCaptcha):
    """The package's canvas and fonts; its letters and noise are ours."""

    def __init__(self) -> None:
        super().__init__(width=WIDTH, height=HEIGHT, fonts=list(_FONTS), font_sizes=_SIZES)

    def picture(self, text: str, chance: Random) -> Image.Image:
        """Draw `text`; the same chance draws the same picture."""
        mask = Image.new("L", (WIDTH, HEIGHT), 0)
        glyphs = [self._glyph(letter, chance) for letter in text]
        step = (WIDTH - 2 * _MARGIN) / len(glyphs)
        for number, glyph in enumerate(glyphs):
            middle = _MARGIN + step * (number + 0.5) + chance.uniform(-4, 4)
            top = (HEIGHT - glyph.height) / 2 + chance.uniform(-8, 8)
            mask.paste(255, (int(middle - glyph.width / 2), int(top)), glyph)
        mask = _waved(mask, chance)
        _cut(mask, chance)
        # Sixteen shades from paper to ink: smooth enough, and a quarter of the bytes.
        shaded = mask.point(_TO_SHADE)
        shaded.putpalette(_PALETTE)
        return shaded

    def _glyph(self, letter: str, chance: Random) -> Image.Image:
        image = _upright(chance.choice(self.truefonts), letter)
        lean = chance.uniform(-0.12, 0.12)
        wider = int(image.height * abs(lean)) + 1
        image = image.transform(
            (image.width + wider, image.height),
            Image.Transform.AFFINE,
            (1, lean, -wider if lean > 0 else 0, 0, 1, 0),
            Image.Resampling.BILINEAR,
        )
        return image.rotate(chance.uniform(-18, 18), Image.Resampling.BILINEAR, expand=True)


@cache
def _upright(font: FreeTypeFont, letter: str) -> Image.Image:
    left, top, right, bottom = font.getbbox(letter)
    image = Image.new("L", (int(right - left) + 4, int(bottom - top) + 4), 0)
    ImageDraw.Draw(image).text((2 - left, 2 - top), letter, font=font, fill=255)
    return image


def _waved(mask: Image.Image, chance: Random) -> Image.Image:
    """Send a wave through the whole picture, in strips, as a mesh Pillow bends in one call."""
    high, long, shift = chance.uniform(5, 9), chance.uniform(110, 170), chance.uniform(0, 6.3)
    wide, broad, turn = chance.uniform(2, 3.5), chance.uniform(50, 80), chance.uniform(0, 6.3)

    def moved(x: float, y: float) -> tuple[float, float]:
        return (
            x + wide * math.sin(2 * math.pi * y / broad + turn),
            y + high * math.sin(2 * math.pi * x / long + shift),
        )

    cell = 25
    mesh = []
    for x in range(0, WIDTH, cell):
        for y in range(0, HEIGHT, cell):
            corners = (moved(x, y), moved(x, y + cell), moved(x + cell, y + cell), moved(x + cell, y))
            mesh.append(((x, y, x + cell, y + cell), tuple(at for corner in corners for at in corner)))
    return mask.transform((WIDTH, HEIGHT), Image.Transform.MESH, mesh, Image.Resampling.BILINEAR)


def _cut(mask: Image.Image, chance: Random) -> None:
    """Draw strokes across the letters: in ink, joining them, and in paper, taking them apart."""
    draw = ImageDraw.Draw(mask)
    for fill, width in ((0, 2), (255, 4), (0, 3)):
        draw.line(list(_stroke(chance)), fill=fill, width=width, joint="curve")
    for _ in range(24):
        x, y, size = chance.uniform(0, WIDTH), chance.uniform(0, HEIGHT), chance.uniform(1, 2.2)
        draw.ellipse((x - size, y - size, x + size, y + size), fill=chance.choice((0, 255)))


def _stroke(chance: Random) -> Iterable[tuple[float, float]]:
    begin, end = chance.uniform(22, HEIGHT - 22), chance.uniform(22, HEIGHT - 22)
    high, long, shift = chance.uniform(6, 14), chance.uniform(60, 140), chance.uniform(0, 6.3)
    for x in range(4, WIDTH - 3, 6):
        share = x / WIDTH
        yield x, begin + (end - begin) * share + high * math.sin(2 * math.pi * x / long + shift)


_RENDERER = _Renderer()


def draw(code: OpenedCode) -> bytes:
    """Draw a code as PNG, the same picture at every look: several pictures of one code would be easier to read."""
    picture = _RENDERER.picture(code.text, Random(code.seed))  # noqa: S311 - seeded by a keyed digest; a picture, no secret
    out = BytesIO()
    picture.save(out, "PNG", compress_level=3, bits=4)
    return out.getvalue()
