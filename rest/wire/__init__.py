"""HTTP as REST speaks it: requests, media types, bodies, answers and their headers."""
