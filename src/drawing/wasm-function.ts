/**
 * A WebAssembly table holds WebAssembly functions only, so a small module imports this function and exports it again.
 */
export function asWasmFunction(run: (...numbers: number[]) => number, count = 4): unknown {
  const [i32, func] = [0x7f, 0x60];
  const type = [1, 5 + count, 1, func, count, ...Array.from({ length: count }, () => i32), 1, i32];
  const imported = [2, 7, 1, 1, 0x65, 1, 0x66, 0, 0];
  const exported = [7, 5, 1, 1, 0x66, 0, 0];
  const module = new Uint8Array([0, 0x61, 0x73, 0x6d, 1, 0, 0, 0, ...type, ...imported, ...exported]);
  return new WebAssembly.Instance(new WebAssembly.Module(module), { e: { f: run } }).exports.f;
}
