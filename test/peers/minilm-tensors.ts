import type { GgufTensor } from "../models/gguf-writer.ts";
import type { OnnxTensor } from "./onnx-tensors.ts";
import { quantizedBlocks } from "./quantized-blocks.ts";

const layers = 6;

/** The six matrices of a layer, in the order that the ONNX file names them. */
const matrices = ["attn_q", "attn_k", "attn_v", "attn_output", "ffn_up", "ffn_down"];

/** What the ONNX file calls what llama.cpp calls so. */
const layerVectors = {
  "attn_q.bias": "attention.self.query.bias",
  "attn_k.bias": "attention.self.key.bias",
  "attn_v.bias": "attention.self.value.bias",
  "attn_output.bias": "attention.output.dense.bias",
  "attn_output_norm.weight": "attention.output.LayerNorm.weight",
  "attn_output_norm.bias": "attention.output.LayerNorm.bias",
  "ffn_up.bias": "intermediate.dense.bias",
  "ffn_down.bias": "output.dense.bias",
  "layer_output_norm.weight": "output.LayerNorm.weight",
  "layer_output_norm.bias": "output.LayerNorm.bias",
};

/** The weights of MiniLM as llama.cpp names and lays them out, from the ONNX file that names and lays them out its own way. */
export function minilmTensors(source: Map<string, OnnxTensor>): GgufTensor[] {
  const get = (name: string): OnnxTensor => {
    const tensor = source.get(`inner.${name}`) ?? source.get(name);
    if (tensor === undefined) throw new Error(`The ONNX file has no constant ${name}.`);
    return tensor;
  };
  const vector = (name: string, from: string): GgufTensor => {
    const { dimensions, data } = get(from);
    return { name, dimensions: dimensions.toReversed(), data: Float32Array.from(data) };
  };
  // the matrices have no names but numbers, which rise from layer to layer
  const numbered = [...source.keys()]
    .filter((name) => /^val_\d+_q$/.test(name))
    .map((name) => name.slice(0, -"_q".length));
  const matrixNames = numbered.toSorted(
    (left, right) => Number(left.slice(4)) - Number(right.slice(4)),
  );
  if (matrixNames.length !== layers * matrices.length)
    throw new Error(`The ONNX file has ${matrixNames.length} matrices.`);
  const words = "embeddings.word_embeddings.weight";
  const positions = "embeddings.position_embeddings.weight";
  return [
    quantized("token_embd.weight", get(`${words}_q`), get(`${words}_scale`)),
    scaled("position_embd.weight", get(`${positions}_q`), get(`${positions}_scale`)),
    vector("token_types.weight", "embeddings.token_type_embeddings.weight"),
    vector("token_embd_norm.weight", "embeddings.LayerNorm.weight"),
    vector("token_embd_norm.bias", "embeddings.LayerNorm.bias"),
    ...matrixNames.map((name, index) => {
      const target = `blk.${Math.floor(index / matrices.length)}.${matrices[index % matrices.length] ?? ""}.weight`;
      return quantized(target, transposed(get(`${name}_q`)), get(`${name}_scale`));
    }),
    ...Array.from({ length: layers }, (_, layer) =>
      Object.entries(layerVectors).map(([name, from]) =>
        vector(`blk.${layer}.${name}`, `encoder.layer.${layer}.${from}`),
      ),
    ).flat(),
  ];
}

/** Rows of 8-bit numbers, a scale for each row. */
function quantized(name: string, { dimensions, data }: OnnxTensor, scales: OnnxTensor): GgufTensor {
  const rowLength = dimensions[1] ?? 0;
  const blocks = quantizedBlocks(Int8Array.from(data), Float32Array.from(scales.data), rowLength);
  return { name, dimensions: dimensions.toReversed(), data: blocks, type: "q8_0" };
}

/** The same rows as floats. */
function scaled(name: string, { dimensions, data }: OnnxTensor, scales: OnnxTensor): GgufTensor {
  const rowLength = dimensions[1] ?? 0;
  const floats = Float32Array.from(
    data,
    (value, index) => value * (scales.data[Math.floor(index / rowLength)] ?? 0),
  );
  return { name, dimensions: dimensions.toReversed(), data: floats };
}

/** ONNX multiplies from the left, llama.cpp from the right. */
function transposed({ dimensions: [rows = 0, columns = 0], data }: OnnxTensor): OnnxTensor {
  const turned = new Int8Array(data.length);
  for (let row = 0; row < rows; row++) {
    for (let column = 0; column < columns; column++)
      turned[column * rows + row] = data[row * columns + column] ?? 0;
  }
  return { dimensions: [columns, rows], data: turned };
}
