"""A database with rows in every table, for what has to be tried on rows: migrations and their way back."""

from collections.abc import Mapping
from datetime import datetime, timedelta

from sqlalchemy import Engine, text
from sqlalchemy.orm import sessionmaker

from builders.workflows.filed import prove
from builders.workflows.office import Office
from demo.pki import Pki
from iam.grants.models import EndCause
from workflows.application.kinds.grant.documents import Part
from workflows.jobs import Tools
from workflows.password_reset.service import ask
from workflows.settings import Settings

__all__ = ["populate"]

_HEX = f"'{'ab' * 32}'"
_DOCUMENT = "(SELECT min(sha256) FROM documents)"
_ACCOUNT = "(SELECT min(id) FROM accounts)"
_VERIFICATION = "(SELECT min(id) FROM verifications)"

# Rows that only pages and workers write, as simple as the tables allow. A row may need one before it.
_BY_HAND: Mapping[str, str] = {
    "staff": "(username, name, roles, added_at, added_by) VALUES ('inese', 'Inese', '{reviewer}', now(), 'cli')",
    "document_comparisons": "(sha256, form_sha256, digest, compared_at, result, version)"
    f" VALUES ({_DOCUMENT}, {_DOCUMENT}, {_HEX}, now(), '{{}}', '1')",
    "document_pages": f"(sha256, number, \"of\", png) VALUES ({_DOCUMENT}, 1, 1, 'png')",
    "job_errors": "(job_id, job, attempt, at, error, traceback) VALUES (1, 'mail', 1, now(), 'OSError', '')",
    "job_steps": "(job_id, step, at) VALUES (1, 'sent', now())",
    "look_chunks": f"(sha256, number, content) VALUES ({_DOCUMENT}, 0, 'x')",
    "person_former_names": "(person_id, given_name, surname, until)"
    " SELECT id, given_name, 'Agrāka', now() FROM people LIMIT 1",
    "orders": "(reference, legal_basis, effective, state, digest, recorded_by, recorded_at)"
    f" SELECT kind || state, 'Domes lēmums', '2026-09-01', state, {_HEX}, 'staff:inese', now()"
    " FROM (VALUES ('closed', 'drafted'), ('closed', 'repealed'), ('closed', 'undone'), ('renamed', 'applied'),"
    " ('recoded', 'approved')) one (kind, state)",
    "order_steps": "(order_id, state, by, at, reason) SELECT id, state, recorded_by, now(), '' FROM orders",
    "order_changes": "(order_id, position, kind, new_name, new_atvk)"
    " SELECT id, 1, said[1], CASE said[1] WHEN 'renamed' THEN 'Jaunā skola' END,"
    " CASE said[1] WHEN 'recoded' THEN '0999999' END"
    " FROM (SELECT id, regexp_match(reference, '^(closed|renamed|recoded)') said FROM orders) one",
    "order_parties": "(change_id, side, reg_no, institution_id) SELECT order_changes.id, 'source', reg_no,"
    " institutions.id FROM order_changes, institutions ORDER BY institutions.id LIMIT 1",
    "proposals": "(kind, subject, payload, shown, count, seen_digest, rests_on, parties, state, reason, proposed_by,"
    " proposed_at, expires_at, end_reason, confirmed_by, ended_by, ended_at)"
    f" SELECT 'approval', subject, '{{}}', '{{}}', 1, {_HEX}, '[]', '{{}}', state, '', 'inese', now(),"
    " now() + interval '14 days', '', confirmed, confirmed, CASE WHEN confirmed IS NOT NULL THEN now() END"
    " FROM (VALUES ('1', 'proposed', NULL), ('2', 'carried_out', 'zane')) one (subject, state, confirmed)",
    "plan_pauses": "(proposal_id, paused_by, paused_at) SELECT min(id), 'system:viis', now() FROM proposals",
    "plan_caps": "(plan_digest, accounts, raised_by, raised_at, reason)"
    f" VALUES ({_HEX}, 600, 'staff:una', now(), 'ATR')",
    "order_notices": "(order_id, grant_id, successor, told_at)"
    " SELECT min(orders.id), min(grants.id), 'i-4113900009', now() FROM orders, grants",
    "prefilled_drafts": "(application_id, account_id, order_id, place)"
    f" SELECT min(applications.id), {_ACCOUNT}, min(orders.id), 'i-4113900009' FROM applications, orders",
    "application_notes": "(application_id, at, by, text)"
    " SELECT min(id), now(), 'inese.kalna', 'Zvanīju skolai.' FROM applications",
    "mailbox_codes": "(application_id, digest, email, sent_at)"
    f" SELECT min(application_id), {_HEX}, 'a@b.example', now() FROM prefilled_drafts",
    "policy_numbers": "(name, value, unit, since, source, set_by, set_at)"
    " SELECT name, value, unit, date '2026-10-01', 'rīkojums', 'staff:inese', now()"
    " FROM (VALUES ('uploads_per_network', 4096, 'MiB'), ('four_eyes_paper', 0, 'yes or no'),"
    " ('proposal_kept', 7, 'days'), ('plan_cap_share', 6, 'percent'),"
    " ('fresh_sign_in', 15, 'minutes')) one (name, value, unit)",
    "reset_codes": f"(digest, tries, spent, until) VALUES ({_HEX}, 1, true, now())",
    "reset_links": "(account_id, request_id, secret_digest, code_digest, email, password_seen, state, made_at,"
    f" expires_at) VALUES ({_ACCOUNT}, (SELECT min(id) FROM reset_requests), {_HEX}, {_HEX}, 'a@b.example', '1',"
    " 'live', now(), now() + interval '1 hour')",
    "reset_rates": "(bucket, hour, count) VALUES ('all', now(), 1)",
    "restoration_requests": "(version, state, language, asked_at, username, given_name, surname, description,"
    " account_id, secret_digest, email, link_until, reason)"
    f" VALUES (1, 'mailed', 'lv', now(), 'anna.liepa', 'Anna', 'Liepa', 'Pēc reformas', {_ACCOUNT}, {_HEX},"
    " 'a@b.example', now() + interval '1 hour', '')",
    "upload_bytes": "(bucket, hour, bytes) VALUES ('all', now(), 1)",
    "revocation_answers": f"(sha256, content, stored_at) VALUES ({_HEX}, 'crl', now())",
    "verification_revocations": f"(verification_id, number, sha256) VALUES ({_VERIFICATION}, 1, {_HEX})",
    "web_checks": f"(token_digest, sha256, name, received_at) VALUES ({_HEX}, {_DOCUMENT}, 'a.edoc', now())",
    "web_kept_forms": f"(owner_digest, page, sealed, kept_at) VALUES ({_HEX}, '/', 'x', now())",
    "web_logins": '(state_digest, visit_digest, nonce, verifier, "then", created_at)'
    f" VALUES ({_HEX}, {_HEX}, 'nonce', 'verifier', '/', now())",
    "web_rates": "(bucket, \"window\", count) VALUES ('all', now(), 1)",
    "web_sessions": "(token_digest, username, subject, keycloak_session, sealed_refresh, created_at, seen_at, ends_at)"
    f" VALUES ({_HEX}, 'inese', 's', 'k', 'x', now(), now(), now() + interval '1 hour')",
}


def populate(engine: Engine, *, pki: Pki, at: datetime) -> None:
    """Fill every table of a furnished database (register and trusted lists are there), through the service if it can.

    There are a draft, an application that waits, one refused, and one approved whose rights were replaced and ended.
    All decisions were confirmed. There are orders, proposals and numbers of policy of several kinds.
    """
    settings = Settings.model_validate(
        {"database_url": engine.url.render_as_string(hide_password=False), "base_url": "https://viis.test"}
    )
    sessions = sessionmaker(engine, expire_on_commit=False)
    with Tools(settings) as tools:
        office = Office(settings, sessions, tools, pki, at)
        for _ in range(2):
            submitted = office.submit()
            with sessions.begin() as session:
                prove(session, submitted, base_url=settings.base_url, at=at)
            account = office.approve(submitted)
        office.end(office.rights(account)[0].id, last_day=office.today + timedelta(days=9), cause=EndCause.IZM)
        waiting = office.submit()
        with sessions.begin() as session:
            prove(session, waiting, Part.LETTER, base_url=settings.base_url, at=at, foreign=True)
            ask(session, typed="anna@alda.example", network="192.0.2.0/24", language="lv", at=at)
    with engine.begin() as connection:
        for table, row in _BY_HAND.items():
            connection.execute(text(f"INSERT INTO {table} {row}"))
        connection.execute(text("ALTER TABLE application_decisions DISABLE TRIGGER USER"))
        connection.execute(text("UPDATE application_decisions SET confirmed_by = 'zane'"))
        connection.execute(text("ALTER TABLE application_decisions ENABLE TRIGGER USER"))
