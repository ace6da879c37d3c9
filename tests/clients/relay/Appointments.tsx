import { graphql, useLazyLoadQuery, usePaginationFragment } from "react-relay";
import type { AppointmentsPageQuery } from "./__generated__/AppointmentsPageQuery.graphql";
import type { AppointmentsQuery } from "./__generated__/AppointmentsQuery.graphql";
import type { Appointments_page$key } from "./__generated__/Appointments_page.graphql";

export function Appointments({ person, first = 20 }: { person: string; first?: number }) {
  const query = useLazyLoadQuery<AppointmentsQuery>(
    graphql`
      query AppointmentsQuery($person: String!, $first: Int) {
        ...Appointments_page @arguments(person: $person, first: $first)
      }
    `,
    { person, first },
  );
  const { data, hasNext, loadNext } = usePaginationFragment<AppointmentsPageQuery, Appointments_page$key>(
    graphql`
      fragment Appointments_page on Query
      @argumentDefinitions(person: { type: "String!" }, first: { type: "Int" }, after: { type: "String" })
      @refetchable(queryName: "AppointmentsPageQuery") {
        appointments(filter: { participantUniqueId: $person }, first: $first, after: $after)
          @connection(key: "Appointments_appointments", filters: ["filter"]) {
          edges {
            node {
              id
              title
              version
            }
          }
        }
      }
    `,
    query,
  );
  return (
    <ul>
      {data.appointments.edges.map(({ node }) => (
        <li key={node.id} data-appointment={node}>
          {node.title}
        </li>
      ))}
      {hasNext && <button onClick={() => loadNext(first)}>More</button>}
    </ul>
  );
}
