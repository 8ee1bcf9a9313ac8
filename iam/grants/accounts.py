"""Open accounts, change how their holders are reached, shut and end them. Each act writes its own audit entry."""

from collections.abc import Collection
from datetime import date, datetime

from sqlalchemy.orm import Session

from iam import audit
from iam.audit import Origin
from iam.errors import AccountShut, Unknown
from iam.grants import reading, repository
from iam.grants.evidence import AnyEvidence, fingerprint
from iam.grants.models import Account, AccountStatus, Welcome
from iam.grants.tags import AccountTag
from iam.grants.usernames import first_free, wished
from iam.ids import AccountId
from iam.locks import one_at_a_time
from iam.people import service as people
from iam.people.models import Person

__all__ = [
    "account_called",
    "account_of",
    "ask_welcome",
    "change_contact",
    "changed",
    "disable",
    "enable",
    "locked",
    "locked_all",
    "open_account",
    "record_act",
    "rename_holder",
    "revived",
    "take_welcome",
]


def account_of(session: Session, person: Person) -> Account | None:
    """Find the person's account."""
    return repository.account_of(session, person.id)


def account_called(session: Session, username: str) -> Account | None:
    """Find the account with this username, however it is written."""
    return repository.account_called(session, username.strip().lower())


def open_account(  # noqa: PLR0913 - an account is a person, an address and why it is opened, all but one by name
    session: Session,
    *,
    person: Person,
    email: str,
    phone: str,
    language: str,
    because: AnyEvidence | None,
    origin: Origin,
    at: datetime,
    reserved: Collection[str] = (),
) -> Account:
    """Return the person's one account, opened now if there is none.

    An account there is stays as it is: e-mail and phone change by `change_contact` only, when somebody decided that.
    The username is given.surname in ASCII, with a number when anybody ever had it, or when it is `reserved` (usernames
    that mean somebody else, by another table than ours). `because` is the decision it is opened by; None without one.
    """
    one_at_a_time(session, "usernames")
    known = repository.account_of(session, person.id)
    if known is not None:
        return known
    wish = wished(person.given_name, person.surname)
    account = Account(
        person_id=person.id,
        username=first_free(wish, repository.usernames_like(session, wish) | set(reserved)),
        email=email.strip(),
        phone=phone.strip(),
        language=language,
        status=AccountStatus.ACTIVE,
        adopted=False,
        opened_at=at,
        revision=1,
        projected_revision=0,
    )
    session.add(account)
    session.flush()
    details = {"person": account.person_id, "username": account.username}
    record_act(session, AccountTag.OPENED, account, because=because, origin=origin, at=at, **details)
    return account


def change_contact(
    session: Session,
    account: Account,
    *,
    email: str,
    phone: str,
    language: str,
    because: AnyEvidence | None,
    origin: Origin,
    at: datetime,
) -> None:
    """Change how the holder is reached; Keycloak follows. The same once more changes nothing."""
    account = locked(session, account.id)
    told = {"email": email.strip(), "phone": phone.strip(), "language": language}
    differs = sorted(name for name, value in told.items() if getattr(account, name) != value)
    if not differs:
        return
    for name in differs:
        setattr(account, name, told[name])
    changed(account)
    session.flush()
    record_act(session, AccountTag.CONTACT_CHANGED, account, because=because, origin=origin, at=at, changed=differs)


def rename_holder(
    session: Session, account: Account, *, given_name: str, surname: str, reason: str, origin: Origin, at: datetime
) -> bool:
    """Record a new name of the holder; Keycloak follows. Returns whether it is another name; the username stays."""
    account = locked(session, account.id)
    renamed = people.rename(
        session, account.person, given_name=given_name, surname=surname, reason=reason, origin=origin, at=at
    )
    if renamed:
        changed(account)
        session.flush()
    return renamed


def disable(
    session: Session,
    account: Account,
    *,
    origin: Origin,
    at: datetime,
    because: AnyEvidence | None = None,
    reason: str = "",
) -> None:
    """Shut an account on purpose. Its rights stay recorded and give nothing until somebody enables it."""
    if _set_status(session, account, AccountStatus.DISABLED):
        record_act(session, AccountTag.DISABLED, account, because=because, origin=origin, at=at, reason=reason)


def enable(
    session: Session,
    account: Account,
    *,
    origin: Origin,
    at: datetime,
    because: AnyEvidence | None = None,
    reason: str = "",
) -> None:
    """Open a shut or ended account again; only a person decides that."""
    if _set_status(session, account, AccountStatus.ACTIVE):
        record_act(session, AccountTag.ENABLED, account, because=because, origin=origin, at=at, reason=reason)


def locked(session: Session, account_id: AccountId) -> Account:
    """Return the account with its row held until the transaction ends: one writer at a time. Raises Unknown."""
    return locked_all(session, (account_id,))[account_id]


def locked_all(session: Session, accounts: Collection[AccountId]) -> dict[AccountId, Account]:
    """Return accounts with their rows held until the transaction ends; held in one order by all. Raises Unknown."""
    found = {account.id: account for account in repository.lock_accounts(session, accounts)}
    missing = set(accounts) - set(found)
    if missing:
        raise Unknown(f"no account has the id {', '.join(map(str, sorted(missing)))}")
    return found


def changed(account: Account) -> None:
    """Note that Keycloak must follow."""
    account.revision += 1


def revived(session: Session, account: Account, *, because: AnyEvidence, origin: Origin, at: datetime) -> None:
    """Let a new right open an ended account again. Raises AccountShut for one that a person disabled."""
    if account.status == AccountStatus.DISABLED:
        raise AccountShut(f"account {account.username} was disabled")
    if account.status == AccountStatus.ENDED:
        account.status = AccountStatus.ACTIVE
        record_act(session, AccountTag.REVIVED, account, because=because, origin=origin, at=at)


def ask_welcome(session: Session, account_id: AccountId) -> None:
    """Have the holder told, on the first day of a right, that the account can be used; nobody is told twice."""
    account = locked(session, account_id)
    account.welcome = account.welcome or Welcome.DUE


def take_welcome(session: Session, account: Account, *, on: date) -> bool:
    """Say whether the holder is to be told now that the account can be used, and count them as told; true once.

    The caller holds the account's row.
    """
    due = account.welcome is Welcome.DUE and account.status is AccountStatus.ACTIVE
    if not due or not reading.current_grants(session, account.id, on=on):
        return False
    account.welcome = Welcome.SENT
    return True


def record_act(
    session: Session,
    tag: AccountTag,
    account: Account,
    *,
    because: AnyEvidence | None,
    origin: Origin,
    at: datetime,
    **details: object,
) -> None:
    """Write the entry of an act on an account, bound to the fingerprint of the evidence it rests on."""
    audit.record(
        session,
        tag,
        origin=origin,
        subject=f"account:{account.id}",
        at=at,
        evidence=None if because is None else fingerprint(because),
        details=details,
    )


def _set_status(session: Session, account: Account, status: AccountStatus) -> bool:
    account = locked(session, account.id)
    if account.status == status:
        return False
    account.status = status
    changed(account)
    session.flush()
    return True
