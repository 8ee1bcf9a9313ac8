"""Where are hostile documents read, and why can that harm nothing else?

A **guard** is a Python process of its own, started by `exec` with an empty environment and no open files but two pipes:
it never held a secret or a connection. It loads what it needs, enters the sandbox (`sandbox`), and then forks one child
for each document: the child reads the bytes, answers in JSON, and ends. The guard itself never reads a document; it
passes bytes on, counts seconds and says how its child ended. So no document meets what another one left behind.

Decided against the `pebble` library: it starts workers by forking or by multiprocessing's own server, both from the
service's process and environment, and returns results by pickle, which a taken-over child could use to take over the
parent. Two hundred lines of pipes do what is needed (docs/decisions/0043).

This package imports nothing of the service but itself: what is not loaded cannot be misused.
"""
