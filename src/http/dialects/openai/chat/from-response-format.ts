import { invalidField, readObject } from "../../invalid-field.ts";

/** The JSON Schema that an answer must fit; undefined where text is wanted. @throws ModelyardError `invalid-request` */
export function fromResponseFormat(format: unknown): object | undefined {
  if (format === undefined || format === null) return undefined;
  const { type, json_schema: named } = readObject(format, "response_format");
  if (type === "text") return undefined;
  if (type === "json_object") return { type: "object" };
  if (type === "json_schema") {
    const at = "response_format.json_schema";
    return readObject(readObject(named, at)["schema"], `${at}.schema`);
  }
  throw invalidField("response_format.type", 'Must be "text", "json_object" or "json_schema".');
}
