"""Tests of the room `graphql`."""
