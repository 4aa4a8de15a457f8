"""Filters in use, as the chips name them: no more than the list goes by."""

from django import forms
from django.test import RequestFactory

from stp.core.filter_bar import FilterParts, filter_parts, in_words


class Sample(forms.Form):
    rag = forms.ChoiceField(label="Status", choices=[("R", "Red"), ("G", "Green")], required=False)
    many = forms.MultipleChoiceField(choices=[("a", "A"), ("b", "B")], required=False)
    late = forms.BooleanField(label="Only late", required=False)


def parts(query: str) -> tuple[FilterParts, list[str]]:
    request = RequestFactory().get(f"/?{query}")
    form = Sample(request.GET)
    return filter_parts(request, form), in_words(form)


def test_of_a_filter_given_twice_the_last_counts_and_the_first_is_said_to_be_ignored() -> None:
    found, words = parts("rag=R&rag=G&sort=x")
    assert words == ["Status: Green"]
    assert [(chip.text, chip.remove) for chip in found.chips] == [("Status: Green", "?sort=x")]
    assert found.errors == [
        "Only one filter of a kind can be in use, so “Status: Red” was ignored."
    ]


def test_the_same_value_twice_is_one_filter() -> None:
    found, words = parts("rag=G&rag=G&late=on&late=on")
    assert words == ["Status: Green", "Only late"]
    assert found.errors == []


def test_a_blank_last_value_is_no_filter() -> None:
    found, words = parts("rag=R&rag=")
    assert (words, found.chips, found.errors) == ([], [], [])


def test_of_several_each_is_a_chip_and_goes_by_itself() -> None:
    found, words = parts("many=a&many=b")
    assert words == ["Many: A", "Many: B"]
    assert [chip.remove for chip in found.chips] == ["?many=b", "?many=a"]
    assert found.errors == []
