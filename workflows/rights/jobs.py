"""Importing this module declares every job of rights: what a worker process needs to know."""

from workflows.rights.projection import follow_what_is_due, project, project_all

__all__ = ["follow_what_is_due", "project", "project_all"]
