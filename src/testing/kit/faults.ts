import { inOrder, isStream, type Answer } from "../answer.ts";
import type { Fault } from "../exchange.ts";
import { sendAnswer, settle, write } from "../send-answer.ts";

/** All parts of an answer. */
export async function partsOf({ parts }: Answer): Promise<Buffer[]> {
  const all: Buffer[] = [];
  for await (const part of parts) all.push(part);
  return all;
}

/** Whether a stream says that it has ended: its last event is of another shape than those before it. */
export function hasEndMark(parts: readonly Buffer[]): boolean {
  const last = parts.at(-1);
  const middle = parts[Math.floor(parts.length / 2)];
  if (last === undefined || middle === undefined || parts.length < 4) return false;
  return shapeOf(last) !== shapeOf(middle);
}

/** The names of an event's fields, its flags, and its own name: not what it says. */
function shapeOf(part: Buffer): string {
  const lines = part.toString().trim().split("\n");
  const name = lines.find((line) => line.startsWith("event:")) ?? "";
  const data = lines.filter((line) => !/^(event|id|retry):/.test(line)).join("\n");
  try {
    return `${name} ${shapeOfValue(JSON.parse(data.replace(/^data: ?/, "")))}`;
  } catch {
    return `${name} ${data}`; // no JSON: its words are its shape
  }
}

function shapeOfValue(value: unknown): string {
  if (typeof value !== "object") return typeof value === "boolean" ? String(value) : typeof value;
  if (value === null) return "null";
  const inner = Object.entries(value).map(([key, each]) => `${key}:${shapeOfValue(each)}`);
  return `{${inner.join(",")}}`;
}

/** Ends a stream well by HTTP when half of it was sent, where it has an end of its own; anything else is answered well. */
export function earlyEnd(): { readonly fault: Fault; readonly wasCut: boolean } {
  let wasCut = false;
  return {
    async fault(exchange) {
      const answer = await exchange.answer();
      const parts = await partsOf(answer);
      const isCut = isStream(answer) && hasEndMark(parts);
      wasCut ||= isCut;
      const sent = isCut ? parts.slice(0, Math.floor(parts.length / 2)) : parts;
      await sendAnswer(exchange, { ...answer, parts: inOrder(sent) });
    },
    get wasCut() {
      return wasCut;
    },
  };
}

/** Half of an answer: of a stream half of its events, of anything else half of its bytes. */
async function halfOf(answer: Answer): Promise<Buffer[]> {
  const parts = await partsOf(answer);
  if (isStream(answer)) return parts.slice(0, Math.floor(parts.length / 2));
  const body = Buffer.concat(parts);
  return [body.subarray(0, Math.floor(body.length / 2))];
}

/** Sends half of an answer, then closes the connection (`cut`) or resets it. */
export function breaksOff(how: "cut" | "reset"): Fault {
  return async (exchange) => {
    const answer = await exchange.answer();
    const { response, socket } = exchange;
    response.writeHead(answer.status, answer.headers);
    response.flushHeaders();
    for (const part of await halfOf(answer)) await write(response, part);
    if (how === "cut") return void socket.end();
    await settle();
    socket.resetAndDestroy();
  };
}

/** A whole answer by HTTP, with half a JSON in it: half of its bytes, cut in the midst of an event. */
export const halfJson: Fault = async (exchange) => {
  const answer = await exchange.answer();
  const half = await halfOf(answer);
  const last = half.at(-1) ?? Buffer.of();
  const cut = isStream(answer) ? [...half, last.subarray(0, Math.floor(last.length / 2))] : half;
  await sendAnswer(exchange, { ...answer, parts: inOrder(cut) });
};

/** The whole answer in one piece. */
export const joined: Fault = async (exchange) => {
  const answer = await exchange.answer();
  await sendAnswer(exchange, { ...answer, parts: inOrder([Buffer.concat(await partsOf(answer))]) });
};

/** Says `to` wherever the answer says `from`; byte by byte where `split`. */
export function replaced(from: string, to: string, { split = false } = {}): Fault {
  return async (exchange) => {
    const { response } = exchange;
    const answer = await exchange.answer();
    const changed = (await partsOf(answer)).map((part) =>
      Buffer.from(part.toString().replaceAll(from, to)),
    );
    if (!split) return sendAnswer(exchange, { ...answer, parts: inOrder(changed) });
    response.writeHead(answer.status, answer.headers);
    for (const byte of Buffer.concat(changed)) response.write(Buffer.of(byte));
    response.end();
  };
}

/** What a flood has come to. */
export interface Flood {
  readonly fault: Fault;
  /** Bytes that the other side's system has taken. */
  readonly takenBytes: number;
  /** Whether it was sent at all: the answer is a stream. */
  readonly isSent: boolean;
}

const pieceBytes = 64 * 1024;

/** A stream whose third event is repeated until so many bytes were sent; then it goes on to its end. */
export function flood(bytes: number): Flood {
  let takenBytes = 0;
  let isSent = false;
  return {
    async fault(exchange) {
      const answer = await exchange.answer();
      const parts = await partsOf(answer);
      const third = parts[2];
      if (!isStream(answer) || third === undefined || parts.length < 4)
        return sendAnswer(exchange, { ...answer, parts: inOrder(parts) });
      isSent = true;
      const piece = Buffer.concat(
        Array.from({ length: Math.max(1, Math.floor(pieceBytes / third.length)) }, () => third),
      );
      async function* flooded(): AsyncGenerator<Buffer> {
        yield* parts.slice(0, 2);
        for (
          takenBytes = 0;
          takenBytes < bytes && !exchange.signal.aborted;
          takenBytes += piece.length
        )
          yield piece;
        yield* parts.slice(2);
      }
      await sendAnswer(exchange, { ...answer, parts: flooded() });
    },
    get takenBytes() {
      return takenBytes;
    },
    get isSent() {
      return isSent;
    },
  };
}
