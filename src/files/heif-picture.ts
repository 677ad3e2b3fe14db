// What is known about the primary image of a HEIF file.

/** How the primary image is transformed, in the order of the list. */
export type HeifTransform = { associationAt: number; associationLength: number } & (
  | { kind: 'crop'; width: number; height: number; left: number; top: number }
  /** Quarter turns, anticlockwise. */
  | { kind: 'turn'; quarters: number }
  /** `rows`: flipped top to bottom. `columns`: flipped left to right. */
  | { kind: 'mirror'; exchanges: 'rows' | 'columns' }
);

export interface HeifPicture {
  /** The type of the coded item or of its tiles: `hvc1`, `av01`, `jpeg`, … */
  codec: string;
  /** The size of the largest image in the file, in pixels, before the transforms. */
  largest: { width: number; height: number };
  /** `associationAt` is the offset in `meta` of the bytes that assign this property to the image. */
  transforms: HeifTransform[];
  /** The highest bit depth of any AV1 image in the file. */
  bitDepth: number;
}
