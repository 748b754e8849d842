import http from "node:http";
import { eventsPerSecond, textOf } from "./paced-text.ts";

/**
 * An upstream whose streams come as models write them: so many events a second, each stream's own. In a process of its own, so that its
 * work is not counted. The last message says which stream it is; `max_tokens`, how many events.
 */
const server = http.createServer(async (request, response) => {
  let body = "";
  for await (const part of request.setEncoding("utf8")) body += String(part);
  response.setHeader("content-type", "application/json");
  if (request.method === "GET") return void response.end('{"data":[{"id":"paced"}]}');
  const { max_tokens: count, messages } = JSON.parse(body) as {
    max_tokens: number;
    messages: { content: string }[];
  };
  stream(response, messages.at(-1)?.content ?? "", count);
});
server.listen(0, "127.0.0.1", () => {
  const address = server.address();
  if (typeof address === "object") process.send?.({ port: address?.port });
});
process.on("disconnect", () => process.exit());

function stream(response: http.ServerResponse, name: string, count: number): void {
  const head = { id: "chatcmpl-1", object: "chat.completion.chunk", created: 1, model: "paced" };
  const chunk = (delta: object, finish_reason: string | null) =>
    `data: ${JSON.stringify({ ...head, choices: [{ index: 0, delta, finish_reason }] })}\n\n`;
  response.writeHead(200, { "content-type": "text/event-stream" });
  let index = 0;
  const timer = setInterval(() => {
    if (index < count) {
      response.write(chunk({ content: textOf(name, index) }, null));
      index++;
      return;
    }
    clearInterval(timer);
    response.end(`${chunk({}, "stop")}data: [DONE]\n\n`);
  }, 1000 / eventsPerSecond);
  response.once("close", () => clearInterval(timer));
}
