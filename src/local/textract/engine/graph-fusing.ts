// Rewrites a model's graph into one that computes the same with fewer passes over its data: PP-OCR's models scale and shift after
// each convolution, and spell out activations step by step.
import { integersAttribute, type Node, numberAttribute, type OnnxModel, type Tensor } from './onnx-file.ts';

export function fuseGraph(model: OnnxModel): void {
  if (model.opset < opsetOfClip) return;
  fuseAffine(model);
  fuseHardSwish(model);
  fuseGatedSums(model);
}

/** The version from which `Clip` takes its limits as inputs. */
const opsetOfClip = 11;

interface Step {
  node: Node;
  /** What is computed with the constant. */
  operand: string;
  constant: number;
}

/** Who makes and who takes each of the graph's values. */
function indexOf(model: OnnxModel) {
  const makers = new Map(model.nodes.flatMap((node) => node.outputs.map((name) => [name, node] as const)));
  const takers = new Map<string, Node[]>();
  for (const node of model.nodes) {
    for (const name of node.inputs) takers.set(name, [...(takers.get(name) ?? []), node]);
  }
  const scalarOf = (name: string | undefined) => {
    const values = model.constants.get(name ?? '')?.values;
    return values?.length === 1 ? values[0] : undefined;
  };
  return {
    makerOf: (name: string | undefined) => makers.get(name ?? ''),
    takersOf: (name: string) => takers.get(name) ?? [],

    /** The only node that takes a node's output. */
    onlyTaker(node: Node | undefined): Node | undefined {
      const [output = ''] = node?.outputs ?? [];
      const found = takers.get(output) ?? [];
      return found.length === 1 && !model.outputs.includes(output) ? found[0] : undefined;
    },

    /** A node that computes one value with one number. */
    stepOf(node: Node | undefined, operator: string): Step | undefined {
      if (node?.operator !== operator) return undefined;
      const [first = '', second = ''] = node.inputs;
      const after = scalarOf(second);
      if (after !== undefined) return { node, operand: first, constant: after };
      const before = operator === 'Div' ? undefined : scalarOf(first);
      return before === undefined ? undefined : { node, operand: second, constant: before };
    },
  };
}

function addConstant(model: OnnxModel, dims: number[], values: Float32Array): string {
  const name = `fused ${model.constants.size}`;
  model.constants.set(name, { dims, values });
  return name;
}

function setWeights(model: OnnxModel, node: Node, weights: Float32Array, bias: Float32Array): void {
  const [input = '', old = ''] = node.inputs;
  const { dims } = model.constants.get(old) as Tensor;
  node.inputs = [input, addConstant(model, dims, weights), addConstant(model, [bias.length], bias)];
}

function removeNodes(model: OnnxModel, removed: ReadonlySet<Node>): void {
  model.nodes = model.nodes.filter((node) => !removed.has(node));
}

/** The weights of a convolution whose numbers are known. */
function weightsOf(model: OnnxModel, node: Node) {
  const weights = model.constants.get(node.inputs[1] ?? '');
  const bias = node.inputs[2] ? model.constants.get(node.inputs[2])?.values : undefined;
  if (node.operator !== 'Conv' || !weights?.values || (node.inputs[2] && !bias)) return undefined;
  const [outputs = 0] = weights.dims;
  return { values: weights.values, dims: weights.dims, outputs, bias: bias ?? new Float32Array(outputs) };
}

/** A convolution, times a number, plus a number: one convolution. */
function fuseAffine(model: OnnxModel): void {
  const { onlyTaker, stepOf } = indexOf(model);
  const removed = new Set<Node>();
  for (const node of model.nodes) {
    const weights = weightsOf(model, node);
    const product = weights && stepOf(onlyTaker(node), 'Mul');
    const sum = product && stepOf(onlyTaker(product.node), 'Add');
    if (!sum) continue;
    setWeights(
      model,
      node,
      weights.values.map((value) => value * product.constant),
      weights.bias.map((value) => value * product.constant + sum.constant),
    );
    node.outputs = sum.node.outputs;
    removed.add(product.node).add(sum.node);
  }
  removeNodes(model, removed);
}

/**
 * x · clip(x + 3, 0, 6) / 6, and what scales and shifts it. The inner part is computed as a convolution of one pixel, which keeps the
 * layout that the runtime gives the convolutions around it.
 */
function fuseHardSwish(model: OnnxModel): void {
  const index = indexOf(model);
  const removed = new Set<Node>();
  const replaced = new Map<Node, Node[]>();
  for (const node of model.nodes) {
    const found = findHardSwish(model, index, node);
    if (!found) continue;
    const { input, channels, steps, affine } = found;
    for (const step of steps) removed.add(step);
    let output = steps.at(-1)?.outputs[0] as string;
    const inner = `${output} inner`;
    const gate = `${output} gate`;
    const limits = [0, 1].map((limit) => addConstant(model, [], Float32Array.of(limit)));
    const nodes = [
      scaleChannels(model, { input, output: inner, channels, scale: 1 / 6, shift: 0.5 }),
      { operator: 'Clip', inputs: [inner, ...limits], outputs: [gate], attributes: [] },
    ];
    if (affine) {
      for (const step of affine.steps) removed.add(step);
      output = affine.output;
    }
    if (affine && !scaleInTakers(model, index.takersOf(output), affine)) {
      const { scale, shift } = affine;
      const plain = `${output} plain`;
      nodes.push({ operator: 'Mul', inputs: [input, gate], outputs: [plain], attributes: [] });
      nodes.push(scaleChannels(model, { input: plain, output, channels, scale, shift }));
    } else nodes.push({ operator: 'Mul', inputs: [input, gate], outputs: [output], attributes: [] });
    replaced.set(node, nodes);
  }
  model.nodes = model.nodes.flatMap((node) => replaced.get(node) ?? (removed.has(node) ? [] : [node]));
}

interface Affine {
  scale: number;
  shift: number;
  steps: Node[];
  output: string;
}

function findHardSwish(model: OnnxModel, index: ReturnType<typeof indexOf>, node: Node) {
  const { makerOf, onlyTaker, stepOf } = index;
  const sum = stepOf(node, 'Add');
  const clip = sum && Math.abs(sum.constant - 3) < 1e-6 ? onlyTaker(node) : undefined;
  const product = clip?.operator === 'Clip' ? onlyTaker(clip) : undefined;
  const quotient = stepOf(onlyTaker(product), 'Div');
  if (!sum || !clip || !product || !quotient || Math.abs(quotient.constant - 6) > 1e-6) return undefined;
  const source = makerOf(sum.operand);
  const channels = source && weightsOf(model, source)?.outputs;
  if (product.operator !== 'Mul' || !product.inputs.includes(sum.operand) || !channels) return undefined;
  const scaled = stepOf(onlyTaker(quotient.node), 'Mul');
  const shifted = scaled && stepOf(onlyTaker(scaled.node), 'Add');
  const affine: Affine | undefined = shifted && {
    scale: scaled.constant,
    shift: shifted.constant,
    steps: [scaled.node, shifted.node],
    output: shifted.node.outputs[0] as string,
  };
  return { input: sum.operand, channels, steps: [node, clip, product, quotient.node], affine };
}

/** Puts a scale and a shift into the convolutions of one pixel that take the value. Answers whether all who take it are such. */
function scaleInTakers(model: OnnxModel, takers: Node[], { scale, shift, output }: Affine): boolean {
  const found = takers.map((node) => ({ node, weights: weightsOf(model, node) }));
  const fits = ({ node, weights }: (typeof found)[number]) =>
    node.inputs[0] === output &&
    weights?.dims.slice(2).every((size) => size === 1) &&
    (node.attributes.find(({ name }) => name === 'pads')?.numbers ?? []).every((pad) => pad === 0);
  if (found.length === 0 || model.outputs.includes(output) || !found.every(fits)) return false;
  for (const { node, weights } of found) {
    if (!weights) continue;
    const size = weights.values.length / weights.outputs;
    const bias = weights.bias.map((value, i) => {
      const sum = weights.values
        .subarray(i * size, (i + 1) * size)
        .reduce((total, weight) => total + weight, 0);
      return value + sum * shift;
    });
    setWeights(
      model,
      node,
      weights.values.map((value) => value * scale),
      bias,
    );
  }
  return true;
}

function scaleChannels(
  model: OnnxModel,
  given: { input: string; output: string; channels: number; scale: number; shift: number },
): Node {
  const { channels } = given;
  const weights = addConstant(model, [channels, 1, 1, 1], new Float32Array(channels).fill(given.scale));
  const bias = addConstant(model, [channels], new Float32Array(channels).fill(given.shift));
  return {
    operator: 'Conv',
    inputs: [given.input, weights, bias],
    outputs: [given.output],
    attributes: [
      numberAttribute('group', channels),
      integersAttribute('kernel_shape', [1, 1]),
      integersAttribute('strides', [1, 1]),
      integersAttribute('dilations', [1, 1]),
      integersAttribute('pads', [0, 0, 0, 0]),
    ],
  };
}

/** x + x · gate is x · (gate + 1), whose sum is over one pixel instead of the image. */
function fuseGatedSums(model: OnnxModel): void {
  const { makerOf, onlyTaker } = indexOf(model);
  for (const node of model.nodes) {
    if (node.operator !== 'Add') continue;
    const product = node.inputs
      .map(makerOf)
      .find((one) => one?.operator === 'Mul' && onlyTaker(one) === node);
    const value = node.inputs.find((name) => name !== product?.outputs[0]);
    if (!product || !value || !product.inputs.includes(value)) continue;
    const gate = product.inputs.find((name) => name !== value);
    if (!gate || makerOf(gate)?.operator !== 'HardSigmoid') continue;
    product.operator = 'Add';
    product.inputs = [gate, addConstant(model, [], Float32Array.of(1))];
    node.operator = 'Mul';
    node.inputs = [value, product.outputs[0] as string];
  }
}
