import {
  acceptedContent,
  completable,
  inputRequired,
  ResourceTemplate,
  type McpServer,
} from "@modelcontextprotocol/server";
import { z } from "zod";
import type { McpExtension } from "../../src/mcp/server-factory.ts";
import { contentTools } from "./content-tools.ts";
import { inputRequiredTools, named, question, stateCodec } from "./input-required-tools.ts";
import { pushTools } from "./push-tools.ts";
import { redPixel } from "./sample-media.ts";

/** What the official suite wants to find on a server, added to the product's own through its one seam. */
export const conformanceExtension: McpExtension = {
  tools: [...contentTools, ...pushTools, ...inputRequiredTools],
  capabilities: { resources: { listChanged: true, subscribe: true } },
  options: { requestState: { verify: stateCodec.verify } },
  register(server) {
    registerResources(server);
    registerPrompts(server);
    // Nothing is ever updated: that a client may ask is all the suite looks for.
    server.server.setRequestHandler("resources/subscribe", () => ({}));
    server.server.setRequestHandler("resources/unsubscribe", () => ({}));
  },
};

function registerResources(server: McpServer): void {
  const fixed = [
    { uri: "test://static-text", text: "This is the content of the static text resource." },
    { uri: "test://watched-resource", text: "Watch me." },
  ];
  for (const { uri, text } of fixed) {
    const mimeType = "text/plain";
    server.registerResource(uri, uri, { mimeType, description: "A text." }, async () => ({
      contents: [{ uri, mimeType, text }],
    }));
  }
  const binary = "test://static-binary";
  server.registerResource(binary, binary, { mimeType: "image/png" }, async () => ({
    contents: [{ uri: binary, mimeType: "image/png", blob: redPixel }],
  }));
  server.registerResource(
    "test template",
    new ResourceTemplate("test://template/{id}/data", { list: undefined }),
    { mimeType: "application/json" },
    async (uri, { id }) => ({
      contents: [
        {
          uri: uri.toString(),
          mimeType: "application/json",
          text: JSON.stringify({ id, templateTest: true, data: `Data for ID: ${String(id)}` }),
        },
      ],
    }),
  );
}

const word = completable(z.string(), (start) =>
  ["paris", "park", "party"].filter((each) => each.startsWith(start ?? "")),
);
const twoWords = z.object({ arg1: word, arg2: z.string() });
const description = "A fixture.";
const oneUri = z.object({ resourceUri: z.string() });

function registerPrompts(server: McpServer): void {
  server.registerPrompt("test_simple_prompt", { description }, async () => ({
    messages: [said("This is a simple prompt for testing.")],
  }));
  server.registerPrompt(
    "test_prompt_with_arguments",
    { description, argsSchema: twoWords },
    async ({ arg1, arg2 }) => ({
      messages: [said(`Prompt with arguments: arg1='${arg1}', arg2='${arg2}'`)],
    }),
  );
  server.registerPrompt(
    "test_prompt_with_embedded_resource",
    { description, argsSchema: oneUri },
    async ({ resourceUri: uri }) => ({
      messages: [
        {
          role: "user",
          content: {
            type: "resource",
            resource: {
              uri,
              mimeType: "text/plain",
              text: "Embedded resource content for testing.",
            },
          },
        },
        said("Please process the embedded resource above."),
      ],
    }),
  );
  server.registerPrompt("test_prompt_with_image", { description }, async () => ({
    messages: [
      { role: "user", content: { type: "image", data: redPixel, mimeType: "image/png" } },
      said("Please analyze the image above."),
    ],
  }));
  server.registerPrompt(
    "test_input_required_result_prompt",
    { description },
    async ({ mcpReq }) => {
      const given = acceptedContent(mcpReq.inputResponses, "user_context", named("context"));
      return given === undefined
        ? inputRequired({
            inputRequests: {
              user_context: question("What context should the prompt use?", "context"),
            },
          })
        : { messages: [said(`The context is ${given["context"]}.`)] };
    },
  );
}

function said(text: string) {
  return { role: "user" as const, content: { type: "text" as const, text } };
}
