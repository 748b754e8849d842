import type { Handlers, Model } from "../contract/backend.ts";
import type { AnyCapability, AnyHandler } from "../contract/capability.ts";

export interface ResolvedHandler {
  readonly handler: AnyHandler;
  /** The capability it is made from, where the backend has none of its own. */
  readonly derivedFrom?: string;
}

/** A model's handler for a capability: the backend's own, else the first that can be derived. Undefined where there is neither. */
export function resolveHandler(
  capability: AnyCapability,
  handlers: Handlers,
  model: Model | undefined,
  /** All that its backend offers, where it is narrowed: what is left out may still be what something is made from. */
  offers?: readonly string[],
): ResolvedHandler | undefined {
  if (offers?.includes(capability.name) === false) return undefined;
  const native = handlerOf(capability.name, handlers, model);
  if (native !== undefined) return { handler: native };
  for (const { from, derive } of capability.derive ?? []) {
    const base = handlerOf(from, handlers, model);
    if (base !== undefined) return { handler: derive(base), derivedFrom: from };
  }
  return undefined;
}

/** Whether a model is shown for a capability, and may be taken for it although nobody named it. */
export function isShownFor(
  { name, shown }: AnyCapability,
  { derivedFrom }: ResolvedHandler,
  asked: readonly string[] | undefined,
): boolean {
  return shown === undefined || derivedFrom === undefined || asked?.includes(name) === true;
}

function handlerOf(
  name: string,
  handlers: Handlers,
  model: Model | undefined,
): AnyHandler | undefined {
  if (
    model?.capabilities !== undefined &&
    !(model.capabilities as readonly string[]).includes(name)
  )
    return undefined;
  return (handlers as Record<string, AnyHandler | undefined>)[name];
}
