"""How does `signing` speak for this service? By the clock of Riga; for help it sends to the VIIS consultant."""

from typing import Final
from zoneinfo import ZoneInfo

from signing.sentences.wording import Wording

__all__ = ["VIIS"]

VIIS: Final = Wording(
    zone=ZoneInfo("Europe/Riga"),  # iam.periods.RIGA, which `viis verify` would load the database's tables for
    adviser_en="the VIIS consultant of your municipality",
    adviser_lv="savas pašvaldības VIIS konsultantam",
    policy_url="urn:viis:policy:{name}",
)
