// A capability of one's own, and a made-up backend that has it: a tool, a route, a command and a library call by this file alone.
import { defineBackend, defineCapability, ModelyardError, z } from "modelyard/backend";

const transcription = defineCapability({
  name: "transcription",
  description: "Turn speech into text.",
  names: { tool: "transcribe", route: "/v1/transcribe", verb: "transcribe" },
  request: z.strictObject({
    audio: z.base64().describe("the recording, in base64"),
    mediaType: z.string().default("audio/wav").describe("what the recording is"),
  }),
  output: z.object({ text: z.string() }),
  result: z.object({ text: z.string() }),
  text: { input: "audio", ofResult: ({ text }) => text },
  collect: (output) => output,
});

declare module "modelyard/backend" {
  interface CapabilityMap {
    transcription: typeof transcription;
  }
}

const parrot = defineBackend({
  type: "parrot",
  config: z.strictObject({}),
  sends: "nothing",
  create: () => ({
    capabilities: {
      async transcription({ audio, mediaType }) {
        const bytes = Buffer.from(audio, "base64").length;
        if (bytes === 0) throw new ModelyardError("invalid-request", "The recording is empty.");
        return { text: `It heard ${bytes} bytes of ${mediaType}.` };
      },
    },
  }),
});

export default [transcription, parrot];
