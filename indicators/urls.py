"""Addresses of the indicators."""

from django.urls import path

from indicators import views

app_name = "indicators"
urlpatterns = [path("indicators/", views.indicator_list, name="indicator-list")]
