import type { ErrorCode } from "../../src/contract/errors.ts";
import type { FaultName } from "../../src/testing/faults.ts";
import type { Situation } from "./ask-port.ts";

interface Seen {
  readonly streamed: string;
  readonly whole: string;
}

/** What a caller of the port sees of one fault: of a target alone that fails always, that fails once, and that fails always with another one beside it. */
type SeenInAll = Readonly<Record<Situation, Seen>>;

/** `other text`: what nobody can tell from an answer. */
export interface Outcomes extends SeenInAll {
  readonly fault: FaultName;
}

const again = "whole, tried again";
const fromOther = "whole, from the other";

/** Always the same. */
function same(seen: string): SeenInAll {
  return inAll(both(seen), both(seen), both(seen));
}

/** It fails before an answer has begun: it is repeated, or handed on, for everybody. */
function notBegun(code: ErrorCode): SeenInAll {
  return inAll(both(`\`${code}\``), both(again), both(fromOther));
}

/** It fails in the midst of an answer: who streams has received a part of it, and keeps that. */
function brokenOff(code: ErrorCode): SeenInAll {
  const streamed = `text, then \`${code}\``;
  return inAll(
    { streamed, whole: `\`${code}\`` },
    { streamed, whole: again },
    { streamed, whole: fromOther },
  );
}

/** To ask the same target again is of no use. */
function onlyElsewhere(code: ErrorCode): SeenInAll {
  const failed = both(`\`${code}\``);
  return inAll(failed, failed, both(fromOther));
}

function both(seen: string): Seen {
  return { streamed: seen, whole: seen };
}

function inAll(always: Seen, once: Seen, withAnother: Seen): SeenInAll {
  return { "always alone": always, "once alone": once, "always with another": withAnother };
}

const seen: Readonly<Record<FaultName, SeenInAll>> = {
  "hang before headers": notBegun("timeout"),
  "hang after headers": notBegun("timeout"),
  "hang in mid-stream": brokenOff("timeout"),
  "hang before the end": same("whole"),
  "cut before headers": notBegun("backend-unavailable"),
  "cut after headers": notBegun("stream-interrupted"),
  "cut in mid-stream": brokenOff("stream-interrupted"),
  "cut in the midst of an event": brokenOff("stream-interrupted"),
  "cut before the end": same("whole"),
  "cut without a length": brokenOff("stream-interrupted"),
  "reset before headers": notBegun("backend-unavailable"),
  "reset after headers": notBegun("stream-interrupted"),
  "reset in mid-stream": brokenOff("stream-interrupted"),
  "reset before the end": same("whole"),
  "reset on a reused connection": same("whole"),
  "no HTTP": notBegun("backend-unavailable"),
  "late by 200 ms": same("whole"),
  "slow bytes": same("whole"),
  "split characters": same("whole"),
  "truncated JSON": brokenOff("stream-interrupted"),
  "wrong content type": same("whole"),
  "swapped content types": same("whole"),
  "web page": notBegun("invalid-response"),
  "200 with an error": notBegun("backend-error"),
  "200 with nothing": notBegun("stream-interrupted"),
  "a stream in one piece": same("whole"),
  "429 without Retry-After": notBegun("rate-limited"),
  "429, Retry-After in seconds": notBegun("rate-limited"),
  "429, Retry-After as a date": onlyElsewhere("rate-limited"),
  "503 without Retry-After": notBegun("backend-unavailable"),
  "503, Retry-After in seconds": notBegun("backend-unavailable"),
  "503, Retry-After as a date": onlyElsewhere("backend-unavailable"),
  "500 with an error": notBegun("backend-error"),
  "502 with a web page": notBegun("backend-unavailable"),
  "context length": onlyElsewhere("context-length-exceeded"),
  "content filter": same("`content-filtered`"),
  "answer stopped by a content filter": same("part, `content_filter`"),
  "error in the stream": brokenOff("backend-error"),
  "malformed event": brokenOff("invalid-response"),
  "doubled events": same("other text"),
  "huge event": same("whole"),
  "event of 17 MB": notBegun("invalid-response"),
  "no finish reason": same("whole"),
  "no [DONE]": same("whole"),
  "neither, at a clean end": brokenOff("stream-interrupted"),
  "garbage after the finish reason": same("whole"),
  "garbage after [DONE]": same("whole"),
};

/** The table of docs/reliability.md. */
export const outcomes: readonly Outcomes[] = Object.entries(seen).map(([fault, all]) => ({
  fault: fault as FaultName,
  ...all,
}));
