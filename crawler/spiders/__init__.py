"""Scrapy at both ends: the monitor's sources as spiders of a Scrapy project, and an operator's own spiders as sources.

    from crawler.spiders import Story      what an operator's spider yields

`door`      the downloader through which every spider asks: the hub, with its guard, robots.txt and politeness
`runner`    an operator's spider, run once as one poll of a source of kind "spider"
`source`    `scrapy list` and `scrapy crawl NAME`: one generic spider, which visits a source as the daemon does
"""

from crawler.spiders.story import Story

__all__ = ["Story"]
