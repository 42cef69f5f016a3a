"""Clock, command line and wiring."""
