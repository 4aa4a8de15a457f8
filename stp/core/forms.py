"""Django forms drawn with the design system's partials."""

from django.forms.renderers import TemplatesSetting


class NhsFormRenderer(TemplatesSetting):
    """`{{ form }}` uses templates/nhs/form.html, a field templates/nhs/field.html."""
