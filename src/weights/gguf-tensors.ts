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
/** By its specification no key is longer. */
const longestKeyBytes = 65_535;

/** Reads a table of weights that is handed over a piece at a time: with large vocabularies it is several megabytes long. */
export interface TensorScan {
  /**
   * Reads on. The bytes begin at the place in the file that was asked for last, 8 at first, and are at least 256 KiB where the file has as many.
   * @returns where the last tensor ends, or from where on bytes are wanted
   */
  read(bytes: Buffer): { readonly end: number } | { readonly more: number } | "damaged";
}

class EndOfBytes extends Error {}
class Damaged extends Error {}

export function startTensorScan(): TensorScan {
  let at = 8;
  /** Up to here all is read; what the bytes end within is read once more. */
  let done = at;
  let tensorsLeft: number | undefined;
  let keysLeft = 0;
  /** Lists that are being read, the innermost last. */
  const lists: { readonly item: number; left: number }[] = [];
  let alignment = 32;
  let isEmpty = false;
  let end = 0;

  function readOn(bytes: Buffer, from: number): number {
    const take = (count: number): number => {
      const place = at - from;
      if (place < 0 || place + count > bytes.length) throw new EndOfBytes();
      at += count;
      return place;
    };
    const u32 = (): number => bytes.readUInt32LE(take(4));
    const u64 = (): number => {
      // Not as a bigint: each would be garbage, and a vocabulary has hundreds of thousands.
      const place = take(8);
      const value = bytes.readUInt32LE(place + 4) * 2 ** 32 + bytes.readUInt32LE(place);
      if (!Number.isSafeInteger(value)) throw new Damaged();
      return value;
    };
    /** What nobody looks at need not be among the bytes. */
    const skip = (type: number): void => {
      if (type === listType) {
        const [item, count] = [u32(), u64()];
        const size = valueBytes[item];
        if (size === undefined) lists.push({ item, left: count });
        else at += count * size;
        return;
      }
      const size = type === stringType ? u64() : valueBytes[type];
      if (size === undefined) throw new Damaged();
      at += size;
    };
    const readKey = (): void => {
      const keyBytes = u64();
      if (keyBytes > longestKeyBytes) throw new Damaged();
      const key = take(keyBytes);
      const type = u32();
      const isAlignment = bytes.toString("latin1", key, key + keyBytes) === "general.alignment";
      if (isAlignment && type === 4) alignment = u32();
      else skip(type);
    };
    const readTensor = (): void => {
      const nameBytes = u64();
      at += nameBytes;
      let values = 1;
      const dimensions = u32();
      if (dimensions > 8) throw new Damaged();
      for (let index = 0; index < dimensions; index += 1) values *= u64();
      const [size, per] = blocks.get(u32()) ?? [0, 1];
      end = Math.max(end, u64() + (values / per) * size);
    };

    if (tensorsLeft === undefined) {
      const [tensors, keys] = [u64(), u64()];
      [tensorsLeft, keysLeft, isEmpty, done] = [tensors, keys, tensors === 0, at];
    }
    for (;;) {
      const list = lists.at(-1);
      if (list !== undefined) {
        if (list.left === 0) lists.pop();
        else {
          skip(list.item);
          list.left -= 1;
        }
      } else if (keysLeft > 0) {
        readKey();
        keysLeft -= 1;
      } else if (tensorsLeft > 0) {
        readTensor();
        tensorsLeft -= 1;
      } else break;
      done = at;
    }
    if (alignment === 0) throw new Damaged();
    return isEmpty ? at : Math.ceil(at / alignment) * alignment + end;
  }

  return {
    read(bytes) {
      try {
        return { end: readOn(bytes, done) };
      } catch (error) {
        if (error instanceof Damaged) return "damaged";
        if (!(error instanceof EndOfBytes)) throw error;
        at = done;
        return { more: done };
      }
    },
  };
}
