"""One's own sessions, the people of the site, and the link of an invitation."""

from django.urls import path

from stp.accounts import views
from stp.accounts.links import LINKS

app_name = "accounts"
urlpatterns = [
    path("sessions/", views.session_list, name="session-list"),
    path("sessions/end/", views.session_end, name="session-end"),
    path("sessions/stay/", views.session_stay, name="session-stay"),
    path("people/", views.person_list, name="person-list"),
    path("people/invite/", views.person_invite, name="person-invite"),
    path("people/<int:pk>/", views.person_detail, name="person-detail"),
    path("people/<int:pk>/open/", views.person_open, name="person-open"),
    path("people/<int:pk>/link/", views.person_link, name="person-link"),
    path("people/<int:pk>/switch/", views.person_switch, name="person-switch"),
    path("people/<int:pk>/session/", views.person_end_session, name="person-end-session"),
    path(
        "invitation/<str:uidb64>/<str:token>/",
        views.ChoosePassword.as_view(link=LINKS["invitation"]),
        name="invitation",
    ),
]
