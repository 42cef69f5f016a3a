"""Outlets of our own on loopback: what `karabakh demo` polls and what the tests are served from."""
