"""Every kind of return there is. A new kind is one line here and one object in its subject."""

from finance.returns import FINANCE, PLAN
from stp.core.returns import ReturnKind
from stp.returns.refusals import Refusal

KINDS: dict[str, ReturnKind] = {kind.kind: kind for kind in (PLAN, FINANCE)}


class UnknownKind(Refusal):
    """A word that names no kind of return."""

    code = "unknown_kind"


def of(kind: str) -> ReturnKind:
    """The kind a return is of; UnknownKind with a sentence otherwise."""
    try:
        return KINDS[kind]
    except KeyError:
        known = " or ".join(sorted(KINDS))
        raise UnknownKind(f"“{kind}” is no kind of return. Wanted: {known}.") from None
