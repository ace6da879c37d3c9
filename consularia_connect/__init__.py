"""The package that is installed: the rooms of the service inside one folder, and `connect`.

The rooms import each other by their own names, so this folder comes first where Python looks.
"""
