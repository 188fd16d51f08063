"""How values become payloads: our dataclasses by pydantic, then encrypted under the call's key.

codec = EncryptionCodec(keys)
client = await connect(address, namespace, codec)       # every process has one of each
"""

from __future__ import annotations

import dataclasses

from temporalio.client import Client
from temporalio.contrib.pydantic import pydantic_data_converter
from temporalio.converter import DataConverter, DefaultFailureConverterWithEncodedAttributes

from domain.ports import KeyRing
from workflows.codec import EncryptionCodec


def data_converter(codec: EncryptionCodec) -> DataConverter:
    """Failure messages and stack traces are moved into payloads too, so the codec encrypts them."""
    return dataclasses.replace(
        pydantic_data_converter,
        payload_codec=codec,
        failure_converter_class=DefaultFailureConverterWithEncodedAttributes,
    )


def codec_of(client: Client, keys: KeyRing) -> EncryptionCodec:
    """The codec that the client was made with; one of its own for a client that encrypts nothing."""
    codec = client.data_converter.payload_codec
    return codec if isinstance(codec, EncryptionCodec) else EncryptionCodec(keys)


async def connect(address: str, namespace: str, codec: EncryptionCodec) -> Client:
    """Raises RuntimeError when Temporal does not answer at `address`."""
    return await Client.connect(address, namespace=namespace, data_converter=data_converter(codec))
