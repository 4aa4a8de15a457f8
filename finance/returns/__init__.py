"""The finance and plan returns: what a file holds, what is wrong with it, what it changes."""

from finance.returns.kind import FINANCE, PLAN

__all__ = ["FINANCE", "PLAN"]
