/** The element types of ONNX that the tiny models use. */
export const elementTypes = { float: 1, int64: 7 } as const;

/** An attribute's number: a whole one. */
export type OnnxAttributes = Record<string, number>;

export interface OnnxModel {
  nodes: Buffer[];
  tensors: Buffer[];
  inputs: Buffer[];
  outputs: Buffer[];
}

/** An ONNX file as bytes: protocol buffers by hand. Source of the field numbers: onnx.proto, IR version 8, opset 17. */
export function onnxModel({ nodes, tensors, inputs, outputs }: OnnxModel): Buffer {
  const graph = Buffer.concat([
    ...nodes.map((node) => bytes(1, node)),
    bytes(2, "graph"),
    ...tensors.map((tensor) => bytes(5, tensor)),
    ...inputs.map((input) => bytes(11, input)),
    ...outputs.map((output) => bytes(12, output)),
  ]);
  const operators = Buffer.concat([bytes(1, ""), integer(2, 17)]);
  return Buffer.concat([
    integer(1, 8),
    bytes(2, "modelyard"),
    bytes(7, graph),
    bytes(8, operators),
  ]);
}

/** A constant: its floats, or its whole numbers. */
export function onnxTensor(
  name: string,
  dimensions: number[],
  data: Float32Array | BigInt64Array,
): Buffer {
  const type = data instanceof Float32Array ? elementTypes.float : elementTypes.int64;
  const raw = Buffer.from(data.buffer, data.byteOffset, data.byteLength);
  return Buffer.concat([
    ...dimensions.map((size) => integer(1, size)),
    integer(2, type),
    bytes(8, name),
    bytes(9, raw),
  ]);
}

/** An input or output; a dimension that is a text may be of any size. */
export function onnxValue(
  name: string,
  type: keyof typeof elementTypes,
  dimensions: (number | string)[],
): Buffer {
  const sizes = dimensions.map((size) =>
    bytes(1, typeof size === "number" ? integer(1, size) : bytes(2, size)),
  );
  const tensorType = Buffer.concat([
    integer(1, elementTypes[type]),
    bytes(2, Buffer.concat(sizes)),
  ]);
  return Buffer.concat([bytes(1, name), bytes(2, bytes(1, tensorType))]);
}

/** One operation with one output. */
export function onnxNode(
  operator: string,
  inputs: string[],
  output: string,
  attributes: OnnxAttributes = {},
): Buffer {
  const integerAttribute = 2;
  return Buffer.concat([
    ...inputs.map((input) => bytes(1, input)),
    bytes(2, output),
    bytes(3, output),
    bytes(4, operator),
    ...Object.entries(attributes).map(([name, value]) =>
      bytes(5, Buffer.concat([bytes(1, name), integer(3, value), integer(20, integerAttribute)])),
    ),
  ]);
}

function integer(field: number, value: number): Buffer {
  return Buffer.concat([varint(field << 3), varint(value)]);
}

function bytes(field: number, value: Buffer | string): Buffer {
  const content = typeof value === "string" ? Buffer.from(value, "utf8") : value;
  return Buffer.concat([varint((field << 3) | 2), varint(content.length), content]);
}

function varint(value: number): Buffer {
  const septets: number[] = [];
  let rest = value;
  while (rest > 127) {
    septets.push((rest & 127) | 128);
    rest >>>= 7;
  }
  return Buffer.from([...septets, rest]);
}
