declare module 'libheif-js/wasm-bundle.js' {
  interface Image {
    is_primary(): boolean;
    get_width(): number;
    get_height(): number;
    /** Fills `data` with four bytes a pixel: red, green, blue, alpha. Calls back with null on failure. */
    display(
      target: { data: Uint8ClampedArray; width: number; height: number },
      done: (shown: unknown) => void,
    ): void;
    free(): void;
  }
  const libheif: {
    ready: Promise<unknown>;
    HeifDecoder: new () => { decode(file: Uint8Array): Image[]; decoder: { delete(): void } | null };
  };
  export default libheif;
}
