"""Where the configuration is, and that it cannot be used. Light: every process of the pool imports the command line.

ConfigError     the file, the environment or both are wrong; `mistakes` has one sentence each (exit code 78, EX_CONFIG)
"""

from __future__ import annotations

import os
from pathlib import Path

CONFIG_VARIABLE = "KARABAKH_CONFIG"  # where the file is; read by the command line before there is a configuration


class ConfigError(Exception):
    """The configuration cannot be used. Each of `mistakes` names the file or variable, the key and what is expected."""

    def __init__(self, mistakes: list[str]) -> None:
        super().__init__("\n".join(mistakes))
        self.mistakes = mistakes


def chosen_path(named: Path | None) -> Path | None:
    """The file that was named, else that of the environment, else config.toml of this folder if it is there."""
    if named is None and os.environ.get(CONFIG_VARIABLE):
        return Path(os.environ[CONFIG_VARIABLE])
    if named is None and Path("config.toml").exists():
        return Path("config.toml")
    return named
