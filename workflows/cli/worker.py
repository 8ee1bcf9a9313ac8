"""`viis worker`: the process behind the pages."""

from importlib import import_module

import typer

from workflows import logging
from workflows.cli._common import freeze_loaded_objects, load_settings
from workflows.evidence.judging import open_judge
from workflows.jobs import run_worker
from workflows.keycloak import open_door

__all__ = ["JOBS", "app"]

app = typer.Typer(add_completion=False)

# Every module that defines jobs, or owns what jobs work on; a test looks for jobs that are missing here.
JOBS = (
    "workflows.mail.service",
    "workflows.evidence.refresh",
    "workflows.evidence.retention",
    "workflows.application.scheduled",
    "workflows.application.signing",
    "workflows.signed_forms.upload_jobs",
    "workflows.application.submission",
    "workflows.password_reset.jobs",
    "workflows.proposals.jobs",
    "workflows.reorganisation.jobs",
    "workflows.restoration.jobs",
    "workflows.rights.jobs",
    "workflows.validation.service",
    "workflows.web.cleanup",
)


@app.command(epilog="Example: viis worker    (a supervisor starts it again whenever it ends)")
def worker() -> None:
    """Do the waiting jobs until told to stop.

    What is in hand is finished first. When the database goes away the worker ends with exit status 0 and wants to be
    started again: have systemd or compose restart it always.
    """
    settings = load_settings()
    logging.configure(settings)
    for module in JOBS:
        import_module(module)
    freeze_loaded_objects()
    # Lists may be a day old when a worker starts after a pause: they are fetched at once.
    run_worker(settings, at_start=("trust.refresh",), warm=(open_judge, open_door))
