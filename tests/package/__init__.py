"""The wheel: what is in it, and that it serves where nothing else of the project is."""
