"""Which real servers does the service lean on, and how does each start here?

Postgres, Keycloak and GreenMail are context managers: entering starts the real server on a free port and returns when
it answers, leaving stops it. `make run`, `make journey` and the tests use the same three.
"""

from demo.parts.folders import cache_dir, state_dir

__all__ = ["cache_dir", "state_dir"]
