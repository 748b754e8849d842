import { ModelyardError } from "../contract/errors.ts";
import type { Caller } from "./api.ts";

/** Whether a caller may ask the model of this name: an alias, or `backend/model`. What an alias stands for needs no leave of its own. */
export function mayAsk(caller: Caller | undefined, name: string): boolean {
  return caller?.models === undefined || caller.models.includes(name);
}

/** @throws ModelyardError `forbidden` where the caller is held to other models */
export function checkCaller(caller: Caller | undefined, name: string): void {
  if (mayAsk(caller, name)) return;
  const names = caller?.models ?? [];
  throw new ModelyardError(
    "forbidden",
    `The key ${JSON.stringify(caller?.name)} may not ask ${JSON.stringify(name)}.`,
    {
      model: name,
      remedy: `It may ask ${names.length === 0 ? "no model" : names.join(", ")}; server.keys of the configuration says so.`,
    },
  );
}
