"""Pages of sign-in that are ours."""

from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render


def locked_out(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
    """Five wrong passwords for one person from one address: wait 15 minutes."""
    return render(request, "account/locked_out.html", status=429)
