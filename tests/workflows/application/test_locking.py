"""When two act on one application at the same moment."""

from sqlalchemy import update

from builders.workflows.office import Office
from workflows.application.models import Application
from workflows.application.repository import locked


def test_what_changed_between_reading_and_holding_is_seen_not_refused(office: Office) -> None:
    submitted = office.submit()
    with office.sessions.begin() as session:
        seen = session.get_one(Application, submitted.id)
        version = seen.version
        with office.sessions.begin() as other:
            raised = {"version": Application.version + 1, "claimed_by": "inese.kalna", "claimed_at": office.now}
            other.execute(update(Application).where(Application.id == submitted.id).values(raised))
        held = locked(session, submitted.id)
        assert held is seen
        assert held.version == version + 1
        assert held.claimed_by == "inese.kalna"
