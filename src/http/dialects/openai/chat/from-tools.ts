import { invalidField, readList, readObject, readText } from "../../invalid-field.ts";

/** A tool without parameters takes an empty object. */
const noParameters = { type: "object", properties: {} };

/** Tools as the contract has them; undefined where there are none. @throws ModelyardError `invalid-request` */
export function fromTools(tools: unknown, warnings: string[]): object[] | undefined {
  if (tools === undefined || tools === null) return undefined;
  return readList(tools, "tools").map((given, index) => {
    const at = `tools[${index}]`;
    const tool = readObject(given, at);
    if (tool["type"] !== "function")
      throw invalidField(`${at}.type`, 'Only tools of type "function" are supported.');
    const declared = readObject(tool["function"], `${at}.function`);
    if (declared["strict"] === true)
      warnings.push(`${at}.function.strict was ignored: arguments are checked by nobody.`);
    const description = declared["description"] ?? undefined;
    return {
      name: readText(declared["name"], `${at}.function.name`),
      ...(description === undefined
        ? {}
        : { description: readText(description, `${at}.function.description`) }),
      inputSchema: readObject(declared["parameters"] ?? noParameters, `${at}.function.parameters`),
    };
  });
}

/** Which tool is to be called; undefined where it was left out. @throws ModelyardError `invalid-request` */
export function fromToolChoice(choice: unknown): unknown {
  if (choice === undefined || choice === null) return undefined;
  if (choice === "auto" || choice === "none" || choice === "required") return choice;
  const chosen = readObject(choice, "tool_choice");
  if (chosen["type"] !== "function") {
    throw invalidField(
      "tool_choice.type",
      'Must be "function"; or tool_choice is "auto", "none" or "required".',
    );
  }
  const { name } = readObject(chosen["function"], "tool_choice.function");
  return { toolName: readText(name, "tool_choice.function.name") };
}
