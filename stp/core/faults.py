"""Named points where a test process may crash the program. Inert unless one installs a handler."""

from collections.abc import Callable

_handler: Callable[[str], None] | None = None


def install(handler: Callable[[str], None] | None) -> None:
    """Called by test processes only."""
    global _handler
    _handler = handler


def here(name: str) -> None:
    """Mark a crash point."""
    if _handler is not None:
        _handler(name)
