"""Addresses of the savings schemes."""

from django.urls import path

from finance import views

app_name = "finance"
urlpatterns = [
    path("finance/schemes/", views.scheme_list, name="scheme-list"),
    path(
        "finance/schemes/<slug:organisation>/<path:ref>/", views.scheme_detail, name="scheme-detail"
    ),
]
