// The supported file types. An image becomes a page; a document becomes an import, which is split into pages.

const imageTypes = ['image/jpeg', 'image/png', 'image/webp', 'image/heic', 'image/avif'] as const;
const documentTypes = ['application/pdf', 'image/tiff'] as const;
export type DocumentType = (typeof documentTypes)[number];
export type FileType = (typeof imageTypes)[number] | DocumentType;

export const fileTypes: readonly FileType[] = [...imageTypes, ...documentTypes];

/** For use in a sentence. */
export const imageTypeNames = 'JPEG, PNG, WebP, HEIC or AVIF';
export const fileTypeNames = 'JPEG, PNG, WebP, HEIC, AVIF, TIFF or PDF';

const imageExtensions = ['.jpg', '.jpeg', '.png', '.webp', '.heic', '.heif', '.hif', '.avif'];
/** For a file field's `accept`: types, and extensions whose type some systems do not know. */
export const acceptedImages = [...imageTypes, 'image/heif', ...imageExtensions].join(',');
export const acceptedFiles = [
  ...imageTypes,
  'image/heif',
  ...documentTypes,
  ...imageExtensions,
  '.tif',
  '.tiff',
  '.pdf',
].join(',');

/** Other names for the types. */
const otherNames: Record<string, FileType> = {
  'image/jpg': 'image/jpeg',
  'image/pjpeg': 'image/jpeg',
  'image/heif': 'image/heic',
  'image/heic-sequence': 'image/heic',
  'image/heif-sequence': 'image/heic',
  'image/avif-sequence': 'image/avif',
  'image/tif': 'image/tiff',
  'application/x-pdf': 'application/pdf',
};

/** The type that a sender declares: `unknown` when it declares none, `undefined` when it is unsupported. */
export function meantType(declaredType: string): FileType | 'unknown' | undefined {
  const declared = declaredType.toLowerCase();
  if (declared === '' || declared === 'application/octet-stream') return 'unknown';
  return otherNames[declared] ?? fileTypes.find((type) => type === declared);
}

/** Whether a file that is declared like this may be of that type: `image/heif` means HEIC or AVIF. */
export function mayBe(declaredType: string, type: FileType): boolean {
  const meant = meantType(declaredType);
  if (/^image\/heif(-sequence)?$/i.test(declaredType)) return type === 'image/heic' || type === 'image/avif';
  return meant === 'unknown' || meant === type;
}

/** Whether a file of this type may hold many pages. */
export function isDocument(type: string): type is DocumentType {
  return documentTypes.some((documentType) => documentType === type);
}
