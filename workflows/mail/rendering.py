"""How does a mail get its words?

A mail called ``application_approved`` is two files in ``workflows/mail/templates``:

``application_approved.txt.jinja``
    extends ``_layout.txt.jinja`` and fills two blocks: ``subject`` (one line) and ``body``;
``application_approved.mjml.jinja``
    extends ``_layout.mjml.jinja`` and fills ``body`` with MJML columns' content; ``text`` and ``button`` macros of
    ``_parts.mjml.jinja`` are all most mails need.

Sentences are English message ids in ``_("…")``, so one file serves both languages. What is filled in is escaped in
HTML.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path

import mrml
from jinja2 import Environment, FileSystemLoader, StrictUndefined, Template, TemplateNotFound

from workflows.i18n import translator
from workflows.unbroken import unbroken

__all__ = ["Rendered", "UnknownTemplate", "render"]

_FOLDERS = [Path(__file__).parent / "templates"]
_NAME = re.compile(r"[a-z][a-z0-9_]*")
_PARSER = mrml.ParserOptions(include_loader=mrml.noop_loader())


class UnknownTemplate(LookupError):
    """No such mail, or it lacks one of its two files or the subject."""


@dataclass(frozen=True, slots=True)
class Rendered:
    """A mail in words: subject in one line, plain text, and HTML that needs nothing from anywhere."""

    subject: str
    text: str
    html: str


def render(name: str, *, language: str, context: Mapping[str, object]) -> Rendered:
    """Write the mail `name` in `language` ("lv", "en"). Raises UnknownTemplate; a missing value is jinja's error."""
    if not _NAME.fullmatch(name):
        raise UnknownTemplate(name)
    words = translator(language)
    given = {**context, "_": words, "words": words, "language": words.language.value}
    try:
        plain = _environment(html=False).get_template(f"{name}.txt.jinja")
        rich = _environment(html=True).get_template(f"{name}.mjml.jinja")
    except TemplateNotFound as missing:
        raise UnknownTemplate(f"{name}: {missing}") from missing
    subject = " ".join(_block(plain, "subject", given).split())
    if not subject:
        raise UnknownTemplate(f"{name} has no subject")
    mjml = rich.render({**given, "subject": subject})
    return Rendered(
        subject=subject,
        text=plain.render({**given, "subject": subject}).strip() + "\n",
        html=unbroken(mrml.to_html(mjml, parser_options=_PARSER).content, mark='style="white-space:nowrap"'),
    )


@cache
def _environment(*, html: bool) -> Environment:
    return Environment(
        loader=FileSystemLoader(_FOLDERS),
        autoescape=html,  # noqa: S701 - plain text has nothing to escape
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        keep_trailing_newline=True,
    )


def _block(template: Template, name: str, context: Mapping[str, object]) -> str:
    block = template.blocks.get(name)
    if block is None:
        return ""
    return "".join(block(template.new_context(dict(context))))
