"""What was handed in, byte for byte, and what did judging say of it?

`service` receives, reads and judges; `records` keeps verdicts; `judging` asks the sandboxed guards; `trust` keeps the
trusted lists. This file imports nothing: a confined process passes through it on its way to `workflows.evidence.guard`.
"""
