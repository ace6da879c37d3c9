"""The set-up and the start on the machines that people have, each with the real launcher."""
