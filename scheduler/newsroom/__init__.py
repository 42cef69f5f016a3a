"""Outlets of our own on loopback: what `karabakh demo` polls and what the tests are served from.

All texts are ours. Places and bodies have their real names; the events are made up.
"""
