/** Bytes of each block of a tensor type, and values in it. A type that is not here is left unmeasured. */
const blocks = new Map<number, [bytes: number, values: number]>([
  [0, [4, 1]],
  [1, [2, 1]],
  [2, [18, 32]],
  [3, [20, 32]],
  [6, [22, 32]],
  [7, [24, 32]],
  [8, [34, 32]],
  [9, [36, 32]],
  [10, [84, 256]],
  [11, [110, 256]],
  [12, [144, 256]],
  [13, [176, 256]],
  [14, [210, 256]],
  [15, [292, 256]],
  [16, [66, 256]],
  [17, [74, 256]],
  [18, [98, 256]],
  [19, [50, 256]],
  [20, [18, 32]],
  [21, [110, 256]],
  [22, [82, 256]],
  [23, [136, 256]],
  [24, [1, 1]],
  [25, [2, 1]],
  [26, [4, 1]],
  [27, [8, 1]],
  [28, [8, 1]],
  [29, [56, 256]],
  [30, [2, 1]],
  [34, [54, 256]],
  [35, [66, 256]],
  [39, [17, 32]],
]);

/** Bytes of the metadata's values by their type; strings (8) and lists (9) say their own. */
const valueBytes = [1, 1, 2, 2, 4, 4, 4, 1, undefined, undefined, 8, 8, 8];
const stringType = 8;
const listType = 9;

class EndOfBytes extends Error {}
class Damaged extends Error {}

/** Where the last tensor of a GGUF file ends, by its table; `more` where the table goes on behind the bytes at hand. */
export function endOfTensors(bytes: Buffer): number | "more" | "damaged" {
  try {
    return readEnd(bytes);
  } catch (error) {
    if (error instanceof EndOfBytes) return "more";
    if (error instanceof Damaged) return "damaged";
    throw error;
  }
}

function readEnd(bytes: Buffer): number {
  let at = 8;
  const take = (count: number): number => {
    const from = at;
    at += count;
    if (at > bytes.length) throw new EndOfBytes();
    return from;
  };
  const u32 = (): number => bytes.readUInt32LE(take(4));
  const u64 = (): number => {
    const value = bytes.readBigUInt64LE(take(8));
    if (value > Number.MAX_SAFE_INTEGER) throw new Damaged();
    return Number(value);
  };
  const skip = (type: number): void => {
    if (type === stringType) return void take(u64());
    if (type === listType) {
      const [item, count] = [u32(), u64()];
      const size = valueBytes[item];
      if (size !== undefined) return void take(count * size);
      for (let index = 0; index < count; index += 1) skip(item);
      return;
    }
    const size = valueBytes[type];
    if (size === undefined) throw new Damaged();
    take(size);
  };

  const tensors = u64();
  let alignment = 32;
  for (let left = u64(); left > 0; left -= 1) {
    const keyBytes = u64();
    const key = take(keyBytes);
    const type = u32();
    const isAlignment = bytes.toString("latin1", key, key + keyBytes) === "general.alignment";
    if (isAlignment && type === 4) alignment = u32();
    else skip(type);
  }
  let end = 0;
  for (let left = tensors; left > 0; left -= 1) {
    take(u64());
    let values = 1;
    const dimensions = u32();
    if (dimensions > 8) throw new Damaged();
    for (let index = 0; index < dimensions; index += 1) values *= u64();
    const [size, per] = blocks.get(u32()) ?? [0, 1];
    end = Math.max(end, u64() + (values / per) * size);
  }
  if (alignment === 0) throw new Damaged();
  return tensors === 0 ? at : Math.ceil(at / alignment) * alignment + end;
}
