"""What an operator needs of a database: a look from outside, copies, a restore, progress."""
