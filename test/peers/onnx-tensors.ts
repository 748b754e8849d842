/** Numbers of the element types that are read here. */
const elementTypes = { float: 1, int8: 3 } as const;

export interface OnnxTensor {
  dimensions: number[];
  data: Float32Array | Int8Array;
}

/** The float and int8 constants of an ONNX file by their names. Source of the field numbers: onnx.proto. */
export function onnxTensors(file: Buffer): Map<string, OnnxTensor> {
  const tensors = new Map<string, OnnxTensor>();
  for (const graph of messages(file, 7)) {
    for (const initializer of messages(graph, 5)) {
      const name = messages(initializer, 8)[0]?.toString() ?? "";
      const type = numbers(initializer, 2)[0];
      const raw = messages(initializer, 9)[0];
      if (raw === undefined || (type !== elementTypes.float && type !== elementTypes.int8))
        continue;
      const bytes = Uint8Array.from(raw).buffer; // a copy: floats must lie at a multiple of four
      const data = type === elementTypes.float ? new Float32Array(bytes) : new Int8Array(bytes);
      tensors.set(name, { dimensions: numbers(initializer, 1), data });
    }
  }
  return tensors;
}

function messages(buffer: Buffer, wanted: number): Buffer[] {
  return [...fields(buffer)].flatMap(([field, value]) =>
    field === wanted && typeof value !== "number" ? [value] : [],
  );
}

/** One number a field, or many packed into one. */
function numbers(buffer: Buffer, wanted: number): number[] {
  return [...fields(buffer)].flatMap(([field, value]) => {
    if (field !== wanted) return [];
    return typeof value === "number" ? [value] : packed(value);
  });
}

function packed(buffer: Buffer): number[] {
  const values: number[] = [];
  for (let position = 0; position < buffer.length;) {
    const [value, end] = varint(buffer, position);
    values.push(value);
    position = end;
  }
  return values;
}

/** The fields of one protocol buffer message: a number or bytes each. */
function* fields(buffer: Buffer): Generator<[field: number, value: number | Buffer]> {
  for (let position = 0; position < buffer.length;) {
    const [key, start] = varint(buffer, position);
    const [field, wire] = [Math.floor(key / 8), key % 8];
    const [value, afterValue] =
      wire === 0 || wire === 2 ? varint(buffer, start) : [wire === 1 ? 8 : 4, start];
    if (wire === 0) yield [field, value];
    else yield [field, buffer.subarray(afterValue, afterValue + value)];
    position = wire === 0 ? afterValue : afterValue + value;
  }
}

function varint(buffer: Buffer, start: number): [value: number, end: number] {
  let value = 0;
  let factor = 1;
  for (let position = start; ; position++, factor *= 128) {
    const byte = buffer[position];
    if (byte === undefined) throw new Error("The ONNX file ends in the middle of a number.");
    value += (byte & 127) * factor;
    if (byte < 128) return [value, position + 1];
  }
}
