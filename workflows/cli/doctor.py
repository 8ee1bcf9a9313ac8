"""`viis doctor`: what is wrong, and what to do about it."""

from datetime import timedelta

import typer
from sqlalchemy.exc import SQLAlchemyError

from workflows import clock, database, health
from workflows.cli._common import load_settings
from workflows.health import Answer
from workflows.settings import Settings, unknown_variables

__all__ = ["app"]

app = typer.Typer(add_completion=False)

_SHORTEST_KEY = 32


@app.command(epilog="Example: viis doctor || mail -s 'VIIS is unwell' operators@izm.example")
def doctor() -> None:
    """Look at settings, database, queue, workers, mail, lists, space, orders, Keycloak; exit 1 if one is unwell."""
    settings = load_settings()
    answers = [*_settings(settings), *_database(settings), health.keycloak(settings), health.mail_server(settings)]
    for answer in answers:
        typer.echo(f"{'well  ' if answer.well else 'UNWELL'} {answer.about}: {answer.detail}")
        if answer.advice:
            typer.echo(f"       {answer.advice}")
    raise typer.Exit(0 if health.all_well(answers) else 1)


def _settings(settings: Settings) -> list[Answer]:
    strangers = unknown_variables()
    key = len(settings.secret_key.get_secret_value()) >= _SHORTEST_KEY
    pinned = settings.lotl_signers is not None
    return [
        Answer(
            "settings", not strangers, ", ".join(strangers) or "all known", "Slips of the pen?" if strangers else ""
        ),
        Answer("secret key", key, "long enough" if key else "too short", "" if key else "Set VIIS_SECRET_KEY."),
        Answer(
            "pinned list signers",
            pinned,
            str(settings.lotl_signers) if pinned else "none",
            "" if pinned else "Set VIIS_LOTL_SIGNERS: without it nobody's signature counts as qualified.",
        ),
    ]


def _database(settings: Settings) -> list[Answer]:
    engine = database.engine(settings.database_url, pool_size=1, application="viis-doctor")
    try:
        with database.transaction(database.session_factory(engine)) as session:
            silence = timedelta(seconds=settings.worker_stalled_seconds)
            answers = health.ready(session, at=clock.now(), silence=silence)
            # Without the schema there is nothing to ask.
            return [*answers, health.orders(session, at=clock.now())] if answers[0].well else list(answers)
    except SQLAlchemyError as away:
        return [Answer("database", well=False, detail=str(away).splitlines()[0], advice="Check VIIS_DATABASE_URL.")]
    finally:
        engine.dispose()
