import type { AnyBackendDefinition, Model } from "../../contract/backend.ts";
import { builtInCapabilities } from "../../contract/capabilities.ts";
import type { AnyCapability } from "../../contract/capability.ts";
import { validate } from "../../contract/validate.ts";
import { Skip } from "./check.ts";
import { openBackend, type KitLimits, type OpenedBackend } from "./open-backend.ts";
import { createRecordings } from "./recordings.ts";
import { sampleRequest, plainText, toHandlerRequest } from "./sample-request.ts";

export interface SubjectOptions {
  /** Its own keys, as they stand in the configuration; `{}` where left out. */
  readonly config?: object | undefined;
  /** The same as its schema gave it, where somebody has asked it already. */
  readonly parsedConfig?: unknown;
  /** The model to ask: one for all capabilities, or one for each. The first that it lists where left out. */
  readonly models?: string | Readonly<Record<string, string>> | undefined;
  /** Capabilities beside those that are built in. */
  readonly capabilities?: readonly AnyCapability[] | undefined;
  /** What to ask, by capability, where the smallest request that its schema allows is not one that can be answered. */
  readonly requests?: Readonly<Record<string, object>> | undefined;
  /** How long one answer may take, in milliseconds; 10,000 where left out. */
  readonly timeoutMs?: number | undefined;
  /** The folder of the configuration. */
  readonly directory?: string | undefined;
}

export interface OpenOptions {
  /** Under which it is configured; its type where left out. */
  readonly name?: string;
  readonly config?: unknown;
}

/** What a check works with: a kind of backend, and how to make one and ask it. Each check has its own. */
export interface Subject {
  readonly definition: AnyBackendDefinition;
  /** As its schema gives it. */
  readonly config: unknown;
  readonly limits: KitLimits;
  /** Those that it has a handler for. */
  readonly capabilities: readonly AnyCapability[];
  /** Capabilities that it streams. */
  readonly streaming: readonly AnyCapability[];
  /** Whether it says that nothing is sent. */
  readonly sendsNothing: boolean;
  /** Makes one; closed when the check has ended. */
  open(options?: OpenOptions): OpenedBackend;
  /** The model that serves a capability. @throws {Skip} where none that is listed has it */
  modelFor(capability: AnyCapability): Promise<string>;
  /** A request as a handler receives it. */
  request(capability: AnyCapability, text?: string, fields?: object): unknown;
}

/** What all checks of one backend share. */
export interface Bench {
  readonly capabilities: readonly AnyCapability[];
  /** Runs a check's work with a subject of its own, and closes what it opened. @throws {Skip} where no capability is left */
  lend<Value>(work: (subject: Subject) => Promise<Value>): Promise<Value>;
  /** Leaves a capability out from now on: it does not answer at all, and every other check would say so again. */
  leaveOut(name: string): void;
}

/** @throws ModelyardError `invalid-config` where its schema refuses the configuration, and what `create` throws */
export function createBench(definition: AnyBackendDefinition, options: SubjectOptions = {}): Bench {
  const { config: given = {}, requests = {}, timeoutMs = 10_000, directory, models } = options;
  const limits = { answerMs: timeoutMs, startMs: 60_000, settleMs: Math.min(1_500, timeoutMs) };
  const config =
    options.parsedConfig ??
    validate(definition.config, given, {
      what: `configuration of ${definition.type}`,
      code: "invalid-config",
    });
  const recordings = createRecordings();
  let listed: Promise<readonly Model[]> | undefined;

  const open = ({ name = definition.type, config: own = config }: OpenOptions = {}) =>
    openBackend({
      definition,
      config: own,
      name,
      directory,
      limits,
      recordings: recordings.forBackend(),
    });

  async function list(): Promise<readonly Model[]> {
    const one = open();
    try {
      return (
        (await one.call("listModels()", (each) =>
          each.listModels?.(AbortSignal.timeout(limits.answerMs)),
        )) ?? []
      );
    } catch {
      return []; // a check of its own says what is wrong with it
    } finally {
      await one.close();
    }
  }

  const known = [...builtInCapabilities, ...(options.capabilities ?? [])] as AnyCapability[];
  const handlers = Object.keys(open().backend.capabilities);
  const capabilities = known.filter(({ name }) => handlers.includes(name));

  async function modelFor({ name }: AnyCapability): Promise<string> {
    const named = typeof models === "string" ? models : models?.[name];
    if (typeof models === "object" && named !== undefined) return named;
    const all = await (listed ??= list());
    const can = ({ capabilities: own }: Model) =>
      own === undefined || (own as readonly string[]).includes(name);
    const asked = all.find((each) => each.name === named || each.aliases?.includes(named ?? ""));
    if (named !== undefined && (asked === undefined || can(asked))) return named;
    const first = all.find((each) => can(each) && each.installed !== false)?.name;
    const own = (definition.defaults as Record<string, string> | undefined)?.[name];
    if (first !== undefined || own !== undefined || all.length === 0)
      return first ?? own ?? "default";
    throw new Skip(`No model that is here can do ${name}.`);
  }

  const leftOut = new Set<string>();
  const shared = {
    definition,
    config,
    limits,
    sendsNothing: sendsOf(definition, config) === "nothing",
    modelFor,
    request(capability: AnyCapability, text = plainText, fields: object = {}) {
      const sample = sampleRequest(capability, text, requests[capability.name]);
      // A conversation takes the place of a sample's prompt.
      if ("messages" in fields) delete sample["prompt"];
      return toHandlerRequest(capability, { ...sample, ...fields });
    },
  };

  return {
    capabilities,
    leaveOut: (name) => void leftOut.add(name),
    async lend(work) {
      const left = capabilities.filter(({ name }) => !leftOut.has(name));
      if (left.length === 0 && capabilities.length > 0)
        throw new Skip("None of its capabilities answers.", { declared: true });
      const streaming = left.filter(({ event }) => event !== undefined);
      const opened: OpenedBackend[] = [];
      const openOwn: Subject["open"] = (own) => {
        const backend = open(own);
        opened.push(backend);
        return backend;
      };
      try {
        return await work({ ...shared, capabilities: left, streaming, open: openOwn });
      } finally {
        await Promise.all(opened.map((each) => each.close()));
      }
    },
  };
}

/** How it sends, as its definition says. */
export function sendsOf({ sends }: AnyBackendDefinition, config: unknown): string {
  return (typeof sends === "function" ? sends(config as never) : sends) ?? "guarded";
}
