// Reduces a recognition model to the letters that are wanted: a tenth of the time goes into the thousands that are not.
import { describeOutput, isOutput, type OnnxModel } from './onnx-file.ts';

/**
 * Keeps these classes, in this order, of a model that ends in matrix product, sum and softmax. Answers whether it does; otherwise
 * the model is unchanged.
 */
export function selectClasses(model: OnnxModel, classes: number[]): boolean {
  const producerOf = (name: string | undefined) => model.nodes.find(({ outputs }) => outputs[0] === name);
  const [output] = model.outputs;
  const softmax = producerOf(output);
  const sum = skipIdentities(model, softmax?.inputs[0]);
  const product = sum?.inputs.map((name) => skipIdentities(model, name)).find((node) => node);
  const bias = sum?.inputs.find((name) => model.constants.has(name));
  const weights = product?.inputs[1];
  const old = { weights: model.constants.get(weights ?? ''), bias: model.constants.get(bias ?? '') };
  const matches =
    softmax?.operator === 'Softmax' && sum?.operator === 'Add' && product?.operator === 'MatMul';
  if (!matches || !output || !old.weights?.values || !old.bias?.values) return false;
  const [rows = 0, columns = 0] = old.weights.dims;
  const values = new Float32Array(rows * classes.length);
  for (let row = 0; row < rows; row++) {
    for (const [i, chosen] of classes.entries()) {
      values[row * classes.length + i] = old.weights.values[row * columns + chosen] as number;
    }
  }
  const oldBias = old.bias.values;
  const selected = { weights: `${weights} selected`, bias: `${bias} selected` };
  model.constants.set(selected.weights, { dims: [rows, classes.length], values });
  model.constants.set(selected.bias, {
    dims: [classes.length],
    values: Float32Array.from(classes, (chosen) => oldBias[chosen] as number),
  });
  product.inputs = product.inputs.map((name) => (name === weights ? selected.weights : name));
  sum.inputs = sum.inputs.map((name) => (name === bias ? selected.bias : name));
  model.graphFields = [...model.graphFields.filter((field) => !isOutput(field)), describeOutput(output)];
  return true;
}

function skipIdentities(model: OnnxModel, name: string | undefined) {
  let node = model.nodes.find(({ outputs }) => outputs[0] === name);
  while (node?.operator === 'Identity') {
    const [input] = node.inputs;
    node = model.nodes.find(({ outputs }) => outputs[0] === input);
  }
  return node;
}
