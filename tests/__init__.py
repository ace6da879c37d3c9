"""The tests of Consularia Connect."""
