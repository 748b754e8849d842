import type { CommandContext } from "./command-context.ts";
import type { AskedServer } from "./services.ts";

/** What answers a command: a server that runs, or the command's own gateway. */
export type Answerer = Omit<AskedServer, "url">;

/** The server that runs on the configuration's address, which standard error tells; where none does, the command acts by itself. */
export async function asked(context: CommandContext): Promise<Answerer> {
  const { offline } = context.options;
  // What may be fetched is the server's own affair.
  const server = offline === true ? undefined : await context.services.findServer(context.source);
  if (server === undefined) return context.gateway;
  context.note(`Asked the server at ${server.url}.`);
  return server;
}

/** Whether a name means a file or an address, which is for this process to read: a server would look for it from where it runs. */
export function isForHere(model: string): boolean {
  return /^(https?:\/\/|file:|\.{0,2}[/\\]|~[/\\]|[a-z]:[/\\])/i.test(model);
}
