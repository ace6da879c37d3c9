"""What stands between the commands and a shell: arguments, help, output, refusals, colours."""
