"""The people of these stories: somebody fills in, head and user sign and upload, a worker works, a reviewer decides.

Every act is a transaction of its own, as it is behind the doors. Signatures are real, made with the demo PKI.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta

from sqlalchemy import select, text
from sqlalchemy.orm import Session, sessionmaker

from builders.workflows.filed import FILES, SCHOOL, Submitted, prove, submit, submit_to_end
from demo.pki import Pki, person
from demo.signer import sign_edoc
from iam.audit import Door, Origin
from iam.grants import service as grants
from iam.grants.models import Account, EndCause, Level
from iam.grants.rules import HeldGrant
from iam.ids import GrantId
from iam.institutions.models import Capacity, SourceKind
from iam.periods import riga_day
from iam.visibility import EVERYTHING
from workflows.application import service
from workflows.application.decisions import NewSignatory, Reviewer
from workflows.application.fields import Answers
from workflows.application.jobs import judge_upload
from workflows.application.kinds.grant.documents import Part
from workflows.application.models import Application
from workflows.application.review_views import CaseView
from workflows.application.states import Party
from workflows.application.views import TrackingView, UploadView
from workflows.jobs import Drained, Tools, drain
from workflows.mail import Mail
from workflows.rights import ending
from workflows.rights.ending import RightEnding
from workflows.settings import Settings
from workflows.signed_forms.models import SigningRequest, Upload

INESE = Reviewer("inese.kalna", "Inese Kalna")
VALDIS = Reviewer("valdis.upe", "Valdis Upe")
REGISTER = NewSignatory(Capacity.HEAD, None, None, "Izglītības iestāžu reģistrs", SourceKind.REGISTER)

__all__ = ["FILES", "INESE", "REGISTER", "SCHOOL", "VALDIS", "Office", "Submitted", "judge_upload"]


@dataclass
class Office:
    """The service as people meet it, without its pages."""

    settings: Settings
    sessions: sessionmaker[Session]
    tools: Tools
    pki: Pki
    now: datetime = field(default_factory=lambda: datetime.now(UTC))

    @property
    def today(self) -> date:
        """The day in Riga, where rights and entitlements count their days; late in the evening UTC names another."""
        return riga_day(self.now)

    def later(self) -> None:
        """Let time pass: what follows is after all that was, and not ahead of the worker's clock."""
        self.now = max(datetime.now(UTC), self.now + timedelta(microseconds=1))

    def submit(
        self,
        head: str = "head",
        user: str = "user",
        *,
        starts: timedelta = timedelta(days=1),
        scope: Mapping[str, str] | None = None,
        place: str = SCHOOL,
    ) -> Submitted:
        """Fill in a draft and submit it; `starts` is how far off the first day is, `scope` changes what is asked."""
        with self.sessions.begin() as session:
            return submit(
                session,
                person(head),
                person(user),
                base_url=self.settings.base_url,
                at=self.now,
                since=self.today + starts,
                scope=scope,
                place=place,
            )

    def submit_to_end(
        self,
        head: str = "head",
        user: str = "user",
        *,
        ends: timedelta = timedelta(),
        place: str = SCHOOL,
        changed: Mapping[str, Answers] | None = None,
    ) -> Submitted:
        """Apply for the end of a user's rights; `ends` is how far off the last day is."""
        with self.sessions.begin() as session:
            return submit_to_end(
                session,
                person(head),
                person(user),
                base_url=self.settings.base_url,
                at=self.now,
                last_day=self.today + ends,
                place=place,
                changed=changed,
            )

    def sign(self, submitted: Submitted, by: str, *parts: str) -> bytes:
        """Sign forms of the application (all when none is named) into an eDoc."""
        return sign_edoc(submitted.files(*parts), person=person(by), pki=self.pki, at=self.now)

    def upload(
        self, submitted: Submitted, content: bytes, *, name: str = "parakstits.edoc", party: str = Party.APPLICANT
    ) -> bool:
        """Hand a file in; False when these very bytes were there before."""
        with self.sessions.begin() as session:
            application = session.get_one(Application, submitted.id)
            received = service.upload(session, application, content, name=name, party=party, door=Door.WEB, at=self.now)
            return not received.again

    def work(self) -> Drained:
        """Have a worker do all that is due."""
        return drain(self.settings, tools=self.tools)

    def at_once(self) -> None:
        """Let what waits for its next attempt be due now: nobody sits through the pause."""
        with self.sessions.begin() as session:
            session.execute(text("UPDATE procrastinate_jobs SET scheduled_at = now() WHERE status = 'todo'"))

    def hand_in(self, submitted: Submitted, content: bytes, **how: object) -> UploadView:
        """Upload, let the worker judge, and read what the page says of the file."""
        self.upload(submitted, content, **how)  # type: ignore[arg-type]  # passed on
        self.work()
        return self.track(submitted).uploads[-1]

    def hand_in_both(self, submitted: Submitted, head: str = "head", user: str = "user") -> None:
        """Let both people do what is asked of them."""
        if head == user:
            self.upload(submitted, self.sign(submitted, head))
        else:
            self.upload(submitted, self.sign(submitted, head, Part.APPLICATION), party=Party.HEAD)
            self.upload(submitted, self.sign(submitted, user, Part.LETTER), party=Party.USER)
        self.work()

    def prove(self, submitted: Submitted, *parts: str, foreign: bool = False) -> None:
        """Let the parts (all when none is named) be proven without cryptography, for stories about what follows.

        `foreign` leaves them for a person: the certificates name nobody by a code.
        """
        for part in parts or tuple(submitted.forms):
            with self.sessions.begin() as session:
                prove(session, submitted, part, base_url=self.settings.base_url, at=self.now, foreign=foreign)
        self.work()

    def track(self, submitted: Submitted, party: str = Party.APPLICANT) -> TrackingView:
        """Read the tracking page."""
        with self.sessions() as session:
            return service.tracking_view(session, session.get_one(Application, submitted.id), party, at=self.now)

    def case(self, submitted: Submitted, by: Reviewer = INESE) -> CaseView:
        """Read the reviewer's page."""
        with self.sessions() as session:
            application = session.get_one(Application, submitted.id)
            own = service.is_party(session, application, by)
            return service.case_view(session, submitted.reference, sees=EVERYTHING, own=own, at=self.now)

    def approve(
        self,
        submitted: Submitted,
        *,
        by: Reviewer = INESE,
        signatory: NewSignatory | None = REGISTER,
        keep_address: str = "",
        other_name: str = "",
        approver: Reviewer | None = None,
    ) -> Account:
        """Approve what the reviewer has just read, alone or with a second person."""
        seen = self.case(submitted, by).version
        with self.sessions.begin() as session:
            account = service.approve(
                session,
                submitted.id,
                seen=seen,
                by=by,
                signatory=signatory,
                keep_address=keep_address,
                other_name=other_name,
                approver=approver,
                base_url=self.settings.base_url,
                at=self.now,
            )
        if account is None:
            raise ValueError("this kind of application concerns no account")
        return account

    def holder(self) -> Account:
        """Have a user of the school hold two rights from today on."""
        grant = self.submit(starts=timedelta())
        self.prove(grant)
        account = self.approve(grant)
        self.later()
        return account

    def rights(self, account: Account) -> list[HeldGrant]:
        """List every right the account ever held."""
        with self.sessions() as session:
            return grants.history(session, account.id)

    def held(self, account: Account, on: date) -> list[tuple[str, str, Level]]:
        """Say where which section is held on the day, and how far."""
        with self.sessions() as session:
            return [(one.scope, one.section, one.level) for one in grants.current_grants(session, account.id, on=on)]

    def end(
        self, right: GrantId, *, last_day: date | None = None, cause: EndCause = EndCause.IZM, reason: str = "pārbaude"
    ) -> None:
        """End a right, at once unless a last day is said."""
        with self.sessions.begin() as session:
            ending.end(
                session,
                [RightEnding(right, last_day)],
                cause=cause,
                reason=reason,
                origin=Origin(INESE.actor, Door.REVIEW),
                base_url=self.settings.base_url,
                at=self.now,
            )

    def mails(self, to: str) -> list[str]:
        """Name the mails queued to an address, oldest first."""
        with self.sessions() as session:
            return list(session.scalars(select(Mail.template).where(Mail.to_address == to).order_by(Mail.id)))

    def uploads(self, submitted: Submitted) -> list[Upload]:
        """Read the uploads' rows."""
        with self.sessions() as session:
            return list(
                session.scalars(
                    select(Upload)
                    .join(Upload.request)
                    .where(SigningRequest.reference == submitted.reference)
                    .order_by(Upload.id)
                )
            )


def codes(upload: UploadView) -> list[str]:
    """List the codes of everything found about an upload."""
    return [reason.code for finding in upload.findings for reason in finding.reasons]
