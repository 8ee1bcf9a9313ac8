"""What was handed in, byte for byte, and what did judging say of it?

`service` receives, reads and records; `judging` has documents judged in a cage; `trust` keeps the trusted lists. This
file imports nothing: the caged process passes through it on its way to `workflows.evidence.guard`.
"""
