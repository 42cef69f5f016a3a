"""What may be asked at all: every spelling of an address that leads where nobody may go."""

from __future__ import annotations

from ipaddress import IPv4Address, IPv6Address, ip_address

import pytest
from hypothesis import given
from hypothesis import strategies as st

from crawler.guard import LONGEST_URL, GuardRules, may_connect, refuse

LOCAL = GuardRules(
    loopback=("127.0.0.81/32",), static_hosts={"news.test": "127.0.0.82:8000", "tls.test:443": "[::1]:8443"}
)


@pytest.mark.parametrize(
    "url",
    [
        "http://outlet.example.am/feed",
        "https://outlet.example.am:443/feed?a=b",
        "https://outlet.example.am:8443/",
        "http://8.8.8.8/",
        "http://[2a00:1450:4001:81b::200e]/",
        "https://հետք.հայ/",
        "https://xn--y9a3aq.xn--y9a3aq/",
        "http://1news.az/",
        "http://24.az./",
    ],
)
def test_public_addresses_may_be_asked(url: str) -> None:
    assert refuse(url) is None


@pytest.mark.parametrize(
    "host",
    [
        *("127.0.0.1", "127.1", "127.0.1", "2130706433", "0x7f000001", "0x7f.0.0.1", "017700000001", "0177.0.0.1"),
        *("127.0.0.1.", "１２７.0.0.1", "127。0。0。1", "127．0．0．1", "①②⑦.0.0.1", "0", "0.0.0.0"),
        *("10.0.0.1", "172.16.0.1", "192.168.1.1", "169.254.169.254", "0xa9fea9fe", "100.64.0.1", "100.100.100.200"),
        *("168.63.129.16", "192.0.0.192", "198.18.0.1", "203.0.113.9", "224.0.0.1", "240.0.0.1", "255.255.255.255"),
        *("[::1]", "[::]", "[::ffff:127.0.0.1]", "[::ffff:7f00:1]", "[0:0:0:0:0:ffff:7f00:0001]", "[::127.0.0.1]"),
        *("[64:ff9b::7f00:1]", "[64:ff9b::a9fe:a9fe]", "[2002:7f00:1::]", "[2001:0:1:1:1:1:80ff:fffe]"),
        *("[fe80::1]", "[fe80::1%25eth0]", "[fc00::1]", "[fd00:ec2::254]", "[fec0::1]", "[ff02::1]", "[2001:db8::1]"),
        *("localhost", "LOCALHOST", "localhost.", "printer.local", "nas.lan", "metadata.google.internal", "intranet"),
        *("a.localhost", "router.home.arpa", "hidden.onion"),
    ],
)
def test_no_spelling_of_a_private_address_may_be_asked(host: str) -> None:
    assert refuse(f"http://{host}/") is not None


@pytest.mark.parametrize(
    ("url", "reason"),
    [
        ("ftp://outlet.am/", "only http and https are asked, not 'ftp'"),
        ("file:///etc/passwd", "only http and https are asked, not 'file'"),
        ("javascript:alert(1)", "only http and https are asked, not 'javascript'"),
        ("data:text/html,x", "only http and https are asked, not 'data'"),
        ("//outlet.am/feed", "only http and https are asked, not 'an address without a scheme'"),
        ("http://me@outlet.am/", "the address carries a user name or password"),
        ("http://outlet.am:secret@10.0.0.1/", "the address carries a user name or password"),
        ("http://@outlet.am/", "the address carries a user name or password"),
        ("http:///feed", "the address names no host"),
        ("http://outlet.am:22/", "port 22 is not asked"),
        ("http://outlet.am:0/", "port 0 is not asked"),
        ("http://outlet.am:99999/", "the address cannot be read"),
        ("http://[::1/", "the address cannot be read"),
        ("http://outlet am/", "the address names no possible host"),
        ("http://outlet.am\\@10.0.0.1/", "the address carries a user name or password"),
        ("http://outlet.am\\.test/", "the address names no possible host"),
        ("http://outlet.am/" + "a" * LONGEST_URL, f"the address is longer than {LONGEST_URL} characters"),
    ],
)
def test_the_reason_is_said(url: str, reason: str) -> None:
    assert refuse(url) == reason


def test_rules_open_single_loopback_networks_and_named_hosts() -> None:
    assert refuse("http://127.0.0.81:4000/", LOCAL) is None
    assert refuse("http://news.test:9999/", LOCAL) is None
    assert refuse("https://tls.test/", LOCAL) is None
    assert refuse("http://127.0.0.82/", LOCAL) is not None
    assert refuse("http://localhost/", LOCAL) is not None
    assert LOCAL.static("news.test", 80) == ("127.0.0.82", 8000)
    assert LOCAL.static("tls.test", 443) == ("::1", 8443)
    assert LOCAL.static("tls.test", 80) is None


@pytest.mark.parametrize(
    "rules",
    [
        {"loopback": ("10.0.0.0/8",)},
        {"loopback": ("0.0.0.0/0",)},
        {"static_hosts": {"news.test": "10.0.0.1:80"}},
        {"static_hosts": {"news.test": "127.0.0.1"}},
        {"static_hosts": {"news.test": "localhost:80"}},
    ],
)
def test_rules_cannot_reach_past_loopback(rules: dict[str, object]) -> None:
    with pytest.raises(ValueError, match=r"network|does not appear"):
        GuardRules(**rules)  # type: ignore[arg-type]


@given(st.text(max_size=200))
def test_any_text_is_judged_without_an_error(text: str) -> None:
    refuse(text)
    refuse(f"http://{text}/")


@given(st.ip_addresses(v=4))
def test_an_address_inside_another_is_judged_by_itself(address: IPv4Address) -> None:
    inner = int(address)
    hiding = [
        IPv6Address(f"::ffff:{address}"),
        IPv6Address(0x0064FF9B << 96 | inner),
    ]
    allowed = may_connect(address, GuardRules())

    assert [may_connect(one, GuardRules()) for one in hiding] == [allowed] * 2
    assert (refuse(f"http://{address}/") is None) == allowed
    assert (refuse(f"http://{inner}/") is None) == allowed
    assert (refuse(f"http://0x{inner:x}/") is None) == allowed


@given(st.ip_addresses())
def test_nothing_private_is_ever_connected_to(address: IPv4Address | IPv6Address) -> None:
    if may_connect(address, GuardRules()):
        address = getattr(address, "ipv4_mapped", None) or address
        assert address.is_global
        assert not any((address.is_private, address.is_loopback, address.is_link_local, address.is_multicast))


def test_the_addresses_of_this_machine_are_not_connected_to() -> None:
    assert not any(may_connect(ip_address(one), GuardRules()) for one in ("127.0.0.1", "::1", "0.0.0.0", "::"))
