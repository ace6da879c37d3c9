"""The GraphQL documents that are measured; the floor recognises exactly these texts.
`operations.py` sends them with variables, `floor/` answers them without a GraphQL engine."""

PARTICIPANT = "id uniqueId displayName role accessLink"

DETAIL = f"""
    id
    title
    startDateTime
    durationMinutes
    status
    config {{
      breakoutRoomsEnabled
      whiteboardEnabled
      chatEnabled
      joinScreenEnabled
      screenshareEnabled
      raiseHandEnabled
    }}
    participants {{ nodes {{ {PARTICIPANT} }} }}
    createdAt
    updatedAt
"""

LISTED = f"""
    totalCount
    pageInfo {{ hasNextPage }}
    nodes {{
      id
      title
      startDateTime
      durationMinutes
      status
      participantCount
      organization {{ name }}
      createdAt
      participants {{ nodes {{ {PARTICIPANT} }} }}
    }}
"""

ONE = f"query One($id: ID!) {{\n  appointment(id: $id) {{{DETAIL}  }}\n}}"

PAGE = f"""query Page($from: DateTime!, $until: DateTime!) {{
  appointments(first: 20, filter: {{ startsFrom: $from, startsUntil: $until }}) {{{LISTED}  }}
}}"""

NEXT = """query Next($after: String!) {
  appointments(first: 20, after: $after) {
    pageInfo { hasNextPage endCursor }
    nodes { id title startDateTime durationMinutes status }
  }
}"""

CREATE = f"""mutation Create($input: NewAppointment!) {{
  createAppointment(input: $input) {{
    __typename
    ... on AppointmentCreated {{ appointment {{{DETAIL}    }} }}
    ... on ValidationFailed {{ message fields {{ path code message }} }}
  }}
}}"""
