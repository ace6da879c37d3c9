"""The version of this release: the one place where it is written. Imports nothing."""

VERSION = "1.0.0"
