"""What does a reader do with bytes nobody meant to be read? Coverage-guided fuzzing, by `make fuzz`.

    python -m tests.fuzz [--seconds N] [ENTRY…]

Four entries (container, xml, cms, pdf), each in a process of its own that begins with valid files of the demo's people
and looks for input that makes anything but an error of signing's own tree escape, takes longer than ten seconds or
more than a gigabyte. What is found is kept, and named, so that it can be played again:

    python -m tests.fuzz.run ENTRY FOLDER FILE

All of it takes four minutes and some seconds, one core (`make fuzz FUZZ_SECONDS=600` for longer), and ends with a line
that says what was found.

Atheris is not among the development requirements: it is 33 MB and serves this alone (requirements/fuzz.txt).
"""
