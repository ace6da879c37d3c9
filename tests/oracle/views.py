"""The eleven operations of the replica, as two view sets; `urls.py` names them.
No docstring stands on a view set: the framework would answer it as OPTIONS `description`."""
# mypy: disable-error-code="import-untyped,misc,no-untyped-call,untyped-decorator"
# Django REST Framework publishes no types, so its base classes are Any here.

from typing import Any

from django import forms
from django.db import transaction
from django.db.models import Count, OuterRef, QuerySet, Subquery
from django.db.models.functions import Coalesce
from rest_framework import mixins
from rest_framework.exceptions import ValidationError
from rest_framework.generics import get_object_or_404
from rest_framework.pagination import PageNumberPagination
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.viewsets import GenericViewSet

from . import serializers
from .models import Appointment, Participant

NOT_EDITABLE = {
    "active": "Active and completed appointments cannot be updated.",
    "completed": "Active and completed appointments cannot be updated.",
    "cancelled": "Cancelled appointments cannot be updated.",
}
PARTICIPANTS_FIXED = "Participants of completed and cancelled appointments cannot be changed."


class Pages(PageNumberPagination):
    """Pages of 20; `page_size` asks for up to 100."""

    page_size = 20
    page_size_query_param = "page_size"
    max_page_size = 100


class Window(forms.Form):
    """The query parameters that restrict the list."""

    participant_unique_id = forms.CharField(required=False, strip=False)
    start_date = forms.DateTimeField(required=False)
    end_date = forms.DateTimeField(required=False)


LOOKUPS = {
    "participant_unique_id": "participants__unique_id",
    "start_date": "start_date_time__gte",
    "end_date": "start_date_time__lte",
}
# Counted apart: a join would count only the participants that the filter lets through.
INVITED = Subquery(
    Participant.objects.filter(appointment=OuterRef("pk"))
    .order_by()
    .values("appointment")
    .annotate(count=Count("pk"))
    .values("count")
)


def conditions(query: Any) -> dict[str, Any]:
    """Turn query parameters into lookups, or raise the form's own errors."""
    window = Window(query)
    if not window.is_valid():
        raise ValidationError(window.errors)
    given = {name: value for name, value in window.cleaned_data.items() if value}
    return {LOOKUPS[name]: value for name, value in given.items()}


def ensure_participants_may_change(appointment: Appointment) -> None:
    """Refuse a change of the participants of an appointment that is over or off."""
    if appointment.status in ("completed", "cancelled"):
        raise ValidationError({"detail": PARTICIPANTS_FIXED})


def add_missing(appointment: Appointment, items: list[dict[str, Any]]) -> None:
    """Add participants; who is in the appointment already stays as they are."""
    present = set(appointment.participants.values_list("unique_id", flat=True))
    Participant.objects.bulk_create(
        Participant(appointment=appointment, **item)
        for item in items
        if item["unique_id"] not in present
    )


class AppointmentViewSet(
    mixins.ListModelMixin,
    mixins.RetrieveModelMixin,
    mixins.UpdateModelMixin,
    mixins.DestroyModelMixin,
    GenericViewSet,
):
    pagination_class = Pages
    serializer_class = serializers.AppointmentDetail

    def get_serializer_class(self) -> Any:
        """Pick the shape by action; OPTIONS describes the detail."""
        by_action = {
            "list": serializers.AppointmentListItem,
            "create": serializers.AppointmentCreate,
            "partial_update": serializers.AppointmentUpdate,
        }
        return by_action.get(self.action, self.serializer_class)

    def get_queryset(self) -> QuerySet[Appointment]:
        """Answer the organization's appointments, prepared for the action."""
        mine = Appointment.objects.filter(organization=self.request.user)
        if self.action != "list":
            return mine.prefetch_related("participants")
        found = mine.filter(**conditions(self.request.query_params))
        return found.select_related("organization").annotate(participant_count=Coalesce(INVITED, 0))

    @transaction.atomic
    def create(self, request: Request) -> Response:
        form = self.get_serializer(data=request.data)
        form.is_valid(raise_exception=True)
        values = dict(form.validated_data)
        participants = values.pop("participants")
        appointment = Appointment.objects.create(organization=request.user, **values)
        add_missing(appointment, participants)
        return Response(serializers.AppointmentDetail(appointment).data, status=201)

    def perform_update(self, serializer: Any) -> None:
        """Save the changes unless the status forbids it."""
        refusal = NOT_EDITABLE.get(serializer.instance.status)
        if refusal is not None:
            raise ValidationError({"detail": refusal})
        serializer.save()


class ParticipantViewSet(
    mixins.ListModelMixin,
    mixins.RetrieveModelMixin,
    mixins.UpdateModelMixin,
    mixins.DestroyModelMixin,
    GenericViewSet,
):
    lookup_url_kwarg = "participant_id"
    pagination_class = Pages
    serializer_class = serializers.ParticipantDetail

    def get_serializer_class(self) -> Any:
        """Pick the shape by action; OPTIONS describes a participant."""
        by_action = {
            "add": serializers.ParticipantAdd,
            "remove": serializers.ParticipantRemove,
            "partial_update": serializers.ParticipantUpdate,
        }
        return by_action.get(self.action, self.serializer_class)

    def appointment(self) -> Appointment:
        """Find the appointment of the path in the caller's organization."""
        mine = Appointment.objects.filter(organization=self.request.user)
        found: Appointment = get_object_or_404(mine, pk=self.kwargs["pk"])
        return found

    def get_queryset(self) -> QuerySet[Participant]:
        """Answer the participants of an appointment that exists."""
        return Participant.objects.filter(appointment=self.appointment())

    def perform_update(self, serializer: Any) -> None:
        """Save the changes unless the appointment is over or off."""
        ensure_participants_may_change(serializer.instance.appointment)
        serializer.save()

    def perform_destroy(self, instance: Participant) -> None:
        """Remove the participant unless the appointment is over or off."""
        ensure_participants_may_change(instance.appointment)
        instance.delete()

    def checked(self) -> tuple[Appointment, list[dict[str, Any]]]:
        """Find the appointment, then validate the whole list, then the state."""
        appointment = self.appointment()
        form = self.get_serializer(data=self.request.data, many=True)
        form.is_valid(raise_exception=True)
        ensure_participants_may_change(appointment)
        return appointment, form.validated_data

    @transaction.atomic
    def add(self, request: Request, pk: str) -> Response:
        """Add several participants and answer the appointment."""
        appointment, items = self.checked()
        add_missing(appointment, items)
        return Response(serializers.AppointmentDetail(appointment).data)

    @transaction.atomic
    def remove(self, request: Request, pk: str) -> Response:
        """Remove several participants, pass over unknown ids, and answer the appointment."""
        appointment, items = self.checked()
        appointment.participants.filter(pk__in=[item["id"] for item in items]).delete()
        return Response(serializers.AppointmentDetail(appointment).data)
