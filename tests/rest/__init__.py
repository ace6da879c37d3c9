"""Tests of the REST face: against the recorded contract and against the replica of the original."""
