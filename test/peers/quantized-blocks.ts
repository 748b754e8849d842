const blockLength = 32;
const blockBytes = 2 + blockLength;

/**
 * Rows of 8-bit numbers with one scale each as ggml's Q8_0: blocks of 32 numbers, each after its scale as a 16-bit float.
 * Nothing is lost but the scale's last bits.
 */
export function quantizedBlocks(
  values: Int8Array,
  scales: Float32Array,
  rowLength: number,
): Uint8Array {
  const blocksInRow = rowLength / blockLength;
  const blocks = Buffer.alloc((values.length / blockLength) * blockBytes);
  for (let block = 0; block * blockLength < values.length; block++) {
    const scale = scales[Math.floor(block / blocksInRow)] ?? 0;
    blocks.writeUInt16LE(halfFloat(scale), block * blockBytes);
    blocks.set(
      new Uint8Array(values.buffer, values.byteOffset + block * blockLength, blockLength),
      block * blockBytes + 2,
    );
  }
  return blocks;
}

/** The bits of a 16-bit float (IEEE 754 binary16) nearest to a number that is not negative and not above 65504. */
function halfFloat(value: number): number {
  const exponent = value === 0 ? -14 : Math.max(-14, Math.floor(Math.log2(value)));
  // below 2^-14 the exponent's bits are zero and there is no implied one; a carry out of the mantissa raises the exponent by itself
  const isSubnormal = value < 2 ** -14;
  const mantissa = Math.round((value / 2 ** exponent - (isSubnormal ? 0 : 1)) * 1024);
  return (isSubnormal ? 0 : (exponent + 15) << 10) + mantissa;
}
