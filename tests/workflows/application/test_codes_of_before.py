"""Reasons that were kept under the codes of before are read, shown, filtered and sorted as those of today."""

from collections.abc import Sequence

from sqlalchemy import text

from builders.workflows.office import INESE, Office, Submitted
from iam.visibility import EVERYTHING
from workflows.application import service
from workflows.application.kinds.grant.documents import Part
from workflows.application.queue import Filters, Signed
from workflows.application.review_views import CaseView
from workflows.principal import Principal
from workflows.staff import Role


def seen(office: Office, submitted: Submitted) -> tuple[CaseView, Sequence[Signed]]:
    """Return the case, and under which filters of the queue it stands."""
    by = Principal(username=INESE.username, name=INESE.name, roles=frozenset({Role.REVIEWER}), sees=EVERYTHING)
    with office.sessions() as session:
        case = service.case_view(session, submitted.reference, sees=EVERYTHING, own=False, at=office.now)
        found = [how for how in Signed if service.queue(session, Filters(signed=how), by=by, at=office.now).rows]
        return case, found


def as_kept_before(office: Office) -> None:
    """Write the codes of before over what is kept."""
    with office.sessions.begin() as session:
        for table, column in (("required_documents", "notes"), ("signed_form_uploads", "findings")):
            before = f"regexp_replace({column}::text, '\"(form|grant)[.]', '\"application.', 'g')::jsonb"
            session.execute(text(f"UPDATE {table} SET {column} = {before}"))  # noqa: S608 - our own two tables


def test_a_case_whose_notes_were_kept_before_stands_where_it_stood(office: Office) -> None:
    submitted = office.submit()
    office.prove(submitted)
    now, found = seen(office, submitted)
    assert any(note.code == "form.signatory-unconfirmed" for part in now.parts for note in part.notes)
    as_kept_before(office)
    before, found_before = seen(office, submitted)
    assert [part.notes for part in before.parts] == [part.notes for part in now.parts]
    assert found_before == found == [Signed.SIGNATORY]


def test_an_objection_kept_before_is_said_in_the_words_of_its_kind(office: Office) -> None:
    submitted = office.submit()
    office.hand_in(submitted, office.sign(submitted, "stranger", Part.LETTER))
    as_kept_before(office)
    case, _ = seen(office, submitted)
    codes = {reason.code for upload in case.uploads for finding in upload.findings for reason in finding.reasons}
    assert "grant.signer-not-user" in codes
    assert not any(code.startswith("application.") for code in codes)
