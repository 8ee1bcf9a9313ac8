"""Periodic jobs of applications."""

from __future__ import annotations

from datetime import timedelta

from workflows import policy
from workflows.application import endings, repository
from workflows.jobs import Retry, Run, job
from workflows.signed_forms import retention
from workflows.signed_forms.repository import end_links

__all__ = ["drop_junk", "end_old_links", "expire_what_waited"]


@job("application.expire", queue="default", every="17 * * * *", retry=Retry(times=3, first=timedelta(minutes=1)))
def expire_what_waited(run: Run) -> None:
    """End drafts, unsigned applications and unanswered requests whose time is over, one transaction each."""
    with run.transaction() as session:
        over = repository.expired(session, run.at)
    for application_id in over:
        with run.transaction() as session:
            endings.expire(session, application_id, base_url=run.settings.base_url, at=run.at)


@job("application.end_links", queue="default", every="41 2 * * *", retry=Retry(times=3, first=timedelta(minutes=1)))
def end_old_links(run: Run) -> None:
    """End the links of applications that ended long ago: what nobody needs any more cannot be stolen."""
    with run.transaction() as session:
        end_links(session, of_closed_before=run.at - policy.on(session, run.at).ended_application_shown, at=run.at)


@job("application.drop_junk", queue="default", every="29 * * * *", retry=Retry(times=3, first=timedelta(minutes=1)))
def drop_junk(run: Run) -> None:
    """Drop the bytes of files that proved nothing, one transaction each."""
    with run.transaction() as session:
        due = retention.expired(session, at=run.at)
    for sha256 in due:
        with run.transaction() as session:
            retention.drop(session, sha256, at=run.at)
