"""Rows written today survive the way back to the tables before signing requests, and the way there again."""

from collections.abc import Sequence

from sqlalchemy import Row, text

from builders.workflows.office import Office
from workflows.application.states import Part
from workflows.migrating import downgrade, migrate

_WHAT_IS_SIGNED = """
    SELECT a.reference, r.language, r.closed_at, r.anything_from, r.kept, d.part, d.signer, d.ways, d.standing,
        d.proven_how, d.proven_by, d.verification_id, d.signer_name, d.signed_at, d.notes, m.sha256, m.size, m.edition,
        m.made_at
    FROM applications a JOIN signing_requests r ON r.id = a.request_id
    JOIN required_documents d ON d.request_id = r.id JOIN made_forms m ON m.document_id = d.id ORDER BY d.id"""
_WHAT_CAME = """
    SELECT a.reference, u.sha256, u.party, u.state, u.findings, u.attempts FROM applications a
    JOIN signed_form_uploads u ON u.request_id = a.request_id ORDER BY u.id"""
_LINKS = """
    SELECT a.reference, l.party, l.email, l.token_digest FROM applications a
    JOIN signed_form_links l ON l.request_id = a.request_id ORDER BY l.id"""
_EVENTS = "SELECT application_id, at, tag, actor, details FROM application_events ORDER BY application_id, id"
_BEFORE = """
    SELECT f.part, f.standing, f.sha256, u.sha256 FROM applications a
    JOIN application_forms f ON f.application_id = a.id LEFT JOIN application_uploads u ON u.id = f.proven_by
    ORDER BY f.id"""


def test_what_is_signed_comes_back_as_it_was(office: Office) -> None:
    def rows(query: str) -> Sequence[Row[tuple[object, ...]]]:
        with office.sessions() as session:
            return session.execute(text(query)).all()

    decided, begun = office.submit(), office.submit("head-user", "head-user")
    office.prove(decided)
    office.approve(decided)
    office.upload(begun, office.sign(begun, "head-user", Part.APPLICATION))
    before = [rows(query) for query in (_WHAT_IS_SIGNED, _WHAT_CAME, _LINKS, _EVENTS)]
    assert all(before)
    downgrade(office.settings, "0013")
    old = rows(_BEFORE)
    assert [(row[0], row[1]) for row in old[:2]] == [("application", "proven"), ("letter", "proven")]
    assert rows("SELECT task_name, lock FROM procrastinate_jobs WHERE status = 'todo' AND task_name LIKE '%judge'") == [
        ("application.judge", f"application:{begun.id}")
    ]
    migrate(office.settings)
    assert [rows(query) for query in (_WHAT_IS_SIGNED, _WHAT_CAME, _LINKS, _EVENTS)] == before
    office.work()
    assert office.track(begun).uploads[0].judged_at is not None
