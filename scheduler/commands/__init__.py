"""The commands of `karabakh`, a module for each group of them."""
