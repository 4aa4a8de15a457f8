"""What every page of a return shares: finding it, its context, a refusal as an error summary."""

from typing import Any

from django.http import HttpRequest
from django.shortcuts import get_object_or_404
from django.urls import reverse

from stp.core.models import Return
from stp.returns import kinds, queries
from stp.returns.refusals import Refusal


def mine(request: HttpRequest, pk: int) -> Return:
    """A return the reader may see; anybody else's is not there at all."""
    return get_object_or_404(queries.visible(request.user), pk=pk)


def context(return_: Return, **more: Any) -> dict[str, Any]:
    return {"return": return_, "kind": kinds.of(return_.kind), **more}


def in_summary(refusal: Refusal | None) -> dict[str, Any]:
    """A refusal as the page's error summary."""
    if refusal is None:
        return {}
    return {"has_errors": True, "refusal": refusal, "refusal_errors": [{"text": str(refusal)}]}


def send_again(return_: Return) -> str:
    """Where a corrected version of a return is sent: everything but the file is chosen."""
    query = {
        "organisation": return_.scope,
        "period": return_.period_id,
        "kind": return_.kind,
    }
    return reverse("returns:return-send", query=query)
