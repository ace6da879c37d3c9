"""The two tables of the replica; Django's users stand for organizations.
`views.py` reads and writes them, `serializers.py` derives its documented fields from them."""
# mypy: disable-error-code="import-untyped,misc"
# Django publishes no types, so its base classes are Any here.

from typing import ClassVar

from django.conf import settings
from django.db import models
from uuid_utils.compat import uuid7

ROLES = [("moderator", "Moderator"), ("participant", "Participant")]


class Appointment(models.Model):
    """A booked appointment of one organization."""

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    organization = models.ForeignKey(settings.AUTH_USER_MODEL, models.CASCADE)
    title = models.CharField(max_length=255, help_text="Appointment title")
    start_date_time = models.DateTimeField(help_text="Appointment start datetime (UTC)")
    duration_minutes = models.IntegerField(help_text="Duration in minutes")
    status = models.CharField(max_length=20, default="scheduled")
    config = models.JSONField(null=True, blank=True)
    created_at = models.DateTimeField(auto_now_add=True)
    updated_at = models.DateTimeField(auto_now=True)

    class Meta:
        """Newest start first, ties in the order of ids."""

        ordering: ClassVar = ["-start_date_time", "id"]
        indexes: ClassVar = [models.Index(fields=["organization", "-start_date_time", "id"])]


class Participant(models.Model):
    """A person invited to one appointment, once."""

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    appointment = models.ForeignKey(Appointment, models.CASCADE, related_name="participants")
    unique_id = models.CharField(
        max_length=255, help_text="Unique participant identifier (email, username, etc.)"
    )
    display_name = models.CharField(
        max_length=60, null=True, blank=True, help_text="Display name for the participant"
    )
    role = models.CharField(max_length=20, choices=ROLES, help_text="Role of the participant")

    class Meta:
        """In the order in which they were added."""

        ordering: ClassVar = ["id"]
        unique_together: ClassVar = [("appointment", "unique_id")]
        indexes: ClassVar = [
            models.Index(fields=["appointment", "id"]),
            models.Index(fields=["unique_id", "appointment"]),
        ]
