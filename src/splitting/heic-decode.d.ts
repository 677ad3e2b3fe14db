declare module 'heic-decode' {
  /** Four bytes a pixel: red, green, blue, alpha. */
  export default function decode(file: {
    buffer: Uint8Array;
  }): Promise<{ width: number; height: number; data: Uint8ClampedArray }>;
}
