"""What the replica accepts and shows, in the framework's own fields: coercion and wording are its.
`views.py` picks one per action; tests use the input classes directly to compare coercion."""
# mypy: disable-error-code="import-untyped,misc,no-untyped-call"
# Django REST Framework publishes no types, so its base classes are Any here.

from typing import Any, ClassVar

from rest_framework import serializers

from .models import ROLES, Appointment, Participant

TWICE = "This participant is listed more than once."


class ParticipantDetail(serializers.ModelSerializer):
    """A participant as every answer shows it."""

    access_link = serializers.SerializerMethodField()

    class Meta:
        """Documented keys in documented order."""

        model = Participant
        fields: ClassVar = ["id", "unique_id", "display_name", "role", "access_link"]

    def get_access_link(self, participant: Participant) -> str:
        """Answer a link that is personal and means nothing; callers mask it."""
        return f"https://example.com/j/{participant.id}"


class AppointmentDetail(serializers.ModelSerializer):
    duration_minutes = serializers.IntegerField(
        min_value=15, max_value=720, help_text="Duration in minutes"
    )
    participants = ParticipantDetail(many=True)

    class Meta:
        """Documented keys in documented order."""

        model = Appointment
        fields: ClassVar = [
            "id",
            "title",
            "start_date_time",
            "duration_minutes",
            "status",
            "config",
            "participants",
            "created_at",
            "updated_at",
        ]


class AppointmentListItem(serializers.ModelSerializer):
    """An appointment as a page of the list shows it."""

    participant_count = serializers.IntegerField()
    organization_name = serializers.CharField(source="organization.username")

    class Meta:
        """Documented keys in documented order."""

        model = Appointment
        fields: ClassVar = [
            "id",
            "title",
            "start_date_time",
            "duration_minutes",
            "status",
            "participant_count",
            "organization_name",
            "created_at",
        ]


class OncePerRequest(serializers.ListSerializer):
    """A list of new participants in which each `unique_id` may stand once."""

    def to_internal_value(self, data: Any) -> list[dict[str, Any]]:
        """Refuse the second of two equal ids, in its place."""
        items: list[dict[str, Any]] = super().to_internal_value(data)
        seen: set[str] = set()
        errors: list[dict[str, list[str]]] = []
        for item in items:
            again = item["unique_id"] in seen
            errors.append({"unique_id": [TWICE]} if again else {})
            seen.add(item["unique_id"])
        if any(errors):
            raise serializers.ValidationError(errors)
        return items


class ParticipantCreate(serializers.Serializer):
    """A participant inside a new appointment; the name may be null."""

    unique_id = serializers.CharField(max_length=255)
    display_name = serializers.CharField(
        max_length=60, required=False, allow_null=True, allow_blank=True
    )
    role = serializers.ChoiceField(choices=ROLES)

    class Meta:
        """Lists of these refuse repeated ids."""

        list_serializer_class = OncePerRequest


class ParticipantAdd(serializers.Serializer):
    """A participant added later; the name may be left out or blank, not null."""

    unique_id = serializers.CharField(max_length=255)
    display_name = serializers.CharField(max_length=60, required=False, allow_blank=True)
    role = serializers.ChoiceField(choices=ROLES)

    class Meta:
        """Lists of these refuse repeated ids."""

        list_serializer_class = OncePerRequest


class ParticipantRemove(serializers.Serializer):
    """Names one participant to remove."""

    id = serializers.UUIDField()


class ParticipantUpdate(serializers.ModelSerializer):
    """The two things that can change about a participant."""

    class Meta:
        """Documented keys in documented order."""

        model = Participant
        fields: ClassVar = ["display_name", "role"]


class AppointmentUpdate(serializers.ModelSerializer):
    """The four things that can change about an appointment."""

    duration_minutes = serializers.IntegerField(min_value=15, max_value=720)
    config = serializers.DictField(
        child=serializers.BooleanField(), required=False, allow_null=True
    )

    class Meta:
        """Documented keys in documented order."""

        model = Appointment
        fields: ClassVar = ["title", "start_date_time", "duration_minutes", "config"]


class AppointmentCreate(serializers.Serializer):
    title = serializers.CharField(max_length=255)
    start_date_time = serializers.DateTimeField()
    duration_minutes = serializers.IntegerField(min_value=15, max_value=720)
    participants = ParticipantCreate(many=True)
    config = serializers.DictField(
        child=serializers.BooleanField(), required=False, allow_null=True
    )
