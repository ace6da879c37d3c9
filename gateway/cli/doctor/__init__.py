"""`doctor`: looks at everything the service depends on, changes nothing, and says what to do."""
