import { writeFile } from "node:fs/promises";

/** GGUF's own numbers for the types of a metadata value. */
const valueTypes = { u32: 4, i32: 5, f32: 6, bool: 7, str: 8, array: 9 } as const;

/** ggml's own numbers for the types of a tensor. */
const tensorTypes = { f32: 0, q8_0: 8 } as const;

const alignment = 32;

type NumberType = "u32" | "i32" | "f32";

/** One line of metadata: key, type, value. */
export type GgufEntry =
  | readonly [key: string, type: NumberType, value: number]
  | readonly [key: string, type: "bool", value: boolean]
  | readonly [key: string, type: "str", value: string]
  | readonly [key: string, type: "array:str", value: readonly string[]]
  | readonly [key: string, type: `array:${NumberType}`, value: readonly number[]];

export interface GgufTensor {
  name: string;
  /** In ggml's order: the one that runs fastest first. */
  dimensions: readonly number[];
  /** Floats, or the blocks of a quantised tensor. */
  data: Float32Array | Uint8Array;
  type?: keyof typeof tensorTypes;
}

/** Writes a GGUF file of version 3. Source: the format's description in ggml's docs/gguf.md. */
export async function writeGguf(
  path: string,
  metadata: readonly GgufEntry[],
  tensors: readonly GgufTensor[],
): Promise<void> {
  const head = [
    Buffer.from("GGUF"),
    u32(3),
    u64(tensors.length),
    u64(metadata.length),
    ...metadata.map(entry),
  ];
  const body: Buffer[] = [];
  let offset = 0;
  for (const { name, dimensions, data, type = "f32" } of tensors) {
    head.push(
      text(name),
      u32(dimensions.length),
      ...dimensions.map(u64),
      u32(tensorTypes[type]),
      u64(offset),
    );
    const padded = pad(Buffer.from(data.buffer, data.byteOffset, data.byteLength));
    body.push(padded);
    offset += padded.length;
  }
  await writeFile(path, Buffer.concat([pad(Buffer.concat(head)), ...body]));
}

function entry([key, type, value]: GgufEntry): Buffer {
  if (typeof value !== "object")
    return Buffer.concat([
      text(key),
      u32(valueTypes[type as keyof typeof valueTypes]),
      scalar(type, value),
    ]);
  const element = type.slice("array:".length) as NumberType | "str";
  const head = [text(key), u32(valueTypes.array), u32(valueTypes[element]), u64(value.length)];
  return Buffer.concat([...head, ...value.map((one) => scalar(element, one))]);
}

function scalar(type: string, value: number | boolean | string): Buffer {
  if (typeof value === "string") return text(value);
  if (typeof value === "boolean") return Buffer.from([value ? 1 : 0]);
  if (type === "u32") return u32(value);
  const bytes = Buffer.alloc(4);
  if (type === "i32") bytes.writeInt32LE(value);
  else bytes.writeFloatLE(value);
  return bytes;
}

function text(value: string): Buffer {
  const bytes = Buffer.from(value, "utf8");
  return Buffer.concat([u64(bytes.length), bytes]);
}

function u32(value: number): Buffer {
  const bytes = Buffer.alloc(4);
  bytes.writeUInt32LE(value);
  return bytes;
}

function u64(value: number): Buffer {
  const bytes = Buffer.alloc(8);
  bytes.writeBigUInt64LE(BigInt(value));
  return bytes;
}

function pad(bytes: Buffer): Buffer {
  const missing = (alignment - (bytes.length % alignment)) % alignment;
  return missing === 0 ? bytes : Buffer.concat([bytes, Buffer.alloc(missing)]);
}
