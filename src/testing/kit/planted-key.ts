import { isModelyardError } from "../../contract/errors.ts";
import { toJsonSchema } from "../../contract/schema.ts";
import { validate } from "../../contract/validate.ts";
import { Skip } from "./check.ts";
import type { Subject } from "./subject.ts";

const keyName = /key|token|secret|password/i;

/** A key that is nobody's, and that stands nowhere by chance. */
const planted = "kit-Zk3vQ9xW7pLm2RtY";

/** The configuration with a key in it: its own, or one of ours where its schema takes one. @throws {Skip} where it takes none */
export function withPlantedKey({ config, definition }: Subject): { config: unknown; key: string } {
  const own = keyIn(config);
  if (own !== undefined) return { config, key: own };
  const schema = toJsonSchema(definition.config, "input");
  const properties = (schema["properties"] ?? {}) as Record<string, { type?: unknown }>;
  const name = Object.keys(properties).find(
    (each) => keyName.test(each) && properties[each]?.type === "string",
  );
  if (name === undefined) throw new Skip("Its configuration takes no key.", { declared: true });
  try {
    const given = { ...(config as object), [name]: planted };
    const changed = validate(definition.config, given, { what: "configuration" });
    return { config: changed, key: planted };
  } catch (error) {
    if (!isModelyardError(error)) throw error;
    throw new Skip(`Its ${name} can't be set beside the rest of its configuration.`, {
      declared: true,
    });
  }
}

function keyIn(config: unknown): string | undefined {
  if (typeof config !== "object" || config === null) return undefined;
  for (const [name, value] of Object.entries(config)) {
    if (typeof value === "string" && keyName.test(name) && value.length >= 6) return value;
    const inner = keyIn(value);
    if (inner !== undefined) return inner;
  }
  return undefined;
}
