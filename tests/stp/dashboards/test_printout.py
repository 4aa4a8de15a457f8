"""Money of `show_snapshot` is in pounds, wherever in the detail it stands."""

from stp.dashboards.printout import in_pounds


def test_both_sides_of_the_developed_test_are_in_pounds() -> None:
    shown = in_pounds({"end": {"developed": 2_800_000_000, "identified": 3_100_000_000}})
    assert shown == {"end": {"developed": "28000000.00", "identified": "31000000.00"}}


def test_counts_stay_whole_numbers() -> None:
    assert in_pounds({"total": 3, "fye_not_stated": 2}) == {"total": 3, "fye_not_stated": 2}
