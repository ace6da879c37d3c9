"""Tests of `/metrics`, of the rules and the dashboard in `deploy/`, and of traces."""
