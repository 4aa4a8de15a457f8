"""Rules of unused classes leave a sheet; every other letter stays as it was."""

import re

import pytest

from stp.core.style_rules import Unreadable, without

UNUSED = re.compile(r"\.nhsuk-(?:hero|u-(?!kept))")


@pytest.mark.parametrize(
    ("sheet", "left"),
    [
        ("a{b:c}", "a{b:c}"),
        (".nhsuk-hero{b:c}", ""),
        (".nhsuk-hero__text:hover{b:c}d{e:f}", "d{e:f}"),
        ("a,.nhsuk-hero,d>e{b:c}", "a,d>e{b:c}"),
        (":not(.nhsuk-hero,a),d{b:c}", "d{b:c}"),
        (":is(a,d),.nhsuk-u-1{b:c}", ":is(a,d){b:c}"),
        (".nhsuk-u-kept,.nhsuk-u-1{b:c}", ".nhsuk-u-kept{b:c}"),
        ("@media print{.nhsuk-hero{b:c}}", ""),
        ("@media print{.nhsuk-hero{b:c}a{d:e}}", "@media print{a{d:e}}"),
        ("@supports (a:b){@media print{.nhsuk-hero{b:c}}}f{g:h}", "f{g:h}"),
        ('@charset "UTF-8";a{b:c}', '@charset "UTF-8";a{b:c}'),
        ("@page{margin:0;@top-left{b:c}}", "@page{margin:0;@top-left{b:c}}"),
        ("@keyframes k{from{b:c}to{b:d}}", "@keyframes k{from{b:c}to{b:d}}"),
        ('a{b:"}";c:url(data:image/svg+xml,%3Csvg/%3E)}', None),
        ("a{b:'\\'}'}/* } */d{e:f}", None),
        ("/*! .nhsuk-hero */a{b:c}", None),
        ("", ""),
    ],
)
def test_what_is_left(sheet: str, left: str | None) -> None:
    assert without(sheet, UNUSED) == (sheet if left is None else left)


@pytest.mark.parametrize(
    ("sheet", "missing"),
    [("a{b:c}}", "A closing"), ("a{b:c", "An opening"), ("@media x{a{}", "An opening")],
)
def test_braces_that_do_not_pair_are_said(sheet: str, missing: str) -> None:
    with pytest.raises(Unreadable, match=missing):
        without(sheet, UNUSED)
