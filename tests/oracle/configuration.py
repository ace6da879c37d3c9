"""The Django settings of the replica, set in process; no settings module, no environment.
`app.py` and the bench call `configure` before anything of Django that needs it is imported."""
# mypy: disable-error-code="import-untyped"
# Django publishes no types of its own, and its stubs would be one more thing to lock.

from typing import Any

import django
from django.conf import settings

REST_FRAMEWORK: dict[str, Any] = {
    "DEFAULT_AUTHENTICATION_CLASSES": ["rest_framework.authentication.TokenAuthentication"],
    "DEFAULT_PERMISSION_CLASSES": ["rest_framework.permissions.IsAuthenticated"],
    "DEFAULT_RENDERER_CLASSES": ["rest_framework.renderers.JSONRenderer"],
    "DEFAULT_PARSER_CLASSES": [
        "rest_framework.parsers.JSONParser",
        "rest_framework.parsers.FormParser",
        "rest_framework.parsers.MultiPartParser",
    ],
}

QUIET_LOGGING: dict[str, Any] = {
    "version": 1,
    "handlers": {"nowhere": {"class": "logging.NullHandler"}},
    "loggers": {"django": {"handlers": ["nowhere"], "propagate": False}},
}


# A shared in-memory database lives as long as one connection to it is open.
IN_MEMORY: dict[str, Any] = {
    "ENGINE": "django.db.backends.sqlite3",
    "NAME": "file:oracle?mode=memory&cache=shared",
}


def configure(package: str, database: dict[str, Any] = IN_MEMORY, **others: Any) -> None:
    """Configure Django once for this process, with `package` as the app that holds the models."""
    if settings.configured:
        return
    settings.configure(
        ALLOWED_HOSTS=["*"],
        DATABASES={"default": database},
        INSTALLED_APPS=[
            "django.contrib.auth",
            "django.contrib.contenttypes",
            "rest_framework.authtoken",
            package,
        ],
        LOGGING=QUIET_LOGGING,
        # Counts the bytes of an answer, as every Django project lets it.
        MIDDLEWARE=["django.middleware.common.CommonMiddleware"],
        REST_FRAMEWORK=REST_FRAMEWORK,
        ROOT_URLCONF=f"{package}.urls",
        SECRET_KEY="the replica signs nothing",
        TIME_ZONE="UTC",
        USE_I18N=False,
        USE_TZ=True,
        **others,
    )
    django.setup()
