"""Mails and recorded pages as pictures, as wide as a desk and as a small telephone, and one page that shows all."""

import shutil
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from html import escape
from http import HTTPStatus
from pathlib import Path
from urllib.parse import urlsplit

from playwright.sync_api import Browser, Route, sync_playwright

from builders.workflows.mails import examples
from workflows import web
from workflows.i18n import Language
from workflows.mail.rendering import render

__all__ = ["Shown", "mails", "picture", "write_index"]

_WIDTHS = (1280, 320)
_STATIC = Path(web.__file__).parent / "static"
_HOST = "http://gallery.test"
_PROGRAMS = ("chromium", "chromium-browser", "google-chrome")
_STYLE = """body{font:16px sans-serif;margin:2rem}img{border:1px solid #999;max-width:100%;vertical-align:top}
section{border-top:3px solid #7a1f2b;margin-top:2rem}.row{display:grid;grid-template-columns:1fr 1fr;gap:1rem}
pre{white-space:pre-wrap;background:#f3f1ee;padding:1rem}figure{margin:0 0 1rem}
@media print{section{break-inside:avoid}}"""


@dataclass(frozen=True, slots=True)
class Shown:
    """A mail or page in both languages: what it is, where it is from, its HTML by language (and a mail's text)."""

    name: str
    title: str
    source: str
    html: Mapping[str, str]
    text: Mapping[str, str]


def mails() -> Iterator[Shown]:
    """Write every mail in every variant, in both languages."""
    in_both = {language.value: examples(language.value) for language in Language}
    for name in sorted(in_both[Language.LV]):
        for number in range(len(in_both[Language.LV][name])):
            written = {
                language: render(name, language=language, context=all_of[name][number])
                for language, all_of in in_both.items()
            }
            yield Shown(
                name=f"mail-{name}-{number + 1}",
                title=f"{name} ({number + 1})",
                source=" · ".join(one.subject for one in written.values()),
                html={language: one.html for language, one in written.items()},
                text={language: f"{one.subject}\n\n{one.text}" for language, one in written.items()},
            )


def picture(shown: Sequence[Shown], folder: Path) -> None:
    """Write a picture `name-language-width.png` of each into the folder."""
    program = next(filter(None, map(shutil.which, _PROGRAMS)), None)
    if program is None:
        raise SystemExit("Chromium is needed: install it (apt-get install chromium).")
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=program, args=["--no-sandbox", "--disable-gpu"])
        for width in _WIDTHS:
            _picture_all(browser, shown, folder, width)
        browser.close()


def _picture_all(browser: Browser, shown: Sequence[Shown], folder: Path, width: int) -> None:
    context = browser.new_context(viewport={"width": width, "height": 800}, java_script_enabled=False)
    page = context.new_page()
    html = {f"/{one.name}-{language}": said for one in shown for language, said in one.html.items()}

    def answer(route: Route) -> None:
        path = urlsplit(route.request.url).path
        if path in html:
            route.fulfill(body=html[path], content_type="text/html; charset=utf-8")
        elif (static := _STATIC / Path(path).name).is_file():
            route.fulfill(path=static)
        else:
            route.fulfill(status=HTTPStatus.NOT_FOUND)

    page.route("**/*", answer)
    for address in html:
        page.goto(_HOST + address)
        page.screenshot(path=folder / f"{address[1:]}-{width}.png", full_page=True)
    context.close()


def write_index(parts: Mapping[str, Sequence[Shown]], folder: Path) -> Path:
    """Write the page that shows everything, Latvian beside English, and return where it is."""
    body = "".join(
        f"<h1>{escape(part)}</h1>" + "".join(_section(one) for one in shown) for part, shown in parts.items()
    )
    contents = "".join(
        f'<li><a href="#{one.name}">{escape(one.title)}</a></li>' for shown in parts.values() for one in shown
    )
    index = folder / "index.html"
    index.write_text(
        f'<!doctype html><html lang="lv"><meta charset="utf-8"><title>VIIS</title><style>{_STYLE}</style>'
        f"<ol>{contents}</ol>{body}</html>",
        "utf-8",
    )
    return index


def _section(one: Shown) -> str:
    texts = "".join(f"<pre>{escape(text)}</pre>" for text in one.text.values())
    rows = "".join(
        '<div class="row">'
        + "".join(
            f'<figure><a href="{one.name}-{language}-{width}.png">'
            f'<img loading="lazy" alt="{language}, {width}" src="{one.name}-{language}-{width}.png"></a></figure>'
            for language in one.html
        )
        + "</div>"
        for width in _WIDTHS
    )
    words = f'<div class="row">{texts}</div>' if texts else ""
    return f'<section id="{one.name}"><h2>{escape(one.title)}</h2><p>{escape(one.source)}</p>{words}{rows}</section>'
