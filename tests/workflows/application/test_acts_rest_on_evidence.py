"""What an approval does is in the audit act by act, each bound to what the two have signed."""

from sqlalchemy import select

from builders.workflows.office import Office
from iam.audit import AuditEntry
from iam.grants.models import Evidence


def test_every_act_of_an_approval_names_the_evidence_it_rests_on(office: Office) -> None:
    first, second = office.submit(), office.submit()
    for submitted in (first, second):
        office.prove(submitted)
        office.approve(submitted)
    with office.sessions() as session:
        known = {row.application_id: row.fingerprint for row in session.scalars(select(Evidence))}
        entries = session.scalars(select(AuditEntry).order_by(AuditEntry.id)).all()
    said = [(one.tag, one.evidence) for one in entries if one.evidence in known.values() or one.tag.startswith("grant")]
    given = [("grant:given", known[first.id])] * 2
    replaced = [("grant:ended", known[second.id])] * 2 + [("grant:given", known[second.id])] * 2
    assert said == [
        ("account:opened", known[first.id]),
        *given,
        ("application:approved", known[first.id]),
        *replaced,
        ("application:approved", known[second.id]),
    ]
    causes = {one.details["cause"] for one in entries if one.tag == "grant:ended"}
    assert causes == {"replaced"}
