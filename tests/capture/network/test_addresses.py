from __future__ import annotations

import pytest

from capture.network.addresses import WebAddress, shown_address
from common.errors import SourceError


@pytest.mark.parametrize(
    ("spec", "shown"),
    [
        ("rtsp://admin:s3cret@cam:554/door?token=s3cret", "rtsp://cam:554/door?token=…"),
        ("rtsp://admin:s3cret/s3cret?s3cret@cam/1", "rtsp://cam/1"),
        ("rtsp://admin:s3cret@s3cret@cam/1", "rtsp://cam/1"),
        ("http://s3cret@cam/", "http://cam/"),
        ("http://cam/x?user=a@b&pwd=s3cret", "http://cam/x?user=…&pwd=…"),
        ("http://cam/x?PassWord=s3cret&channel=1", "http://cam/x?PassWord=…&channel=1"),
        ("http://cam/x?loginuse=admin&loginpas=s3cret", "http://cam/x?loginuse=…&loginpas=…"),
        ("http://cam/x?unheard=s3cret", "http://cam/x?unheard=…"),
        ("http://cam/x?s3cret", "http://cam/x?…"),
        ("http://cam/x?channel=s3cret%20s3cret", "http://cam/x?channel=…"),
        ("http://cam/x#s3cret", "http://cam/x#…"),
        (
            "rtsp://cam/user=admin_password=s3cret_channel=1_stream=0.sdp",
            "rtsp://cam/user=…_password=…_channel=1_stream=0.sdp",
        ),
        ("http://cam/p%61ssword%3Ds3cret/1", "http://cam/password=…/1"),
        ("rtsps://cam:7441/s3cretAbCdEf1234", "rtsps://cam:7441/…"),
        ("rtsp:/admin:s3cret@cam/1", "rtsp:/…@cam/1"),
        ("admin:s3cret@cam/1", "…@cam/1"),
        ("cam/x?password=s3cret", "cam/x?password=…"),
    ],
)
def test_what_is_secret_is_hidden_wherever_it_stands(spec: str, shown: str) -> None:
    assert "s3cret" not in shown
    assert shown_address(spec) == shown


@pytest.mark.parametrize(
    "spec",
    [
        "0",
        "demo",
        "demo:/films/a.png",
        "/films/a:b/c@d.mp4",
        r"C:\films\a.mp4",
        "rtsp://[::1]:554/Streaming/channels/101",
        "http://cam/axis-cgi/jpg/image.cgi?resolution=640x480&camera=2",
        "http://cam/snap.jpg?channel=1&subtype=0",
    ],
)
def test_what_tells_which_camera_it_is_stays(spec: str) -> None:
    assert shown_address(spec) == spec


def test_an_address_in_its_parts() -> None:
    address = WebAddress.parse("http://ad%40min:p%3Ass@Cam.lan:8080/a b?c=ü")
    assert (address.host, address.port, address.target) == ("cam.lan", 8080, "/a%20b?c=%C3%BC")
    assert (address.user, address.password) == ("ad@min", "p:ss")
    assert WebAddress.parse("https://cam").port == 443


@pytest.mark.parametrize("url", ["http://", "http://admin:s3cret/x@cam/", "http://a:99999/", "x"])
def test_what_is_no_address_is_refused_without_being_quoted(url: str) -> None:
    with pytest.raises(SourceError) as caught:
        WebAddress.parse(url)
    assert "s3cret" not in str(caught.value)


@pytest.mark.parametrize(
    ("other", "trusted"),
    [
        ("http://cam/y", True),
        ("https://cam/y", True),
        ("http://cam:81/y", False),
        ("http://other/y", False),
    ],
)
def test_only_the_same_host_is_trusted(other: str, trusted: bool) -> None:
    assert WebAddress.parse("http://cam/x").trusts(WebAddress.parse(other)) is trusted


def test_nothing_follows_from_https_to_http() -> None:
    assert not WebAddress.parse("https://cam/").trusts(WebAddress.parse("http://cam/"))
