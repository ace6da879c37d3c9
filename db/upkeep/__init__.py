"""What keeps a SQLite database for its operator: copies, their verification, putting one back."""
