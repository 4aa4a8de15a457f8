"""Which address a request came from, as sign-in attempts are counted by it."""

import ipaddress

from django.conf import settings
from django.http import HttpRequest

UNKNOWN = "0.0.0.0"  # noqa: S104  counted as one address, never listened on


def client_address(request: HttpRequest) -> str:
    """The address that attempts are counted under.

    X-Forwarded-For is believed only as far as our own proxies wrote it: with STP_TRUSTED_PROXIES
    of n, the n-th entry from the right; with 0 (the default) not at all, so nobody gets a fresh
    count by writing one. An IPv6 address counts as its /64, which one household or office holds
    whole.
    """
    found = request.META.get("REMOTE_ADDR", "")
    if settings.TRUSTED_PROXIES:
        hops = request.headers.get("X-Forwarded-For", "").split(",")
        if len(hops) >= settings.TRUSTED_PROXIES:
            found = hops[-settings.TRUSTED_PROXIES]
    return _counted(found.strip()) or _counted(request.META.get("REMOTE_ADDR", "")) or UNKNOWN


def _counted(text: str) -> str:
    """'192.0.2.7', or the network of an IPv6 address; '' for what is no address."""
    try:
        address = ipaddress.ip_address(text)
    except ValueError:
        return ""
    if isinstance(address, ipaddress.IPv4Address):
        return str(address)
    if address.ipv4_mapped:
        return str(address.ipv4_mapped)
    return str(ipaddress.ip_network((int(address) >> 64 << 64, 64)).network_address)
