"""The OpenAPI description of the REST face, made from the table of its operations."""
