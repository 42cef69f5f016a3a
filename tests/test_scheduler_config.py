"""config.toml: every mistake at once, secrets that never show, overrides from the environment."""

from __future__ import annotations

from pathlib import Path

import pytest
from pydantic import TypeAdapter

from scheduler.config import Config
from scheduler.config_file import effective, load_config
from scheduler.config_place import ConfigError

ROOT = Path(__file__).resolve().parents[1]


def written(folder: Path, text: str) -> Path:
    path = folder / "config.toml"
    path.write_text(text, "utf-8")
    return path


def mistakes_of(path: Path | None, environment: dict[str, str] | None = None) -> list[str]:
    with pytest.raises(ConfigError) as caught:
        load_config(path, environment or {})
    return caught.value.mistakes


def test_the_shipped_file_states_every_default() -> None:
    shipped = load_config(ROOT / "config.toml", {})

    assert shipped.values == Config()


def test_the_shipped_file_names_every_key() -> None:
    text = (ROOT / "config.toml").read_text("utf-8")
    plain = TypeAdapter(Config).dump_python(Config(), mode="json")
    keys = {key for section in plain.values() if isinstance(section, dict) for key in section}
    missing = {key for key in keys if f"\n{key} = " not in text and f"[[sources.{key}]]" not in text}

    assert missing == set()


def test_all_mistakes_are_reported_at_once_with_file_and_key(tmp_path: Path) -> None:
    path = written(
        tmp_path,
        """
        [fetching]
        polls_per_day = "often"
        colour = 1
        [keep]
        other_days = -1
        [schedule]
        zone = "Mars/Olympus"
        [[channels]]
        name = "desk"
        kind = "pigeon"
        """,
    )
    mistakes = mistakes_of(path)

    assert len(mistakes) == 5
    assert all(one.startswith(f"{path}: ") for one in mistakes)
    text = "\n".join(mistakes)
    for part in (
        'fetching.polls_per_day: should be a valid integer, found "often"',
        "fetching.colour: there is no such key",
        "keep.other_days: should be greater than or equal to 0, found -1",
        "schedule.zone: expected an IANA time zone",
        "channels[0].kind",
    ):
        assert part in text


@pytest.mark.parametrize(
    ("text", "part"),
    [
        pytest.param("storage = ", "is not TOML", id="not TOML"),
        pytest.param('[[channels]]\nname = "a"\nkind = "webhook"\n', "channels[0].url: is missing", id="no address"),
        pytest.param(
            '[[channels]]\nname = "a"\nkind = "stdout"\nurl = "x"\n', "a stdout channel has no address", id="stdout"
        ),
        pytest.param(
            '[[channels]]\nname = "a"\nkind = "stdout"\n' * 2, "the name 'a' is used twice", id="a channel twice"
        ),
        pytest.param(
            '[[alerts]]\nname = "x"\nquery = "y"\nchannels = ["nobody"]\n',
            "no channel is called 'nobody'",
            id="channel",
        ),
    ],
)
def test_what_contradicts_itself_is_said(tmp_path: Path, text: str, part: str) -> None:
    assert part in "\n".join(mistakes_of(written(tmp_path, text)))


def test_a_missing_file_is_one_sentence(tmp_path: Path) -> None:
    (said,) = mistakes_of(tmp_path / "none.toml")

    assert said.startswith(f"{tmp_path / 'none.toml'}: there is no such file")


def test_the_environment_overrides_single_values() -> None:
    loaded = load_config(None, {"KARABAKH_FETCHING_POLLS_PER_DAY": "24", "KARABAKH_FETCHING_OBEY_ROBOTS": "no"})

    assert (loaded.values.fetching.polls_per_day, loaded.values.fetching.obey_robots) == (24, False)
    assert ("fetching.polls_per_day", 24, "KARABAKH_FETCHING_POLLS_PER_DAY") in list(effective(loaded))


def test_an_unknown_variable_is_an_error_unless_the_file_refers_to_it(tmp_path: Path) -> None:
    (said,) = mistakes_of(None, {"KARABAKH_FETCHING_POLS": "1"})
    path = written(tmp_path, '[[channels]]\nname = "a"\nkind = "webhook"\nurl = "${KARABAKH_DESK}"\n')
    loaded = load_config(path, {"KARABAKH_DESK": "http://127.0.0.1/x"})

    assert said.startswith("KARABAKH_FETCHING_POLS: no setting has this name")
    assert loaded.values.channels[0].url == "http://127.0.0.1/x"


def test_a_wrong_variable_is_named_instead_of_the_file() -> None:
    (said,) = mistakes_of(None, {"KARABAKH_FETCHING_POLLS_PER_DAY": "many"})

    assert said.startswith("KARABAKH_FETCHING_POLLS_PER_DAY: fetching.polls_per_day: should be a valid integer")


def test_secrets_come_from_systemd_too_and_are_never_shown(tmp_path: Path) -> None:
    (tmp_path / "DESK_URL").write_text("http://127.0.0.1/token-1\n", "utf-8")
    path = written(
        tmp_path,
        '[[channels]]\nname = "a"\nkind = "webhook"\nurl = "${DESK_URL}"\nsecret = "plain-2"\n',
    )
    loaded = load_config(path, {"CREDENTIALS_DIRECTORY": str(tmp_path)})
    shown = {key: value for key, value, _ in effective(loaded)}

    assert loaded.values.channels[0].url == "http://127.0.0.1/token-1"
    assert (shown["channels[0].url"], shown["channels[0].secret"]) == ("${DESK_URL}", "********")
    assert not any("token-1" in str(value) or "plain-2" in str(value) for value in shown.values())


def test_a_secret_that_is_nowhere_is_named_and_its_key_too(tmp_path: Path) -> None:
    mistakes = mistakes_of(written(tmp_path, '[[channels]]\nname = "a"\nkind = "webhook"\nurl = "${NOWHERE}"\n'))

    assert any("channels[0].url: ${NOWHERE} is set neither in the environment nor" in one for one in mistakes)


def test_a_wrong_secret_is_not_printed(tmp_path: Path) -> None:
    path = written(tmp_path, '[[channels]]\nname = "a"\nkind = "webhook"\nurl = 7\nsecret = "s3cret"\nsecret2 = ""\n')

    assert not any("s3cret" in one for one in mistakes_of(path))


def test_more_polls_than_one_a_minute_are_for_loopback_alone(tmp_path: Path) -> None:
    (said,) = mistakes_of(written(tmp_path, "[fetching]\npolls_per_day = 20000\n"))
    loaded = load_config(
        written(tmp_path, '[fetching]\npolls_per_day = 20000\n[network]\nstatic_hosts = {"a.test" = "127.0.0.1:80"}\n'),
        {},
    )

    assert "fetching.polls_per_day" in said
    assert loaded.values.fetching.polls_per_day == 20000
