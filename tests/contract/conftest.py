"""The faces that every scenario runs through."""

import httpx2
import pytest

from tests.faces import Face, GraphQLFace, RestFace
from tests.people import Tenant

FACES = {"rest": RestFace, "graphql": GraphQLFace}


@pytest.fixture(params=FACES)
def face(request: pytest.FixtureRequest, client: httpx2.AsyncClient, tenant: Tenant) -> Face:
    """One face, held by an organization's own token."""
    return FACES[request.param](client, tenant.write)


@pytest.fixture
def other_face(face: Face, client: httpx2.AsyncClient, tenant: Tenant) -> Face:
    """The other face of the same organization."""
    other = next(kind for name, kind in FACES.items() if name != face.name)
    return other(client, tenant.write)


@pytest.fixture
def foreign_face(face: Face, client: httpx2.AsyncClient, other_tenant: Tenant) -> Face:
    """The same face, held by another organization."""
    return FACES[face.name](client, other_tenant.write)
