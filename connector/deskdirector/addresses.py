"""Which network addresses may be called: public ones only, whatever a name resolves to.

A name that passes the suffix check can still point at our own network (a custom domain is in foreign DNS). The
resolver here checks each address, and the connection is made to exactly the addresses that were checked.
"""

import ipaddress
import socket
from collections.abc import Collection
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from aiohttp.abc import AbstractResolver, ResolveResult

# Forms that carry an IPv4 address inside an IPv6 one, and so reach where the IPv4 address would not be let: mapped and
# compatible addresses, NAT64, Teredo, 6to4 and its relay.
_WRAPPED = [
    ipaddress.ip_network(block)
    for block in (
        "::/96",
        "::ffff:0:0/96",
        "64:ff9b::/96",
        "64:ff9b:1::/48",
        "2001::/32",
        "2002::/16",
        "192.88.99.0/24",
    )
]

# Azure answers platform requests (DHCP, DNS, health, the guest agent) on this address, which looks public but is not.
_AZURE_PLATFORM = ipaddress.ip_address("168.63.129.16")


class AddressRefusedError(OSError):
    """The name resolves to an address that must not be called."""


class NameNotFoundError(OSError):
    """The name does not exist; unlike a resolver that does not answer, asking again will not help."""


def is_public(text: str) -> bool:
    """Whether `text` is an address on the public internet: not private, shared, local, multicast or reserved."""
    try:
        address = ipaddress.ip_address(text.partition("%")[0])
    except ValueError:
        return False
    if address.is_multicast or address.is_reserved or address.is_unspecified or not address.is_global:
        return False
    if isinstance(address, ipaddress.IPv6Address) and address.is_site_local:
        return False
    return address != _AZURE_PLATFORM and not any(
        address in block for block in _WRAPPED if block.version == address.version
    )


def guarded_resolver(exempt: Collection[tuple[str, int]]) -> "AbstractResolver":
    """An aiohttp resolver that refuses a name with any non-public address, except for these host and port pairs.

    Raises `AddressRefusedError` or `NameNotFoundError`; another `OSError` means that no answer came.
    """
    from aiohttp import ThreadedResolver
    from aiohttp.abc import AbstractResolver

    class GuardedResolver(AbstractResolver):
        def __init__(self) -> None:
            self._resolver = ThreadedResolver()

        async def resolve(
            self, host: str, port: int = 0, family: socket.AddressFamily = socket.AF_UNSPEC
        ) -> "list[ResolveResult]":
            try:
                addresses = await self._resolver.resolve(host, port, family)
            except socket.gaierror as problem:
                if problem.errno in (socket.EAI_NONAME, socket.EAI_NODATA):
                    raise NameNotFoundError(problem.errno, "the name does not exist") from None
                raise
            if (host, port) not in exempt and not all(is_public(address["host"]) for address in addresses):
                raise AddressRefusedError("the name resolves to an address that is not public")
            return addresses

        async def close(self) -> None:
            await self._resolver.close()

    return GuardedResolver()
