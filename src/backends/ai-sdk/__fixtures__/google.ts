/** A piece of a stream of Gemini's `streamGenerateContent?alt=sse`. */
export function chunk(
  parts: readonly object[],
  { finishReason, usage }: { finishReason?: string; usage?: object } = {},
): object {
  return {
    candidates: [
      {
        content: { parts, role: "model" },
        index: 0,
        ...(finishReason === undefined ? {} : { finishReason }),
      },
    ],
    ...(usage === undefined ? {} : { usageMetadata: usage }),
    modelVersion: "gemini-2.5-flash",
    responseId: "r1",
  };
}

export const usage = {
  promptTokenCount: 20,
  cachedContentTokenCount: 8,
  candidatesTokenCount: 5,
  thoughtsTokenCount: 7,
  totalTokenCount: 32,
};

export const badKey = {
  status: 400,
  body: {
    error: {
      code: 400,
      message: "API key not valid. Please pass a valid API key.",
      status: "INVALID_ARGUMENT",
      details: [
        {
          "@type": "type.googleapis.com/google.rpc.ErrorInfo",
          reason: "API_KEY_INVALID",
          domain: "googleapis.com",
          metadata: { service: "generativelanguage.googleapis.com" },
        },
      ],
    },
  },
};
