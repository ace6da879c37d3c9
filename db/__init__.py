"""Storage: tables, statements and the engines that run them.

Knows neither Strawberry nor Starlette.
"""
