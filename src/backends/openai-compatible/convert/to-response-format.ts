import type { Profile } from "../profiles/profile.ts";

/** What makes a server answer in JSON that a schema allows, in the words it understands. */
export function toResponseFormat(
  schema: Record<string, unknown>,
  { responseFormat, title }: Pick<Profile, "responseFormat" | "title">,
  warn: (message: string) => void,
): Record<string, unknown> {
  switch (responseFormat) {
    case "openai":
      return {
        response_format: { type: "json_schema", json_schema: { name: "answer", schema } },
      };
    case "tgi":
      return { response_format: { type: "json", value: schema } };
    case "json":
      warn(
        `${title} takes no schema: the answer is JSON, but need not be what responseSchema says.`,
      );
      return { response_format: { type: "json_object" } };
  }
}
