// ONNX Runtime: its native library, or its WebAssembly build where the native one is missing (macOS on Intel, musl).
import type { InferenceSession, Tensor } from 'onnxruntime-common';
import { sumsMayOverflow } from './processor.ts';

/** `auto` takes the native library where it loads. */
export type RuntimeChoice = 'auto' | 'native' | 'portable';

interface OnnxRuntime {
  InferenceSession: {
    create(model: Uint8Array, options: InferenceSession.SessionOptions): Promise<InferenceSession>;
  };
  Tensor: new (type: 'float32', data: Float32Array, dims: readonly number[]) => Tensor;
}

/** A loaded model: one input, one output. */
export interface Network {
  run(input: Float32Array, dims: readonly number[]): Promise<{ data: Float32Array; dims: readonly number[] }>;
  release(): Promise<void>;
}

/** One thread computes each network: threads of the pool share the processors between pages, not within one. */
const sessionOptions: InferenceSession.SessionOptions = {
  intraOpNumThreads: 1,
  interOpNumThreads: 1,
  executionMode: 'sequential',
  graphOptimizationLevel: 'all',
  // An arena keeps the memory of the largest page that it has ever seen.
  enableCpuMemArena: false,
  enableMemPattern: false,
  logSeverityLevel: 3,
  extra: { session: { x64quantprecision: sumsMayOverflow() ? '1' : '0' } },
};

/** Loads the runtime. Throws when the one that was asked for is missing. */
export async function loadRuntime(choice: RuntimeChoice = 'auto') {
  const runtime = await importRuntime(choice);
  return {
    async load(model: Uint8Array): Promise<Network> {
      const session = await runtime.InferenceSession.create(model, sessionOptions);
      const [input, output] = [session.inputNames[0] as string, session.outputNames[0] as string];
      return {
        async run(values, dims) {
          const results = await session.run({
            [input]: new runtime.Tensor('float32', values, dims) as never,
          });
          const { data, dims: shape } = results[output] as Tensor;
          return { data: data as Float32Array, dims: shape };
        },
        release: () => session.release(),
      };
    },
  };
}

export type Runtime = Awaited<ReturnType<typeof loadRuntime>>;

async function importRuntime(choice: RuntimeChoice): Promise<OnnxRuntime> {
  if (choice !== 'portable') {
    try {
      return (await import('onnxruntime-node')) as unknown as OnnxRuntime;
    } catch (error) {
      if (choice === 'native') throw error;
    }
  }
  const web = await import('onnxruntime-web');
  web.env.wasm.numThreads = 1;
  return web as unknown as OnnxRuntime;
}
