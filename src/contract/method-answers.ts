import { z } from "zod";
import { privacyClasses } from "./http/privacy-class.ts";

const figure = z.number().nonnegative().optional();

/** What a backend's own methods may answer, for where its author's types do not hold; fields that nobody reads may be anything. */
export const methodAnswers = {
  healthCheck: z.looseObject({
    status: z.enum(["healthy", "degraded", "unhealthy"]),
    reason: z.string().optional(),
  }),
  listModels: z.array(
    z.looseObject({
      name: z.string().min(1),
      aliases: z.array(z.string()).optional(),
      capabilities: z.array(z.string()).optional(),
      contextTokens: figure,
      sizeBytes: figure,
      memoryBytes: figure,
      installed: z.boolean().optional(),
      loaded: z.boolean().optional(),
      description: z.string().optional(),
      licence: z.string().optional(),
      privacy: z.enum(privacyClasses).optional(),
    }),
  ),
  load: z.looseObject({ memoryBytes: figure }).optional(),
};
