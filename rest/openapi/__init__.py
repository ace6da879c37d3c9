"""The OpenAPI description of the REST face, drawn from the table of its operations."""
