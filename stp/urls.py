"""Every address of the site. Each app lists its own; allauth's routes in use are named here."""

from django.urls import URLPattern, URLResolver

urlpatterns: list[URLPattern | URLResolver] = []
