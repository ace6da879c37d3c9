"""Scenarios that run through both faces, and the recorded cases of the REST contract."""
