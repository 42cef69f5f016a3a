"""Article to notice: rules, matching, outbox, channels."""
