"""Runs a Functions app here: Microsoft's worker library in process, and the rules of the Functions host around it."""

from connector.localhost.config import HostError
from connector.localhost.process import LocalHost
from connector.localhost.server import serve

__all__ = ["HostError", "LocalHost", "serve"]
