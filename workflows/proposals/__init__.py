"""How is something decided by two people, on exactly what both have seen?

A kind of proposal is a subclass of `kinds.ProposalKind` in the process that it belongs to, and registered with
`kinds.register`.
`service` makes, confirms, refuses, withdraws and ends proposals; nothing here knows what is proposed.
"""
