"""A replica of the original service: Django REST Framework behind the eleven operations.
Tests import `tests.oracle.app` from here to ask what an old client was answered."""
