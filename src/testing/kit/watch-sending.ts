import { subscribe, unsubscribe } from "node:diagnostics_channel";
import { isAuthor } from "./author-code.ts";
import { placeInStack } from "./find-place.ts";
import { checkAtWork } from "./stray-errors.ts";
import { isConnection, watchResources } from "./watch-resources.ts";

/** Something that the author's code has sent, or begun to send, around the `fetch` that it is given. */
export interface OwnSending {
  readonly what: string;
  readonly to: string;
  where(module?: string): string | undefined;
}

/** A request over a connection that is there already opens none. */
const channels = [
  "undici:request:create",
  "http.client.request.start",
  "http.client.request.created",
];

interface SendingMessage {
  readonly request?: { readonly origin?: string | URL; readonly host?: string };
}

export function watchSending(): { sent(): readonly OwnSending[]; stop(): void } {
  const resources = watchResources();
  const requests: OwnSending[] = [];
  const own = checkAtWork();
  const onRequest = (message: unknown) => {
    if (!isAuthor() || (checkAtWork() ?? own) !== own) return;
    const { request } = message as SendingMessage;
    const { stack = "" } = new Error("here");
    requests.push({
      what: "a request",
      to: String(request?.origin ?? request?.host ?? "an address"),
      where: (module) => placeInStack(stack, module),
    });
  };
  for (const channel of channels) subscribe(channel, onRequest);
  return {
    sent: () => [
      ...requests,
      ...resources.made.filter(isConnection).map(({ what, to = "an address", where }) => ({
        what: `a ${what}`,
        to,
        where,
      })),
    ],
    stop() {
      resources.stop();
      for (const channel of channels) unsubscribe(channel, onRequest);
    },
  };
}
