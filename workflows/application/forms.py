"""The forms of a grant under the name they had before there were kinds: programs outside the repository import it."""

from workflows.application.kinds.grant.forms import Form, FormKind, NotTypeset, RevocationStated, make

__all__ = ["Form", "FormKind", "NotTypeset", "RevocationStated", "make"]
