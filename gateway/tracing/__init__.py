"""Traces for a collector that speaks OTLP, by OpenTelemetry's packages; nothing where it is off."""
