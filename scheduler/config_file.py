"""Reading config.toml: secrets from the environment or systemd's credentials, overrides, and every mistake at once."""

from __future__ import annotations

import json
import os
import re
import tomllib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, fields, is_dataclass
from pathlib import Path
from typing import Any, get_type_hints

from pydantic import TypeAdapter, ValidationError

from scheduler.config import MAX_POLLS_PER_DAY, SECRET_KEYS, AlertConfig, Config
from scheduler.config_place import CONFIG_VARIABLE, ConfigError

PREFIX = "KARABAKH_"
REFERENCE = re.compile(r"\$\{([A-Za-z_][A-Za-z0-9_]*)\}")
MASK = "********"


@dataclass(frozen=True)
class LoadedConfig:
    """`values` is what holds; `base` is the folder that relative paths start from; `origins` tells, per dotted key,
    where a value that is not the default came from; `raw` is the file as written, with its ${NAME} references."""

    values: Config
    path: Path | None
    base: Path
    origins: Mapping[str, str]
    raw: Mapping[str, Any]

    @property
    def database(self) -> Path:
        return self.base / self.values.storage.path


def load_config(path: Path | None, environment: Mapping[str, str] = os.environ) -> LoadedConfig:
    """The configuration of `path` (None: defaults alone) under the overrides of `environment`; raises ConfigError."""
    raw = _read(path) if path else {}
    mistakes: list[str] = []
    where = str(path) if path else "configuration"
    referenced = set(REFERENCE.findall(json.dumps(raw)))
    data, origins = _override(raw, environment, referenced, mistakes)
    filled = _fill(data, environment, where, "", mistakes)
    base = path.resolve().parent if path else Path.cwd()
    try:
        values = TypeAdapter(Config).validate_json(json.dumps(filled))
    except ValidationError as error:
        mistakes += [_sentence(where, origins, one) for one in error.errors()]
        raise ConfigError(mistakes) from error
    mistakes += [f"{where}: {text}" for text in _contradictions(values)]
    if mistakes:
        raise ConfigError(mistakes)
    for key, _ in _leaves(raw, ""):
        origins.setdefault(key, where)
    return LoadedConfig(values, path, base, origins, raw)


def _read(path: Path) -> dict[str, Any]:
    try:
        return tomllib.loads(path.read_text("utf-8"))
    except FileNotFoundError:
        raise ConfigError([f"{path}: there is no such file (--config FILE or {CONFIG_VARIABLE} names it)"]) from None
    except UnicodeDecodeError:
        raise ConfigError([f"{path}: is not UTF-8 text"]) from None
    except OSError as error:
        raise ConfigError([f"{path}: cannot be read: {error.strerror}"]) from None
    except tomllib.TOMLDecodeError as error:
        raise ConfigError([f"{path}: is not TOML: {error}"]) from None


def scalar_keys() -> dict[str, tuple[str, str]]:
    """Environment variable -> (section, key), for every value that is one number, switch or text."""
    hints = get_type_hints(Config, include_extras=True)
    return {
        f"{PREFIX}{section}_{one.name}".upper(): (section, one.name)
        for section, kind in hints.items()
        if is_dataclass(kind)
        for one in fields(kind)
        if not any(word in str(one.type) for word in ("tuple", "Mapping"))
    }


def _override(
    raw: Mapping[str, Any], environment: Mapping[str, str], referenced: set[str], mistakes: list[str]
) -> tuple[dict[str, Any], dict[str, str]]:
    data = {key: dict(value) if isinstance(value, dict) else value for key, value in raw.items()}
    known, origins = scalar_keys(), {}
    for name in sorted(environment):
        if not name.startswith(PREFIX) or name == CONFIG_VARIABLE or name in referenced:
            continue
        if name not in known:
            mistakes.append(
                f"{name}: no setting has this name (karabakh config show --environment lists those that exist)"
            )
            continue
        section, key = known[name]
        data.setdefault(section, {})
        if isinstance(data[section], dict):
            data[section][key] = _typed(environment[name], section, key)
            origins[f"{section}.{key}"] = name
    return data, origins


def _typed(text: str, section: str, key: str) -> Any:
    """A variable is text; what it means depends on the default's type. What does not fit is left to validation."""
    default = getattr(getattr(Config(), section), key)
    if isinstance(default, bool):
        return {"true": True, "1": True, "yes": True, "false": False, "0": False, "no": False}.get(text.lower(), text)
    if isinstance(default, int | float):
        try:
            return int(text) if isinstance(default, int) else float(text)
        except ValueError:
            return text
    return text


def _fill(value: Any, environment: Mapping[str, str], where: str, key: str, mistakes: list[str]) -> Any:
    if isinstance(value, dict):
        return {k: _fill(v, environment, where, f"{key}.{k}".lstrip("."), mistakes) for k, v in value.items()}
    if isinstance(value, list):
        return [_fill(v, environment, where, f"{key}[{i}]", mistakes) for i, v in enumerate(value)]
    if not isinstance(value, str):
        return value if isinstance(value, int | float | bool) else str(value)

    def secret(match: re.Match[str]) -> str:
        found = _secret(match[1], environment)
        if found is None:
            mistakes.append(
                f"{where}: {key}: ${{{match[1]}}} is set neither in the environment nor among systemd's credentials"
            )
        return found or ""

    return REFERENCE.sub(secret, value)


def _secret(name: str, environment: Mapping[str, str]) -> str | None:
    if name in environment:
        return environment[name]
    folder = environment.get("CREDENTIALS_DIRECTORY")
    if not folder:
        return None
    try:
        return (Path(folder) / name).read_text("utf-8").strip()
    except (OSError, UnicodeDecodeError):
        return None


def _sentence(where: str, origins: Mapping[str, str], error: Any) -> str:
    key = ""
    for part in error["loc"]:
        key += f"[{part}]" if isinstance(part, int) else f".{part}" if key else str(part)
    where = origins.get(key, where)
    if error["type"] in {"unexpected_keyword_argument", "extra_forbidden"}:
        return f"{where}: {key}: there is no such key"
    if error["type"] in {"missing", "missing_argument"}:
        return f"{where}: {key}: is missing"
    said = error["msg"].removeprefix("Value error, ")
    said = said.replace("Input should", "should").replace("String should", "should")
    last = error["loc"][-1] if error["loc"] else ""
    found = (
        "" if last in SECRET_KEYS or isinstance(error["input"], dict) else f", found {json.dumps(error['input'])[:80]}"
    )
    return f"{where}: {key}: {said}{found}"


def _contradictions(values: Config) -> Iterator[str]:
    """What no single value shows to be wrong. Rules that do not parse are found by the alerts' own room."""
    names = [channel.name for channel in values.channels]
    yield from (
        f"channels: the name {name!r} is used twice" for name in sorted({n for n in names if names.count(n) > 1})
    )
    for i, channel in enumerate(values.channels):
        if channel.kind == "stdout" and channel.url:
            yield f"channels[{i}].url: a stdout channel has no address"
        if channel.kind != "stdout" and not channel.url:
            yield f"channels[{i}].url: is missing: a channel of kind {channel.kind!r} needs its address"
    rules = [alert.name for alert in values.alerts]
    yield from (f"alerts: the name {name!r} is used twice" for name in sorted({n for n in rules if rules.count(n) > 1}))
    for i, alert in enumerate(values.alerts):
        yield from _contradictions_of_rule(f"alerts[{i}]", alert)
        for name in alert.channels:
            if name not in names:
                yield f"alerts[{i}].channels: no channel is called {name!r} (there are: {', '.join(names) or 'none'})"
    if values.fetching.polls_per_day > MAX_POLLS_PER_DAY and not values.network.static_hosts:
        yield (
            f"fetching.polls_per_day: more than {MAX_POLLS_PER_DAY} (one a minute) is for a newsroom on loopback "
            f"(network.static_hosts), found {values.fetching.polls_per_day}"
        )
    own = [source.id for source in values.sources.own]
    yield from (f"sources.own: the id {one!r} is used twice" for one in sorted({n for n in own if own.count(n) > 1}))


def _contradictions_of_rule(key: str, alert: AlertConfig) -> Iterator[str]:
    if alert.query.strip() and alert.on:
        yield f"{key}.on: a rule is of stories (query) or of sources (on), not of both"
    if not alert.query.strip() and not alert.on:
        yield f"{key}.query: is missing: a rule needs a query (of stories) or on (of sources)"
    if alert.on and not alert.relevant_only:
        yield f"{key}.relevant_only: says something of stories, and this rule is of sources"
    if alert.sources and not alert.on:
        yield f"{key}.sources: belongs to a rule of sources (on); a query names outlets as outlet:NAME"


def effective(loaded: LoadedConfig) -> Iterator[tuple[str, Any, str]]:
    """(dotted key, value to show, where it comes from) for every setting; secrets as ${NAME} or masked."""
    plain = TypeAdapter(Config).dump_python(loaded.values, mode="json")
    written = dict(_leaves(loaded.raw, ""))
    for key, value in _leaves(plain, ""):
        shown = value
        if key.startswith("channels[") and key.rsplit(".", 1)[-1] in SECRET_KEYS and value:
            in_file = str(written.get(key, ""))
            shown = in_file if REFERENCE.fullmatch(in_file) else MASK
        elif key in written and isinstance(written[key], str) and REFERENCE.search(written[key]):
            shown = written[key]
        yield key, shown, loaded.origins.get(key, "default")


def _leaves(value: Any, key: str) -> Iterator[tuple[str, Any]]:
    if isinstance(value, dict) and value:
        for k, v in value.items():
            yield from _leaves(v, f"{key}.{k}".lstrip("."))
    elif isinstance(value, list) and value and isinstance(value[0], dict):
        for i, v in enumerate(value):
            yield from _leaves(v, f"{key}[{i}]")
    else:
        yield key, value
