"""Typeset, in a process of its own: `python _typst.py ROOT FONTS` reads requests as JSON and writes PDFs.

In: [{"template": source, "inputs": {…}, "timestamp": seconds}, …]. Out: for each a length in 8 bytes, big-endian, and
the PDF. The compiler keeps tens of megabytes of caches for as long as its process lives; here they end with it, and the
processes that serve people stay small. It imports nothing of ours, so that it starts in a tenth of a second.
"""

import json
import sys

import typst

__all__: list[str] = []


def main() -> None:
    """Answer the requests on standard input."""
    root, fonts = sys.argv[1:]
    # No system fonts: a form made on another machine must have the same bytes.
    compiler = typst.Compiler(root=root, font_paths=[fonts], ignore_system_fonts=True)
    for request in json.load(sys.stdin):
        made = compiler.compile(
            input=request["template"].encode(),
            format="pdf",
            sys_inputs=request["inputs"],
            pdf_standards=["a-3a", "ua-1"],
            timestamp=request["timestamp"],
        )
        if not isinstance(made, bytes):
            raise TypeError("one PDF a request is expected")
        sys.stdout.buffer.write(len(made).to_bytes(8) + made)


if __name__ == "__main__":
    main()
