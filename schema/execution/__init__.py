"""Execution: a document is bounded, parsed, validated and priced before anything of it runs."""
