"""`{{ form }}` draws label, hint, error and control tied by ids (A-20), every kind of control."""

import re

import pytest
from django import forms
from django.template import engines

from stp.core import forms as nhs

FRUIT = [("a", "Apples"), ("b", "Pears")]


class Sample(forms.Form):
    email = forms.EmailField(
        label="Email address", widget=forms.EmailInput(attrs={"autocomplete": "username"})
    )
    password = forms.CharField(widget=forms.PasswordInput)
    note = forms.CharField(widget=forms.Textarea, required=False, help_text="At most 60 words")
    amount = forms.IntegerField(label="Amount, £")
    due = forms.DateField(error_messages={"required": "Say when it is due"})
    one = forms.ChoiceField(choices=FRUIT)
    radio = forms.ChoiceField(label="QIA status", choices=FRUIT, widget=forms.RadioSelect)
    many = forms.MultipleChoiceField(choices=FRUIT, widget=forms.CheckboxSelectMultiple)
    several = forms.MultipleChoiceField(choices=FRUIT, required=False)
    sure = forms.BooleanField(label="I have checked", help_text="Every row")
    file = forms.FileField(label="The return")
    token = forms.CharField(widget=forms.HiddenInput)


def test_every_control_has_the_librarys_class_and_a_label() -> None:
    html = Sample({"one": "b", "radio": "a", "sure": "on", "several": ["a"]}).render()
    for part in (
        "input",
        "textarea",
        "select",
        "radios",
        "checkboxes",
        "file-upload",
        "password-input",
    ):
        assert f"nhsuk-{part}" in html, part
    assert 'autocomplete="username"' in html
    assert '<option value="b" selected>' in html
    assert re.search(r'id="id_radio" name="radio" type="radio" value="a" checked', html)
    assert re.search(r'id="id_radio-2" name="radio" type="radio" value="b"', html)
    assert 'type="number"' not in html
    assert 'inputmode="decimal"' in html
    assert '<select name="several"' in html  # Django's own, inside the library's group
    assert '<input type="hidden" name="token"' in html
    for control in re.findall(r'<(?:input|select|textarea)[^>]* id="([^"]+)"', html):
        assert control == "id_token" or f'for="{control}"' in html, control


def test_errors_are_sentences_tied_to_their_field() -> None:
    form = Sample({"email": "bad"})
    html = form.render()
    errors = {e["href"]: e["text"] for e in nhs.error_list(form)}
    assert errors["#id_email"] == "Enter a valid email address."
    assert errors["#id_password"] == "Enter password"
    assert errors["#id_amount"] == "Enter amount, £"
    assert errors["#id_radio"] == "Choose QIA status"
    assert errors["#id_one"] == "Choose one"
    assert errors["#id_sure"] == "Tick “I have checked” to go on"
    assert errors["#id_file"] == "Choose a file for “The return”"
    assert errors["#id_due"] == "Say when it is due"
    for address, text in errors.items():
        control = address[1:]
        if control == "id_token":
            continue
        assert f'id="{control}"' in html or control == "id_many", control
        assert f'id="{control}-error"' in html, control
        assert re.search(rf'aria-describedby="[^"]*{control}-error"', html), control
        assert text in html
    assert 'value="bad"' in html
    assert html.count('aria-invalid="true"') >= 8


def test_a_hint_describes_its_field_and_optional_is_said() -> None:
    html = Sample().render()
    assert 'aria-describedby="id_note-hint"' in html
    assert "Note (optional)" in html
    assert "Email address (optional)" not in html
    assert 'aria-describedby="id_sure-hint"' in html


def test_the_errors_of_the_whole_form_come_first() -> None:
    class Strict(forms.Form):
        def clean(self) -> None:
            raise forms.ValidationError("The two months do not follow each other")

    form = Strict({})
    assert nhs.error_list(form) == [{"text": "The two months do not follow each other", "href": ""}]
    summary = engines["django"].get_template("nhs/form_errors.html").render({"form": form})
    assert "There is a problem" in summary


def test_text_of_the_user_is_escaped() -> None:
    html = Sample({"email": '"><script>alert(1)</script>', "note": "</textarea><script>"}).render()
    assert "<script" not in html


def test_a_formset_and_a_prefix_keep_names_apart() -> None:
    few = forms.formset_factory(Sample, extra=2)
    html = few().render()
    assert 'name="form-0-email"' in html
    assert 'id="id_form-1-email"' in html
    assert 'name="form-TOTAL_FORMS"' in html


@pytest.mark.parametrize("name", ["email", "one", "file", "radio"])
def test_a_disabled_field_says_so(name: str) -> None:
    form = Sample()
    form.fields[name].disabled = True
    _, options = nhs.parts(form[name])
    assert options["disabled"] is True
