"""Addresses of the dashboards."""

from django.urls import path

from stp.dashboards import views

app_name = "dashboards"
urlpatterns = [
    path("overview/", views.overview, name="overview"),
    path("workstreams/", views.workstream_list, name="workstream-list"),
    path("workstreams/<str:workstream>/", views.workstream_detail, name="workstream-detail"),
    path("gap/", views.gap, name="gap"),
    path("plan/", views.plan, name="plan"),
]
