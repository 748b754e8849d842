import type { AnyCapability } from "../../../contract/capability.ts";
import type { Check } from "../check.ts";
import { chatChecks } from "./chat.ts";
import { classificationChecks } from "./classification.ts";
import { embeddingChecks } from "./embedding.ts";

/** What more can be said of the capabilities that are built in, by name. */
export const ownChecks: Readonly<Record<string, (capability: AnyCapability) => readonly Check[]>> =
  {
    chat: chatChecks,
    embedding: embeddingChecks,
    classification: classificationChecks,
  };
