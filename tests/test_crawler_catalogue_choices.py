"""The operator's choices over the catalogue: sources switched on and off, and sources of their own."""

from __future__ import annotations

import pytest

from crawler.catalogue import Catalogue, CatalogueError, OwnSource, load_catalogue
from storage.records import Route, SourceRow
from topic import fold

CATALOGUE = load_catalogue()


def enabled(catalogue: Catalogue, **lists: tuple[str, ...]) -> set[str]:
    return {one.id for one in catalogue.source_rows(**lists) if one.enabled}


SHIPPED_ON = enabled(CATALOGUE)
SWITCHES: dict[str, tuple[dict[str, tuple[str, ...]], set[str], set[str]]] = {
    "a source on": ({"on": ("armenpress-fr",)}, {"armenpress-fr"}, set()),
    "an outlet on": ({"on": ("eurasianet", "mediamax")}, {"mediamax-en", "mediamax-hy"}, set()),
    "a source off": ({"off": ("tass-ru",)}, set(), {"tass-ru"}),
    "an outlet off": ({"off": ("tass",)}, set(), {"tass-ru", "tass-en"}),
    "a source goes before its outlet": ({"off": ("tass",), "on": ("tass-en",)}, set(), {"tass-ru"}),
}


@pytest.mark.parametrize(("lists", "more", "less"), SWITCHES.values(), ids=SWITCHES)
def test_the_operators_lists_switch_sources(lists: dict[str, tuple[str, ...]], more: set[str], less: set[str]) -> None:
    assert enabled(CATALOGUE, **lists) == (SHIPPED_ON | more) - less


def test_only_what_is_named_is_polled_when_something_is() -> None:
    assert enabled(CATALOGUE, only=("hetq", "tass-ru")) == {"hetq-en", "hetq-hy", "tass-ru"}
    assert enabled(CATALOGUE, only=("mediamax",)) == {"mediamax-en", "mediamax-hy"}
    assert enabled(CATALOGUE, only=("hetq",), off=("hetq-hy",), on=("armenpress-fr",)) == {"hetq-en"}


def test_an_id_that_nobody_has_is_reported_with_those_near_it() -> None:
    with pytest.raises(CatalogueError) as error:
        CATALOGUE.source_rows(on=("armenpres",), off=("zzzzzzzzzz",))

    assert error.value.mistakes[0].startswith(
        "sources.on: 'armenpres' is no source or outlet of the catalogue; near it: armenpress"
    )
    assert error.value.mistakes[1] == "sources.off: 'zzzzzzzzzz' is no source or outlet of the catalogue"


def test_what_is_in_both_lists_is_a_mistake() -> None:
    with pytest.raises(CatalogueError, match="'hetq' is in both on and off"):
        CATALOGUE.source_rows(on=("hetq",), off=("hetq",))


BLOG = OwnSource(
    id="blog-feed",
    url="https://blog.test/feed.xml",
    kind="feed",
    outlet="blog",
    name="Our Blog",
    side="Georgia/regional",
    languages=("en",),
    zone="Asia/Tbilisi",
)


def test_an_own_source_brings_its_outlet_and_is_polled() -> None:
    catalogue = CATALOGUE.with_own((BLOG,))

    outlet = catalogue.outlets[-1]
    assert (outlet.id, outlet.name, outlet.zone, outlet.hosts) == ("blog", "Our Blog", "Asia/Tbilisi", ("blog.test",))
    assert enabled(catalogue) == SHIPPED_ON | {"blog-feed"}
    assert enabled(catalogue, only=("blog",)) == {"blog-feed"}
    assert catalogue.rules()["blog"].credits[fold("Our Blog")] == "blog"
    assert catalogue.sources[-1].ship == "own"


def test_an_own_source_of_a_known_outlet_needs_nothing_else() -> None:
    own = OwnSource(id="hetq-extra", url="https://hetq.am/en/extra", kind="section", outlet="hetq")

    added: SourceRow = CATALOGUE.with_own((own,)).sources[-1]

    assert (added.outlet, added.languages, added.enabled) == ("hetq", ("en", "hy", "ru"), True)


OWN_MISTAKES: dict[str, tuple[dict[str, object], str]] = {
    "nothing said of a new outlet": (
        {"name": "", "side": "", "languages": ()},
        "outlet 'blog' is not in the catalogue, so name, side, languages must be given",
    ),
    "side": ({"side": "East"}, "side: 'East' is not one of Armenia, "),
    "kind": ({"kind": "telegram"}, "kind: 'telegram' is not one of feed, "),
    "kind with options": ({"kind": "embedded-json"}, "'hits' is missing; kind embedded-json needs it"),
    "address": ({"url": "blog.test/feed"}, "url: 'blog.test/feed' is no address"),
    "address of the catalogue": ({"url": "https://hetq.am/en/rss"}, "is the source hetq-en; switch that on"),
    "id of the catalogue": ({"id": "hetq-en"}, "the catalogue has a source of that id"),
    "language": ({"languages": ("english",)}, "languages: 'english' is no BCP 47 language"),
}


OWN_MISTAKES |= {
    "address of a route": (
        {"routes": (Route(kind="feed", url="blog.test"),)},
        "routes 1.url: 'blog.test' is no address",
    ),
    "kind of a route": (
        {"routes": (Route(kind="x", url="https://b.test"),)},
        "routes 1.kind: 'x' is not one of feed, ",
    ),
    "options of a route": (
        {"routes": (Route(kind="embedded-json", url="https://b.test"),)},
        "routes 1.options: 'hits' is missing; kind embedded-json needs it",
    ),
    "route of another source": (
        {"routes": (Route(kind="feed", url="https://hetq.am/en/rss"),)},
        "routes 1.url: https://hetq.am/en/rss is a source or another route already",
    ),
}


@pytest.mark.parametrize(("changes", "said"), OWN_MISTAKES.values(), ids=OWN_MISTAKES)
def test_a_mistake_in_an_own_source_names_it(changes: dict[str, object], said: str) -> None:
    values = {name: getattr(BLOG, name) for name in BLOG.__dataclass_fields__} | changes

    with pytest.raises(CatalogueError) as error:
        CATALOGUE.with_own((OwnSource(**values),))

    assert any(one.startswith(f"sources.own {values['id']}: ") and said in one for one in error.value.mistakes)


def test_two_own_sources_share_an_outlet_that_the_first_describes() -> None:
    second = OwnSource(id="blog-ru", url="https://blog.test/ru.xml", kind="feed", outlet="blog", languages=("ru",))

    catalogue = CATALOGUE.with_own((BLOG, second))

    assert [one.id for one in catalogue.sources if one.outlet == "blog"] == ["blog-feed", "blog-ru"]
