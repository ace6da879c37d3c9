"""The floor: the least code that gives the same answers from the same SQLite file.
`bench/serve.py` starts `floor.app.Floor`; nothing here is meant to be used for anything else."""
