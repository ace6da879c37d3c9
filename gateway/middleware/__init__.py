"""What every request goes through on its way to a face: id, host, token, counting."""
