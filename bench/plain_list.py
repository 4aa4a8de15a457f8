"""The list of schemes as a plain template loop: the same records, words, links and ratings.

What the list of the site is measured against. It draws the very same rows, which is checked before
anything is timed, so that the two differ only in who draws them.
"""

from collections.abc import Sequence

from django.template import engines
from django.test import RequestFactory
from django.utils.safestring import SafeString

from finance.tables import Schemes
from stp.core.models import SnapshotLine

# Name of the column's words on a phone, classes beside the cell's own, what stands in the cell.
_CELLS = (
    ("Organisation", "", "{{ line.organisation_short }}"),
    ("Line", " app-not-on-phone", "{{ line.line }}"),
    ("Plan, £000", " nhsuk-table__cell--numeric app-not-on-phone", "{{ line.year_plan|money_k }}"),
    ("Forecast, £000", " nhsuk-table__cell--numeric", "{{ line.year_forecast|money_k }}"),
    ("Against plan, £000", " nhsuk-table__cell--numeric app-not-on-phone",
     "{{ line.year_variance|variance_k }}"),
    ("Delivered, £000", " nhsuk-table__cell--numeric app-not-on-phone",
     "{{ line.year_delivered|money_k }}"),
    ("Risk-adjusted, £000", " nhsuk-table__cell--numeric app-not-on-phone",
     "{{ line.year_risk_adjusted|money_k }}"),
    ("Status", "", "{% rag line.rag %}"),
    ("Since May 2017", "", "{% trend line.rag_before line.rag %}"),
    ("Return", " app-not-on-phone", "{% if not line.returns %}None: plan used"
     "{% elif line.carried_from %}Carried from {{ line.carried_from|month_name }}"
     "{% else %}Received{% endif %}"),
)  # fmt: skip
_NAME = (
    '<th scope="row" class="nhsuk-table__header" role="rowheader"><a class="nhsuk-link" '
    "href=\"{% url 'finance:scheme-detail' line.organisation line.detail.ref %}\">"
    "{{ line.detail.ref }} {{ line.label }}</a></th>"
)
_CELL = '<td class="nhsuk-table__cell%s" role="cell" data-label="%s">%s</td>'
_LOOP = engines["django"].from_string(
    "{% load stp %}<table><thead><tr>{% for head in heads %}<th scope='col'>{{ head }}</th>"
    "{% endfor %}</tr></thead><tbody>{% for line in lines %}<tr>"
    + _NAME
    + "".join(_CELL % (classes, name, words) for name, classes, words in _CELLS)
    + "</tr>{% endfor %}</tbody></table>"
)
HEADS = ["Scheme", *(name for name, _, _ in _CELLS)]


def drawn(lines: Sequence[SnapshotLine]) -> SafeString:
    """The rows as a loop draws them."""
    return SafeString(_LOOP.render({"heads": HEADS, "lines": lines}))


def as_the_site(lines: Sequence[SnapshotLine], table: Schemes) -> None:
    """RuntimeError unless every row of the table is the loop's."""
    table.request = RequestFactory().get("/finance/schemes/")
    table.paginate(per_page=len(lines))
    plain = drawn(lines).partition("<tbody>")[2]
    for row in table.drawn_rows:
        if f"<tr>{row}</tr>" not in plain:
            raise RuntimeError(f"the plain loop does not draw this row of the site: {row}")
