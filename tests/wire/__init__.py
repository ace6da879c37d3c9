"""Tests of the wire: real sockets against a real server process."""
