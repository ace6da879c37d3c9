"""Serving: one process, or a supervisor and the workers that it keeps."""
