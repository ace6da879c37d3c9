"""What connections are told, and given, that end because the service stops or is renewed."""

# The code of WebSockets for a service that restarts: clients connect again.
RESTARTING = 1012
STOPPING = "The service is stopping: connect again."
# For what was asked before; subscriptions and streams end at once, and are resumed elsewhere.
ANSWERING_SECONDS = 5.0
