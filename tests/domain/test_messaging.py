"""Delivery reports come twice and out of order."""

from domain.messaging import DeliveryState


def test_only_what_goes_on_is_news():
    assert DeliveryState.DELIVERED.follows(DeliveryState.SENT)
    assert DeliveryState.FAILED.follows(DeliveryState.SENT)
    assert not DeliveryState.SENT.follows(DeliveryState.DELIVERED)
    assert not DeliveryState.READ.follows(DeliveryState.READ)
