"""Addresses of milestones and risks."""

from django.urls import path

from workstreams import views

app_name = "workstreams"
urlpatterns = [
    path("milestones/", views.milestone_list, name="milestone-list"),
    path("risks/", views.risk_list, name="risk-list"),
]
