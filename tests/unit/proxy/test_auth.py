"""An API key in a header becomes a caller, or a sentence that says what to do."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from proxy.auth import Caller, authenticate, require
from proxy.errors import AuthenticationError, PermissionDeniedError
from proxy.store.store import Store


@pytest.fixture
async def store(tmp_path: Path) -> AsyncIterator[Store]:
    store = await Store.open(f"sqlite:///{tmp_path}/presscheck.db")
    yield store
    await store.close()


@pytest.mark.parametrize("header", ["Bearer {}", "bearer {}", "BEARER   {}  "])
async def test_knows_a_caller_by_its_key(store: Store, header: str) -> None:
    key, secret = await store.create_key("laptop", "marketing", "strict", ["check", "review"])
    caller = await authenticate(header.format(secret), store)
    assert caller == Caller(key.id, "marketing", "strict", frozenset({"check", "review"}))


@pytest.mark.parametrize(
    "header", [None, "", "Bearer", "Bearer ", "Basic dXNlcjpwYXNz", "{secret}", "Token {secret}"]
)
async def test_asks_for_a_key_and_says_how_to_create_one(store: Store, header: str | None) -> None:
    _, secret = await store.create_key("laptop", "marketing", None)
    with pytest.raises(AuthenticationError, match="presscheck keys create") as caught:
        await authenticate(header and header.format(secret=secret), store)
    assert "Authorization: Bearer psk_" in caught.value.message
    assert (caught.value.status, caught.value.code) == (401, "invalid_api_key")
    assert caught.value.headers == {"www-authenticate": "Bearer"}


async def test_says_the_same_of_an_unknown_and_a_revoked_key(store: Store) -> None:
    key, secret = await store.create_key("laptop", "marketing", None)
    await store.revoke_key(key.id)
    messages = set()
    for wrong in (secret, "psk_unknown", "sk-of-another-product", "p\u00fcsk\ud800"):
        with pytest.raises(AuthenticationError) as caught:
            await authenticate(f"Bearer {wrong}", store)
        messages.add(caught.value.message)
    assert len(messages) == 1
    assert "unknown or was revoked" in messages.pop()


def test_names_the_scope_that_a_key_lacks() -> None:
    caller = Caller("key_1", "marketing", None, frozenset({"check", "generate"}))
    require(caller, "check")
    with pytest.raises(PermissionDeniedError) as caught:
        require(caller, "review")
    assert caught.value.status == 403
    assert caught.value.message == (
        "This needs the scope 'review', and your key has: check, generate. An operator creates a "
        "key that has it with `presscheck keys create --team marketing --scope review`."
    )
