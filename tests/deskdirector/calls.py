"""The read and the create that the tests of the client send, and the routes that they reach."""

from connector.deskdirector.client import DeskDirector
from connector.deskdirector.endpoints import CREATE_TICKET, GET_TICKET

PREFIX = "/api/v2/automate/connector"
TICKET, CREATE, FIND = f"GET {PREFIX}/tickets/7", f"POST {PREFIX}/tickets", f"POST {PREFIX}/tickets/find"


async def get(desk: DeskDirector) -> object:
    return (await desk.call(GET_TICKET, path={"ticketId": 7})).json()


async def create(desk: DeskDirector) -> object:
    return (await desk.call(CREATE_TICKET, query={"requestTypeId": 3}, body={"name": "Drucker brennt 🔥"})).json()
