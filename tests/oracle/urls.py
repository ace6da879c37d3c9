"""The six paths of the replica; `configuration.py` names this as the root of URLs.
Every path answers with and without its last slash, as ours does."""
# mypy: disable-error-code="import-untyped"
# Django publishes no types of its own.

from typing import Any

from django.urls import re_path

from .views import AppointmentViewSet, ParticipantViewSet

APPOINTMENTS = r"^api/v1/appointments"
# The framework's default for a key in a path, and Django's `uuid` converter below it.
LOOSE = r"(?P<pk>[^/.]+)"
UUID = r"[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}"
PARTICIPANTS = rf"{APPOINTMENTS}/(?P<pk>{UUID})/participants"


def route(pattern: str, view_set: Any, actions: dict[str, str], **words: str) -> Any:
    """Bind a path to actions, with an empty OPTIONS description."""
    return re_path(rf"{pattern}/?$", view_set.as_view(actions, description="", **words))


INSTANCE = {"get": "retrieve", "patch": "partial_update", "delete": "destroy"}
LIST = {"get": "list", "post": "create"}

urlpatterns = [
    route(APPOINTMENTS, AppointmentViewSet, LIST, suffix="List"),
    route(rf"{APPOINTMENTS}/{LOOSE}", AppointmentViewSet, INSTANCE, suffix="Instance"),
    route(PARTICIPANTS, ParticipantViewSet, {"get": "list"}, suffix="List"),
    route(rf"{PARTICIPANTS}/add", ParticipantViewSet, {"post": "add"}, name="Add"),
    route(rf"{PARTICIPANTS}/remove", ParticipantViewSet, {"post": "remove"}, name="Remove"),
    route(
        rf"{PARTICIPANTS}/(?P<participant_id>{UUID})",
        ParticipantViewSet,
        INSTANCE,
        suffix="Instance",
    ),
]
