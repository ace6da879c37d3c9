import type { TypedDocumentString } from "../generated/text/graphql";

export type Execute = <Result, Variables>(
  document: TypedDocumentString<Result, Variables>,
  variables: Variables,
) => Promise<Result>;

/** Connects to the service; what is returned executes a document, or throws. */
export function connect(url: string, token: string, signOut: () => void): Execute {
  return async (document, variables) => {
    const response = await fetch(`${url}/graphql`, {
      method: "POST",
      headers: {
        Authorization: `Bearer ${token}`,
        "Content-Type": "application/json",
        Accept: "application/graphql-response+json",
      },
      body: JSON.stringify({ query: document.toString(), variables }),
    });
    const { data, errors } = await response.json();
    if (response.status === 401) signOut();
    if (errors) throw new Error(errors.map(({ message }: Error) => message).join("\n"));
    return data;
  };
}
