"""Addresses of this subject's pages."""

from django.urls import URLPattern, URLResolver

app_name = "workstreams"
urlpatterns: list[URLPattern | URLResolver] = []
