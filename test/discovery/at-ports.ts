import type { AnyBackendDefinition } from "../../src/contract/backend.ts";

/** The same kinds, looked for at other ports: kind → ports, none where it is left out. */
export function atPorts(
  definitions: readonly AnyBackendDefinition[],
  ports: (kind: string) => readonly number[],
): AnyBackendDefinition[] {
  return definitions.map(({ discover, ...definition }) => ({
    ...definition,
    ...(discover && {
      discover: discover.map((each) => ({
        name: each.name,
        ports: ports(each.name),
        recognise: each.recognise.bind(each),
      })),
    }),
  }));
}
