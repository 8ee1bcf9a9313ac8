"""What a person sent: a form's fields and files, its token checked."""

from collections.abc import AsyncIterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Annotated

from fastapi import Depends
from starlette.datastructures import UploadFile
from starlette.requests import Request

from iam.letters import seen
from workflows.logging import mask
from workflows.web.http.body import BodyTooLargeError
from workflows.web.http.csrf import Csrf, ForgedFormError, csrf_of
from workflows.web.http.form_parser import URLENCODED, WITH_FILE, read

__all__ = [
    "MOST_FILES",
    "Posted",
    "PostedFile",
    "PostedFiles",
    "PostedForm",
    "UncheckedForm",
    "posted",
    "posted_before",
    "typed_before",
]

MOST_FILES = 10
"""Files of one form that asks for several."""

# What reviewers write when they decide, and applicants when they fill in; `how.letter` is `how` of one document.
_TEXTS = frozenset(
    {
        *("source", "how", "reason", "address_reason", "withdraw_reason", "repeal_reason", "answer", "note"),
        *("given_name", "surname", "position", "email", "phone", "places", "detail"),
    }
)


@dataclass(frozen=True, slots=True)
class Posted:
    """The fields of one form. Files, if any, lie in temporary files on disk, not in memory."""

    values: Mapping[str, tuple[str, ...]]
    files: Mapping[str, Sequence[UploadFile]]

    def get(self, name: str) -> str:
        """Return the field's text without surrounding space, empty when nothing was sent that can be seen."""
        found = self.values.get(name, ())
        return found[0].strip() if found and seen(found[0]) else ""

    def all(self, name: str) -> tuple[str, ...]:
        """Return every value sent under `name` (ticked boxes)."""
        return self.values.get(name, ())

    def file(self, name: str) -> UploadFile | None:
        """Return the one file of the field, None where the form has none."""
        return next(iter(self.files.get(name, ())), None)

    def chosen(self, name: str) -> tuple[UploadFile, ...]:
        """Return the files that were chosen in the field: a browser sends an empty one where none was."""
        return tuple(file for file in self.files.get(name, ()) if file.filename)

    def fields(self) -> dict[str, str]:
        """Return the fields as if each had one value, the token among them."""
        return {name: self.get(name) for name in self.values}

    def flat(self) -> dict[str, str]:
        """Return the fields that have one value each, without the token."""
        return {name: value for name, value in self.fields().items() if name != Csrf.field}


async def posted(request: Request) -> AsyncIterator[Posted]:
    """Read the fields of a form and check its token; raises `ForgedFormError`.

    Named before the member of staff among a page's arguments it is read first: a login that has expired meanwhile then
    finds what was typed in `request.state.posted`.
    """
    async for form in _checked(request, URLENCODED):
        yield form


async def posted_file(request: Request) -> AsyncIterator[Posted]:
    """Read a form that may carry a file, likewise."""
    async for form in _checked(request, WITH_FILE):
        yield form


async def posted_files(request: Request) -> AsyncIterator[Posted]:
    """Read a form that may carry several files, likewise."""
    async for form in _checked(request, WITH_FILE, most_files=MOST_FILES):
        yield form


async def _checked(request: Request, types: frozenset[str], *, most_files: int = 1) -> AsyncIterator[Posted]:
    csrf = csrf_of(request)
    try:
        csrf.check_sender(request)
    except ForgedFormError:
        async for _ in request.stream():
            pass  # read and dropped, not parsed: a browser that is still sending would not see the answer
        raise
    try:
        async with read(request, types=types, most_files=most_files) as (values, files):
            form = Posted(values, files)
            try:
                csrf.check(request, form.get(Csrf.field))
            except ForgedFormError as forged:
                forged.values = form.fields()
                raise
            request.state.posted = form
            yield form
    except BodyTooLargeError as error:
        if error.values is not None:
            _check_what_came(request, csrf, error)
        raise


def _check_what_came(request: Request, csrf: Csrf, error: BodyTooLargeError) -> None:
    """Keep the fields that came before a file that is too large, where the form is one of ours."""
    form = Posted(error.values or {}, {})
    try:
        csrf.check(request, form.get(Csrf.field))
    except ForgedFormError:
        error.values = None
    else:
        request.state.posted = form


def posted_before(request: Request) -> Posted | None:
    """Return the form that came with the request, if one has been read and its token checked."""
    return getattr(request.state, "posted", None)


def typed_before(request: Request) -> list[str]:
    """Return the texts of their own that came with the request, for a person to copy from a page that did nothing.

    Only fields that are known to hold neither a password nor a code; a code written into a text is masked.
    """
    form = posted_before(request)
    if form is None:
        return []
    return [mask(text) for name in form.values if name.partition(".")[0] in _TEXTS and (text := form.get(name))]


async def unchecked(request: Request) -> AsyncIterator[Posted]:
    """Read a form that proves itself otherwise: what Keycloak sends us carries its signature."""
    async with read(request, types=URLENCODED) as (values, files):
        yield Posted(values, files)


PostedForm = Annotated[Posted, Depends(posted)]
PostedFile = Annotated[Posted, Depends(posted_file)]
PostedFiles = Annotated[Posted, Depends(posted_files)]
UncheckedForm = Annotated[Posted, Depends(unchecked)]
