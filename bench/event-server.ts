import { once } from "node:events";
import http from "node:http";
import { setImmediate as turn } from "node:timers/promises";

/**
 * An upstream that streams: as many chunks of a chat as `max_tokens` says, one write an event-loop turn, as servers send tokens. In a
 * process of its own, so that its work is not counted. It tells its parent when a reader leaves: `{ closedAt }`, in milliseconds since 1970.
 */
const head = { id: "chatcmpl-1", object: "chat.completion.chunk", created: 1, model: "bench" };
const chunk = (delta: object, finish_reason: string | null = null) =>
  `data: ${JSON.stringify({ ...head, choices: [{ index: 0, delta, logprobs: null, finish_reason }] })}\n\n`;

const server = http.createServer(async (request, response) => {
  let body = "";
  for await (const part of request) body += part;
  if (request.method === "GET") return void response.writeHead(404).end("{}");
  const { max_tokens: count = 1 } = JSON.parse(body) as { max_tokens?: number };
  response.writeHead(200, { "content-type": "text/event-stream" });
  response.on("close", () => {
    if (!response.writableFinished)
      process.send?.({ closedAt: performance.timeOrigin + performance.now() });
  });
  for (let index = 0; index < count && !response.destroyed; index++) {
    if (!response.write(chunk({ content: ` token${index}` })))
      await Promise.race([once(response, "drain"), once(response, "close")]);
    await turn();
  }
  const usage = { prompt_tokens: 10, completion_tokens: count, total_tokens: count + 10 };
  response.write(chunk({}, "stop"));
  response.end(`data: ${JSON.stringify({ ...head, choices: [], usage })}\n\ndata: [DONE]\n\n`);
});

server.listen(0, "127.0.0.1", () => {
  const address = server.address();
  if (typeof address === "object") process.send?.({ port: address?.port });
});
process.on("disconnect", () => process.exit());
