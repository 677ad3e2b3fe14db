// The kinds of files that people bring, and what becomes of each: an image is a page; a document is an import, which is
// split into pages.

const imageTypes = ['image/jpeg', 'image/png', 'image/webp', 'image/heic', 'image/avif'] as const;
const documentTypes = ['application/pdf', 'image/tiff'] as const;
export type DocumentType = (typeof documentTypes)[number];
export type FileType = (typeof imageTypes)[number] | DocumentType;

export const fileTypes: readonly FileType[] = [...imageTypes, ...documentTypes];

/** For people, in a sentence. */
export const imageTypeNames = 'JPEG, PNG, WebP, HEIC or AVIF';
export const fileTypeNames = 'JPEG, PNG, WebP, HEIC, AVIF, TIFF or PDF';

const imageExtensions = ['.jpg', '.jpeg', '.png', '.webp', '.heic', '.heif', '.hif', '.avif'];
/** For `accept` of a file field: types, and extensions of which some systems do not know the type. */
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

/** Other names by which programs declare a type. */
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

/** Of what a sender says: the type that it means; `unknown` when it does not say, undefined for what is not taken. */
export function meantType(declaredType: string): FileType | 'unknown' | undefined {
  const declared = declaredType.toLowerCase();
  if (declared === '' || declared === 'application/octet-stream') return 'unknown';
  return otherNames[declared] ?? fileTypes.find((type) => type === declared);
}

/** Whether a file that is declared like this may be of that type: `image/heif` is the name of both HEIC and AVIF. */
export function mayBe(declaredType: string, type: FileType): boolean {
  const meant = meantType(declaredType);
  if (/^image\/heif(-sequence)?$/i.test(declaredType)) return type === 'image/heic' || type === 'image/avif';
  return meant === 'unknown' || meant === type;
}

/** Whether a file of this type may hold many pages. */
export function isDocument(type: string): type is DocumentType {
  return documentTypes.some((documentType) => documentType === type);
}
