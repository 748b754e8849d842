import {
  ModelyardError,
  requestJson,
  warnOfIgnored,
  type ErrorCode,
} from "../../../src/contract/index.ts";
import {
  answer,
  closure,
  lastText,
  overHttp,
  read,
  rightChat,
  say,
  send,
  toBody,
  type PlantedFault,
  type ServerSetup,
} from "./planted-fault.ts";

/** A chat that makes of its server's errors what `change` says. */
function rethrowing(
  change: (error: ModelyardError, about: { prompt: string; setup: ServerSetup }) => unknown,
) {
  return overHttp(
    (setup) =>
      async function* chat(request, context) {
        try {
          yield* read(await send(request, context, setup));
        } catch (error) {
          throw change(error as ModelyardError, { prompt: lastText(request), setup });
        }
      },
  );
}

/** One code for another; all else as it was. */
function recoded(from: (error: ModelyardError) => boolean, to: ErrorCode) {
  return rethrowing((error) =>
    from(error)
      ? new ModelyardError(to, error.message, { retryAfterMs: error.retryAfterMs })
      : error,
  );
}

const status = (error: ModelyardError) => error.details?.["status"];

/** Faults that show when something goes wrong elsewhere, and in what becomes of a request. */
export const wrongFailures: readonly PlantedFault[] = [
  {
    name: "changes its request",
    caughtBy: "requests/unchanged",
    definition: closure({
      chat(request, context) {
        const { messages: _, ...rest } = request;
        warnOfIgnored(rest, context);
        request.messages.push({ role: "user", content: [{ type: "text", text: "more" }] });
        return say(answer);
      },
    }),
  },
  {
    name: "swallows parameters in silence",
    caughtBy: "requests/parameters",
    definition: overHttp(
      (setup) =>
        async function* silent(request, context) {
          yield* read(await send({ messages: request.messages }, context, setup));
        },
    ),
  },
  {
    name: "declares what it does not do",
    caughtBy: "requests/declared",
    definition: overHttp(
      (setup) =>
        async function* drops(request, context) {
          const { temperature: _, ...rest } = request;
          yield* read(await send(rest, context, setup));
        },
      undefined,
      { parameters: { chat: { temperature: "honoured" } } },
    ),
  },
  {
    name: "throws a string",
    caughtBy: "errors/thrown",
    also: ["errors/bad-request"],
    definition: rethrowing((error) => (status(error) === 400 ? "it went wrong" : error)),
  },
  {
    name: "takes a refused key for any error",
    caughtBy: "errors/unauthorized",
    definition: recoded((error) => status(error) === 401, "backend-error"),
  },
  {
    name: "takes “too many requests” for any error",
    caughtBy: "errors/rate-limited",
    definition: recoded((error) => status(error) === 429, "backend-error"),
  },
  {
    name: "forgets how long to wait",
    caughtBy: "errors/retry-after",
    definition: rethrowing((error) => new ModelyardError(error.code, error.message)),
  },
  {
    name: "gives up where its server fails for a moment",
    caughtBy: "errors/server-error",
    definition: recoded((error) => status(error) === 500, "invalid-request"),
  },
  {
    name: "has a wrong request repeated",
    caughtBy: "errors/bad-request",
    definition: recoded((error) => status(error) === 400, "backend-error"),
  },
  {
    name: "takes a server that is away for a fault of its own",
    caughtBy: "errors/unreachable",
    definition: recoded(({ code }) => code === "backend-unavailable", "internal"),
    also: ["errors/server-error"],
  },
  {
    name: "never recovers from a failure",
    caughtBy: "errors/recovers",
    definition: overHttp((setup) => {
      let failure: unknown;
      return async function* chat(request, context) {
        if (failure !== undefined) throw failure;
        try {
          yield* read(await send(request, context, setup));
        } catch (error) {
          // Of a server that is away, or says so, it thinks better.
          if (status(error as ModelyardError) === 500) failure = error;
          throw error;
        }
      };
    }),
    // After the first failure every other error is that one.
    options: { only: ["errors/recovers"] },
  },
  {
    name: "repeats on its own, for ever",
    caughtBy: "errors/no-own-retry",
    definition: overHttp(
      (setup) =>
        async function* stubborn(request, context) {
          for (let tries = 1; ; tries += 1) {
            try {
              return yield* read(await send(request, context, setup));
            } catch (error) {
              if (status(error as ModelyardError) !== 503 || tries === 50) throw error;
            }
          }
        },
    ),
  },
  {
    name: "quotes its key in an error",
    caughtBy: "errors/no-secret",
    definition: overHttp(
      (setup) =>
        async function* tells(request, context) {
          try {
            // Its key is sent under a name that nobody can guess.
            const body = { ...toBody(request, context.model), me: setup.config.apiKey };
            const { apiKey: _, ...config } = setup.config;
            yield* read(await send(request, context, { ...setup, config }, body));
          } catch (error) {
            const { code, message, retryAfterMs } = error as ModelyardError;
            const said = `${message} (with ${setup.config.apiKey})`;
            throw new ModelyardError(code, said, { retryAfterMs });
          }
        },
    ),
  },
  {
    name: "quotes the prompt in an error",
    caughtBy: "errors/no-prompt",
    definition: rethrowing(
      ({ code, message, retryAfterMs }, { prompt }) =>
        new ModelyardError(code, `${message} It was asked: ${prompt}`, { retryAfterMs }),
    ),
  },
  {
    name: "reads its list of models without looking",
    caughtBy: "errors/start-and-list",
    definition: overHttp(rightChat, ({ config, fetch }) => ({
      async listModels() {
        const response = await requestJson(fetch, `${config.baseUrl}/v1/models`);
        const { data } = (await response.json()) as { data: { id: string }[] };
        return data.map(({ id }) => ({ name: id }));
      },
    })),
  },
  {
    name: "can't be started again once its start has failed",
    caughtBy: "errors/start-and-list",
    definition: overHttp(rightChat, ({ config, fetch }) => {
      let started: Promise<unknown> | undefined;
      return {
        initialize: async () =>
          void (await (started ??= requestJson(fetch, `${config.baseUrl}/v1/models`))),
      };
    }),
  },
  {
    name: "decodes each piece by itself, and drops split characters",
    caughtBy: "unicode-and-size/split-characters",
    definition: overHttp(
      (setup) =>
        async function* splits(request, context) {
          const response = await send(request, context, setup);
          let rest = "";
          let isEnded = false;
          for await (const piece of response.body!) {
            rest += new TextDecoder().decode(piece);
            const events = rest.split("\n\n");
            rest = events.pop()!;
            for (const event of events) {
              const data = event.replace("data: ", "");
              if (data === "[DONE]") continue;
              const { choices } = JSON.parse(data) as {
                choices: { delta: { content?: string }; finish_reason?: string }[];
              };
              const [choice] = choices;
              if (choice?.delta.content) yield { type: "text-delta", text: choice.delta.content };
              isEnded ||= typeof choice?.finish_reason === "string";
            }
          }
          if (isEnded) yield { type: "finish", reason: "stop", usage: {} };
        },
    ),
  },
  {
    name: "sends ASCII alone",
    caughtBy: "unicode-and-size/sent-whole",
    definition: overHttp(
      (setup) =>
        async function* ascii(request, context) {
          const body = JSON.stringify(toBody(request, context.model)).replace(/\P{ASCII}/gu, "?");
          yield* read(await send(request, context, setup, JSON.parse(body) as object));
        },
    ),
  },
  {
    name: "cuts a large input in silence",
    caughtBy: "unicode-and-size/large-input",
    definition: overHttp(
      (setup) =>
        async function* cuts(request, context) {
          const text = lastText(request).slice(0, 100_000);
          const messages = [{ role: "user", content: text }];
          yield* read(
            await send(request, context, setup, { ...toBody(request, context.model), messages }),
          );
        },
    ),
  },
];
