"""The pages: what is cached, what falls back to the index, and what never leaves its folder."""

import shutil

import pytest

from gateway.pages import NOT_BUILT
from tests.gateway.conftest import ASSET, INDEX

pytestmark = pytest.mark.servers


@pytest.mark.parametrize("path", ["/", "/login", "/calls", "/calls/8c2f", "/call/shop", "/desk", "/index.html"])
def test_the_pages_addresses_show_the_index_and_ask_again(house, path):
    answer = house.client().get(path)
    assert (answer.status_code, answer.text) == (200, INDEX)
    assert answer.headers["content-type"].startswith("text/html")
    assert answer.headers["cache-control"] == "no-cache"


def test_hashed_assets_are_kept_for_ever_and_others_are_not(house):
    asset = house.client().get(f"/{ASSET}")
    assert asset.headers["cache-control"] == "public, max-age=31536000, immutable"
    assert "javascript" in asset.headers["content-type"]
    assert house.client().get("/favicon.svg").headers["cache-control"] == "no-cache"


def test_a_missing_file_is_missing_and_not_the_index(house):
    answer = house.client().get("/assets/index-00000000.js")
    assert (answer.status_code, answer.json()["code"]) == (404, "not_found")


@pytest.mark.parametrize(
    "path",
    ["/../secret.txt", "/%2e%2e/secret.txt", "/assets/../../secret.txt", "/..%2fsecret.txt", "//etc/passwd",
     "/assets/%2e%2e%2f%2e%2e%2fsecret.txt", "/%00", "/etc/passwd", "/" + "a" * 5000, "/link.txt"],
)  # fmt: skip
def test_nothing_outside_of_the_folder_is_served(house, pages_dir, path):
    link = pages_dir / "link.txt"
    if not link.is_symlink():
        link.symlink_to(pages_dir.parent / "secret.txt")
    answer = house.client().get(path)
    assert "not for you" not in answer.text
    assert "root:" not in answer.text
    assert answer.status_code in (200, 404)
    assert answer.status_code == 404 or answer.text == INDEX


def test_head_tells_the_same_without_the_page(house):
    answer = house.client().head("/")
    assert (answer.status_code, answer.content) == (200, b"")


def test_without_a_build_the_page_says_how_to_make_one(house, pages_dir):
    aside = pages_dir.with_name("aside")
    shutil.move(pages_dir, aside)
    try:
        answer = house.client().get("/login")
        assert (answer.status_code, answer.text) == (503, NOT_BUILT)
        assert "make web" in answer.text
        assert house.client().get("/healthz").status_code == 200
    finally:
        shutil.move(aside, pages_dir)
