"""Who changed what, help, and the rules as pages."""

from django.urls import path

from stp.core import health_views, views

app_name = "core"
urlpatterns = [
    path("changes/", views.change_list, name="change-list"),
    path("help/", views.help_page, name="help"),
    path("help/ratings/", views.rag_rules, name="rag-rules"),
    path("accessibility/", views.accessibility, name="accessibility"),
    path("health/live", health_views.live, name="health-live"),
    path("health/ready", health_views.ready, name="health-ready"),
    path("health/deep", health_views.deep, name="health-deep"),
]
