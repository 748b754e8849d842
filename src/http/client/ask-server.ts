import { isModelyardError, ModelyardError, type ErrorCode } from "../../contract/errors.ts";
import { readEvents } from "../../contract/http/read-events.ts";
import type { Progress } from "../../contract/progress.ts";
import type {
  BackendEntry,
  ConfigurationStatus,
  Gateway,
  ModelEntry,
  PulledModel,
} from "../../gateway/api.ts";

/** What a running server is asked for in a gateway's words. */
export type AskedServer = Pick<
  Gateway,
  "models" | "backends" | "pull" | "unload" | "configuration"
> & {
  /** Where it listens: `http://127.0.0.1:4600`. */
  readonly url: string;
};

/** A gateway that runs in another process, behind the port of its server. Its errors are those that it would throw here. */
export function askServer(url: string, key: string | undefined): AskedServer {
  const authorization = key === undefined ? {} : { authorization: `Bearer ${key}` };

  async function send(path: string, init: RequestInit = {}): Promise<Response> {
    const { signal } = init;
    try {
      const headers = { ...authorization, ...(init.headers as Record<string, string>) };
      const response = await fetch(url + path, { ...init, headers, redirect: "error" });
      if (!response.ok) throw toError((await response.json()) as ErrorAnswer, key);
      return response;
    } catch (error) {
      throw explain(error, signal);
    }
  }

  function explain(error: unknown, signal?: AbortSignal | null): unknown {
    if (signal?.aborted === true) return signal.reason;
    if (isModelyardError(error)) return error;
    return new ModelyardError("backend-unavailable", `The server at ${url} did not answer.`, {
      cause: error,
      remedy: "It may have been stopped just now: try again.",
    });
  }

  function post(path: string, body: object, signal?: AbortSignal): Promise<Response> {
    return send(path, {
      method: "POST",
      headers: { "content-type": "application/json" },
      body: JSON.stringify(body),
      ...(signal === undefined ? {} : { signal }),
    });
  }

  async function get<Answer>(path: string, signal?: AbortSignal): Promise<Answer> {
    const response = await send(path, signal === undefined ? {} : { signal });
    return (await response.json()) as Answer;
  }

  return {
    url,

    async models({ capability, health = false, signal } = {}) {
      const query = new URLSearchParams({
        ...(capability === undefined ? {} : { capability }),
        ...(health ? { health: "true" } : {}),
      });
      return (await get<{ models: ModelEntry[] }>(`/api/models?${query}`, signal)).models;
    },

    async backends({ health = false, signal } = {}) {
      const path = `/api/backends${health ? "?health=true" : ""}`;
      return (await get<{ backends: BackendEntry[] }>(path, signal)).backends;
    },

    async pull(model, { sha256, signal, onProgress } = {}) {
      const response = await post("/api/pull", { model, sha256 }, signal);
      try {
        for await (const { event, data } of readEvents(response)) {
          if (event === "progress") onProgress?.(JSON.parse(data) as Progress);
          if (event === "done") return JSON.parse(data) as PulledModel;
          if (event === "error") throw toError(JSON.parse(data) as ErrorAnswer, key);
        }
      } catch (error) {
        throw explain(error, signal);
      }
      throw explain(new Error("The stream ended early."), signal);
    },

    async unload(model) {
      await post("/api/unload", { model });
    },

    configuration: () => get<ConfigurationStatus>("/api/config"),
  };
}

interface ErrorAnswer {
  readonly error: { readonly code: ErrorCode; readonly message: string };
}

/** Its message says already what to do. */
function toError(
  { error: { code, message } }: ErrorAnswer,
  key: string | undefined,
): ModelyardError {
  const remedy =
    code === "unauthorized"
      ? `Set MODELYARD_KEY to ${key === undefined ? "a" : "another"} key of the server.`
      : "";
  return ModelyardError.fromJSON({ code, message, remedy });
}
