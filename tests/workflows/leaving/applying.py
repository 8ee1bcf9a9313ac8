"""Applying by the invented kind."""

from builders.workflows.office import SCHOOL, Office
from demo.pki import person
from iam.audit import Door
from iam.ids import ApplicationId
from workflows.application import service
from workflows.evidence import service as evidence

__all__ = ["submit"]


def submit(office: Office) -> tuple[ApplicationId, str, bytes]:
    """Submit what gives up the user's rights; return it, its reference and the form to sign."""
    who = person("user")
    answers = {
        "who": {
            "place": SCHOOL,
            "given_name": who.given_name,
            "surname": who.surname,
            "personal_code": who.code,
            "position": "lietvedis",
            "email": who.email,
        },
        "when": {"last_day": office.today.isoformat()},
    }
    with office.sessions.begin() as session:
        draft = service.start_draft(session, kind="leave", language="lv", door=Door.WEB, at=office.now)
        for name, group in answers.items():
            assert service.save_group(session, draft.application, name, group, at=office.now)
        sent = service.submit(session, draft.application, base_url="https://viis.test", door=Door.WEB, at=office.now)
        (document,) = sent.application.documents
        return sent.application.id, sent.application.reference, evidence.read(session, document.sha256)
