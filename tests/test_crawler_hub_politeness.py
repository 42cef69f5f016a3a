"""How often and how close together a host is asked, counted at the host; what its robots.txt says."""

from __future__ import annotations

import asyncio
import itertools
import time
from pathlib import Path

import pytest

from crawler.hub import Hub
from crawler.wire import Fetched, FetchFailure, FetchRequest
from scheduler.newsroom.server import Answer, Asked, LoopbackServer
from tests.fakes import FEED, answering, failure, fetch_from, fetched, run_hub, until


class TestPoliteness:
    @pytest.mark.parametrize("per_site", [1, 3])
    def test_a_host_sees_its_limit_reached_and_never_passed(self, per_site: int) -> None:
        with LoopbackServer(lambda _: Answer(200, wait=0.1)) as server:

            async def story(hub: Hub) -> None:
                await asyncio.gather(*(hub.fetch(FetchRequest(url=f"{FEED}/{n}")) for n in range(3 * per_site)))

            run_hub(story, static_hosts={"news.test": server.place}, per_site=per_site)

        assert server.most_at_once == per_site

    def test_all_hosts_together_see_the_total_reached_and_never_passed(self) -> None:
        with LoopbackServer(lambda _: Answer(200, wait=0.1)) as server:

            async def story(hub: Hub) -> None:
                await asyncio.gather(*(hub.fetch(FetchRequest(url=f"http://h{n}.test/")) for n in range(8)))

            hosts = {f"h{n}.test": server.place for n in range(8)}
            run_hub(story, static_hosts=hosts, concurrency=3)

        assert server.most_at_once == 3

    def test_requests_to_one_host_begin_the_delay_apart_and_others_do_not_wait(self) -> None:
        began: dict[str, list[float]] = {"a.test": [], "b.test": []}

        def respond(asked: Asked) -> Answer:
            began[asked.host].append(time.monotonic())
            return Answer(200)

        with LoopbackServer(respond) as server:

            async def story(hub: Hub) -> None:
                urls = [f"http://{host}/{n}" for host in began for n in range(4)]
                await asyncio.gather(*(hub.fetch(FetchRequest(url=url)) for url in urls))

            hosts = dict.fromkeys(began, server.place)
            run_hub(story, static_hosts=hosts, delay_seconds=0.15, per_site=2, obey_robots=False)

        for times in began.values():
            gaps = [later - earlier for earlier, later in itertools.pairwise(times)]
            assert min(gaps) > 0.12  # the server's clock starts at accepting, which may come a little late
        assert abs(began["a.test"][0] - began["b.test"][0]) < 0.12

    @pytest.mark.parametrize(
        "answer", [Answer(429, headers={"Retry-After": "3600"}), Answer(503, headers={"Retry-After": "3600"})]
    )
    def test_one_address_that_asks_to_wait_speaks_for_its_site_and_for_all_runs(
        self, answer: Answer, tmp_path: Path
    ) -> None:
        urls = ["http://example.org/a", "http://example.org/b", "http://feeds.example.org/c", "http://other.test/"]
        kinds: list[str] = []

        async def story(hub: Hub) -> None:
            for url in urls:
                got = await hub.fetch(FetchRequest(url=url))
                kinds.append(str(got.status) if isinstance(got, Fetched) else got.kind)

        with LoopbackServer(lambda asked: answer if asked.host == "example.org" else Answer(200)) as server:
            hosts = dict.fromkeys(["example.org", "feeds.example.org", "other.test"], server.place)
            for _run in range(2):
                run_hub(story, static_hosts=hosts, obey_robots=False, slots_folder=tmp_path / "sites")

        first = str(answer.status)
        assert kinds == [first, "held", "held", "200", "held", "held", "held", "200"]
        assert [asked.path for asked in server.asked] == ["/a", "/", "/"]

    def test_a_403_or_500_of_one_address_says_nothing_of_the_others(self) -> None:
        statuses = iter([403, 500, 503, 200])

        async def story(hub: Hub) -> list[int]:
            return [fetched(await hub.fetch(FetchRequest(url=f"{FEED}/{n}"))).status for n in range(4)]

        with LoopbackServer(lambda _: Answer(next(statuses))) as server:
            assert run_hub(story, static_hosts={"news.test": server.place}, obey_robots=False) == [403, 500, 503, 200]


class TestRobots:
    RULES = b"User-agent: *\nDisallow: /private\n"

    def test_what_robots_txt_forbids_is_not_asked(self) -> None:
        respond = answering(Answer(200), robots=Answer(200, self.RULES))
        with LoopbackServer(respond) as server:
            got = failure(fetch_from(server, FetchRequest(url="http://news.test/private/1")))
            asked = [one.path for one in server.asked]

        assert (got.kind, asked) == ("robots", ["/robots.txt"])
        assert got.detail == "http://news.test/private/1: robots.txt of news.test does not allow it"

    def test_it_can_be_switched_off(self) -> None:
        async def story(hub: Hub) -> Fetched | FetchFailure:
            return await hub.fetch(FetchRequest(url="http://news.test/private/1"))

        with LoopbackServer(answering(Answer(200), robots=Answer(200, self.RULES))) as server:
            got = run_hub(story, static_hosts={"news.test": server.place}, obey_robots=False)

        assert fetched(got).status == 200

    def test_many_at_once_ask_for_it_once_and_it_is_kept(self) -> None:
        with LoopbackServer(answering(Answer(200), robots=Answer(200, self.RULES, wait=0.1))) as server:

            async def story(hub: Hub) -> None:
                for _ in range(2):
                    await asyncio.gather(*(hub.fetch(FetchRequest(url=f"{FEED}/{n}")) for n in range(5)))

            run_hub(story, static_hosts={"news.test": server.place}, per_site=5)
            asked = [one.path for one in server.asked]

        assert asked.count("/robots.txt") == 1
        assert len(asked) == 11

    def test_one_who_gives_up_does_not_take_it_from_the_others(self) -> None:
        with LoopbackServer(answering(Answer(200), robots=Answer(200, self.RULES, wait=0.2))) as server:

            async def story(hub: Hub) -> Fetched | FetchFailure:
                first = asyncio.ensure_future(hub.fetch(FetchRequest(url=FEED)))
                second = asyncio.ensure_future(hub.fetch(FetchRequest(url=FEED)))
                await until(lambda: bool(server.asked))
                first.cancel()
                return await second

            assert fetched(run_hub(story, static_hosts={"news.test": server.place})).status == 200

    @pytest.mark.parametrize(
        ("robots", "kind"),
        [
            (Answer(404), None),
            (Answer(403), None),
            (Answer(410), None),
            (Answer(500), "robots"),
            (Answer(503), "robots"),
            (Answer(429), "robots"),
            (Answer(200, b"<html>not a robots.txt</html>"), None),
            (Answer(200, b"\xef\xbb\xbfUser-agent: *\nDisallow: /"), "robots"),
            (Answer(301, headers={"Location": "/rules"}), None),
            (Answer(301, headers={"Location": "/robots.txt"}), None),
            (Answer(301, headers={"Location": "http://127.0.0.1:22/"}), "robots"),
            (Answer(200, b"x" * 2_000_000), "robots"),
        ],
        ids=[
            "404",
            "403",
            "410",
            "500",
            "503",
            "429",
            "html",
            "mark",
            "moved",
            "loop",
            "to where nobody may go",
            "huge",
        ],
    )
    def test_statuses_mean_what_rfc_9309_says(self, robots: Answer, kind: str | None) -> None:
        got = fetch_from(answering(Answer(200), robots=robots))

        assert (got.kind if isinstance(got, FetchFailure) else None) == kind

    def test_crawl_delay_is_kept(self) -> None:
        began: list[float] = []

        def respond(asked: Asked) -> Answer:
            if asked.path == "/robots.txt":
                return Answer(200, b"User-agent: karabakh-monitor\nCrawl-delay: 0.3\n")
            began.append(time.monotonic())
            return Answer(200)

        with LoopbackServer(respond) as server:

            async def story(hub: Hub) -> None:
                await asyncio.gather(*(hub.fetch(FetchRequest(url=f"{FEED}/{n}")) for n in range(3)))

            run_hub(story, static_hosts={"news.test": server.place}, per_site=3)

        assert min(began[1] - began[0], began[2] - began[1]) > 0.25

    def test_the_pages_of_a_dead_host_share_one_failure(self) -> None:
        with LoopbackServer(lambda _: Answer(200, wait=30)) as server:

            async def story(hub: Hub) -> list[Fetched | FetchFailure]:
                return [await hub.fetch(FetchRequest(url=f"{FEED}/{n}", timeout=0.2)) for n in range(4)]

            got = run_hub(story, static_hosts={"news.test": server.place})
            asked = [one.path for one in server.asked]

        assert [failure(one).kind for one in got] == ["timeout"] * 4
        assert asked == ["/robots.txt"]
