"""Addresses of the return workflow: the steps in their order, then what stands beside them."""

from django.urls import path

from stp.returns import views

app_name = "returns"

urlpatterns = [
    path("", views.return_list, name="return-list"),
    path("template/", views.return_template, name="return-template"),
    path("send/", views.return_send, name="return-send"),
    path("<int:pk>/", views.return_detail, name="return-detail"),
    path("<int:pk>/checking/", views.return_checking, name="return-checking"),
    path("<int:pk>/checking/progress/", views.return_progress, name="return-progress"),
    path("<int:pk>/problems/", views.return_problems, name="return-problems"),
    path("<int:pk>/draft/", views.return_draft, name="return-draft"),
    path("<int:pk>/preview/", views.return_preview, name="return-preview"),
    path("<int:pk>/receipt/", views.return_receipt, name="return-receipt"),
    path("<int:pk>/abandon/", views.return_abandon, name="return-abandon"),
    path("<int:pk>/original/", views.return_original, name="return-original"),
    path("<int:pk>/marked/", views.return_marked, name="return-marked"),
    path("<int:pk>/withdraw/", views.return_withdraw, name="return-withdraw"),
    path("<int:pk>/approve/", views.plan_approve, name="plan-approve"),
    path("history/<slug:organisation>/", views.return_history, name="return-history"),
    path("history/<slug:organisation>/compare/", views.return_compare, name="return-compare"),
]
