"""Objects with an id, the caller and the caller's organization."""

import strawberry
from strawberry import ID, Parent

from ..operation.caller import Caller, OrganizationView
from .recognition import RowsOf


@strawberry.interface(description="An object that can be refetched by its id.")
class Node:
    """Anything with an id."""

    id: ID = strawberry.field(description="The UUID that REST and the event log use too.")


@strawberry.type(
    description="The tenant that owns appointments; every API token belongs to exactly one."
)
class Organization(Node):
    """The caller's organization."""

    name: str = strawberry.field(description="Display name; the REST field `organization_name`.")

    is_type_of = RowsOf(OrganizationView)


@strawberry.type(description="The caller, derived from the API token.")
class Viewer:
    """The caller, over a Caller."""

    token_name: str = strawberry.field(description="Name of the token.")
    scopes: list[str] = strawberry.field(description="What the token may do.")

    @strawberry.field(description="The caller's organization.")
    def organization(row: Parent[Caller]) -> Organization:
        return row.organization  # type: ignore[return-value]
