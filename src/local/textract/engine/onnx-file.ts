// Reads and writes ONNX files (https://github.com/onnx/onnx/blob/main/onnx/onnx.proto): the graph's nodes and constants, and the rest
// as it came. Constants that are stored in half precision, to save space, become those of single precision that the nodes compute with.
import { bytesField, type Field, numberField, readFields, readNumbers, writeFields } from './protobuf.ts';

interface Attribute {
  name: string;
  /** Undefined where the attribute is none of these. */
  number?: number;
  numbers: number[];
  tensor?: Tensor;
  field: Field;
}

export interface Node {
  operator: string;
  /** Where the operator is not ONNX's own. */
  domain?: string;
  inputs: string[];
  outputs: string[];
  attributes: Attribute[];
}

export interface Tensor {
  dims: number[];
  /** Undefined where its numbers are not floats. */
  values?: Float32Array;
  /** What it was read from. */
  message?: Uint8Array;
}

export interface OnnxModel {
  nodes: Node[];
  constants: Map<string, Tensor>;
  inputs: string[];
  outputs: string[];
  metadata: Map<string, string>;
  /** The version of ONNX's own operators. */
  opset: number;
  /** The graph's other fields, and the file's. */
  graphFields: Field[];
  fileFields: Field[];
}

const graphNumber = 7;
const graphOf = { node: 1, initializer: 5, input: 11, output: 12, valueInfo: 13 };
const nodeOf = { input: 1, output: 2, name: 3, operator: 4, attribute: 5, domain: 7 };
const attributeOf = { name: 1, float: 2, integer: 3, tensor: 5, integers: 8, type: 20 };
const tensorOf = { dims: 1, type: 2, floats: 4, name: 8, raw: 9 };
const floatType = 1;
const halfFloatType = 10;

export function readModel(file: Uint8Array): OnnxModel {
  const fileFields = readFields(file);
  const graph = fileFields.find(({ number }) => number === graphNumber);
  if (!graph || typeof graph.value === 'bigint') throw new RangeError('The file has no graph');
  const fields = readFields(graph.value);
  const nodes: Node[] = [];
  const constants = new Map<string, Tensor>();
  for (const { number, value } of fields) {
    if (typeof value === 'bigint') continue;
    if (number === graphOf.initializer) {
      const [name, tensor] = readTensor(value);
      constants.set(name, tensor);
    } else if (number === graphOf.node) {
      const node = readNode(value);
      const tensor = node.operator === 'Constant' ? node.attributes[0]?.tensor : undefined;
      if (tensor) constants.set(node.outputs[0] as string, tensor);
      else nodes.push(node);
    }
  }
  const namesOf = (part: number) =>
    fields
      .filter(({ number }) => number === part)
      .map(({ value }) => textOf(readFields(value as Uint8Array), 1));
  return {
    nodes,
    constants,
    inputs: namesOf(graphOf.input).filter((name) => !constants.has(name)),
    outputs: namesOf(graphOf.output),
    metadata: readMetadata(file),
    opset: readOpset(fileFields),
    graphFields: fields.filter(({ number }) => number !== graphOf.node && number !== graphOf.initializer),
    fileFields,
  };
}

/** The file's properties, such as a recognition model's letters. */
export function readMetadata(file: Uint8Array): Map<string, string> {
  const properties = readFields(file).filter(({ number }) => number === 14);
  return new Map(
    properties.map(({ value }) => {
      const entry = readFields(value as Uint8Array);
      return [textOf(entry, 1), textOf(entry, 2)];
    }),
  );
}

function readOpset(fields: Field[]): number {
  for (const { value } of fields.filter(({ number }) => number === 8)) {
    const entry = readFields(value as Uint8Array);
    const version = entry.find(({ number }) => number === 2);
    if (version && ['', 'ai.onnx'].includes(textOf(entry, 1))) return Number(version.value);
  }
  return 0;
}

function textOf(fields: Field[], number: number): string {
  const field = fields.find((one) => one.number === number);
  return field && typeof field.value !== 'bigint' ? Buffer.from(field.value).toString('utf8') : '';
}

function readNode(message: Uint8Array): Node {
  const fields = readFields(message);
  const textsOf = (part: number) =>
    fields.filter(({ number }) => number === part).map((field) => textOf([field], part));
  const domain = textOf(fields, nodeOf.domain);
  return {
    operator: textOf(fields, nodeOf.operator),
    ...(domain ? { domain } : {}),
    inputs: textsOf(nodeOf.input),
    outputs: textsOf(nodeOf.output),
    attributes: fields.filter(({ number }) => number === nodeOf.attribute).map(readAttribute),
  };
}

function readAttribute(field: Field): Attribute {
  const fields = readFields(field.value as Uint8Array);
  const attribute: Attribute = { name: textOf(fields, attributeOf.name), numbers: [], field };
  for (const part of fields) {
    if (part.number === attributeOf.float)
      attribute.number = Buffer.from(part.value as Uint8Array).readFloatLE();
    if (part.number === attributeOf.integer) attribute.number = readNumbers(part)[0];
    if (part.number === attributeOf.integers) attribute.numbers.push(...readNumbers(part));
    if (part.number === attributeOf.tensor) attribute.tensor = readTensor(part.value as Uint8Array)[1];
  }
  return attribute;
}

function readTensor(message: Uint8Array): [string, Tensor] {
  const fields = readFields(message);
  const tensor: Tensor = { dims: [], message };
  const type = fields.find(({ number }) => number === tensorOf.type);
  const chunks: Uint8Array[] = [];
  for (const field of fields) {
    if (field.number === tensorOf.dims) tensor.dims.push(...readNumbers(field));
    if (field.number === tensorOf.raw || field.number === tensorOf.floats)
      chunks.push(field.value as Uint8Array);
  }
  // A copy of its own: floats must begin at a multiple of four.
  const content = () => Uint8Array.from(Buffer.concat(chunks)).buffer;
  if (Number(type?.value) === floatType) tensor.values = new Float32Array(content());
  if (Number(type?.value) === halfFloatType) {
    tensor.values = Float32Array.from(new Float16Array(content()));
    tensor.message = undefined;
  }
  return [textOf(fields, tensorOf.name), tensor];
}

/** The file with the nodes and constants as they are now; constants that no node uses are left out. */
export function writeModel(model: OnnxModel): Uint8Array {
  const used = new Set(model.nodes.flatMap(({ inputs }) => inputs));
  const graph = writeFields([
    ...model.nodes.map((node) => bytesField(graphOf.node, writeNode(node))),
    // Shapes in between may have changed; the runtime infers them.
    ...model.graphFields.filter(({ number }) => number !== graphOf.valueInfo),
    ...[...model.constants]
      .filter(([name]) => used.has(name))
      .map(([name, tensor]) => bytesField(graphOf.initializer, writeTensor(name, tensor))),
  ]);
  return writeFields(
    model.fileFields.map((field) => (field.number === graphNumber ? bytesField(graphNumber, graph) : field)),
  );
}

function writeNode({ operator, domain, inputs, outputs, attributes }: Node): Uint8Array {
  return writeFields([
    ...inputs.map((name) => bytesField(nodeOf.input, name)),
    ...outputs.map((name) => bytesField(nodeOf.output, name)),
    bytesField(nodeOf.operator, operator),
    ...attributes.map(({ field }) => field),
    ...(domain ? [bytesField(nodeOf.domain, domain)] : []),
  ]);
}

function writeTensor(name: string, { dims, values, message }: Tensor): Uint8Array {
  if (message) {
    const fields = readFields(message).filter(({ number }) => number !== tensorOf.name);
    return writeFields([...fields, bytesField(tensorOf.name, name)]);
  }
  const floats = values ?? new Float32Array();
  return writeFields([
    ...dims.map((size) => numberField(tensorOf.dims, size)),
    numberField(tensorOf.type, floatType),
    bytesField(tensorOf.name, name),
    bytesField(tensorOf.raw, new Uint8Array(floats.buffer, floats.byteOffset, floats.byteLength)),
  ]);
}

const integerAttribute = 2;
const integersAttributes = 7;

export function numberAttribute(name: string, number: number): Attribute {
  const value = [
    bytesField(attributeOf.name, name),
    numberField(attributeOf.integer, number),
    numberField(attributeOf.type, integerAttribute),
  ];
  return { name, number, numbers: [], field: bytesField(nodeOf.attribute, writeFields(value)) };
}

export function integersAttribute(name: string, numbers: number[]): Attribute {
  const value = [
    bytesField(attributeOf.name, name),
    ...numbers.map((number) => numberField(attributeOf.integers, number)),
    numberField(attributeOf.type, integersAttributes),
  ];
  return { name, numbers, field: bytesField(nodeOf.attribute, writeFields(value)) };
}

/** An output of that name whose sizes are left to the runtime. */
export function describeOutput(name: string): Field {
  const floats = writeFields([bytesField(1, writeFields([numberField(1, floatType)]))]);
  return bytesField(graphOf.output, writeFields([bytesField(1, name), bytesField(2, floats)]));
}

export function isOutput({ number }: Field): boolean {
  return number === graphOf.output;
}
