// The text PDF as HTML: the text alone, without the scans.
import type { DetectedLine } from '../../text/detected-text.ts';
import { textOf } from '../../text/detected-text.ts';
import { buildBlankFont, wideSpace } from './blank-font.ts';
import { escapeHtml, languageAttribute, languageTag } from './document-text.ts';

export interface TextDocument {
  title: string;
  /** BCP 47, for example `de` */
  language: string;
  pages: TextPage[];
}

interface TextPage {
  lines: DetectedLine[];
  /** BCP 47; the document's where it is missing. */
  language?: string | undefined;
}

const serif = '"Noto Serif", "Source Serif 4", Georgia, "Noto Naskh Arabic", "Noto Serif Hebrew"';

/** Uses the machine's fonts. Chinese, Japanese and Korean write some shared characters differently. */
const eastAsian = Object.entries({ zh: 'SC', 'zh-Hans': 'SC', 'zh-Hant': 'TC', ja: 'JP', ko: 'KR' })
  .map(
    ([tag, form]) =>
      `:lang(${tag}) { font-family: ${serif}, "Noto Serif CJK ${form}", "Noto Sans CJK ${form}", serif }`,
  )
  .join('\n');

/**
 * Two white rectangles above the text, as wide as the text area. PDFium (Chrome, Edge) treats a page whose text covers
 * less of its width than of its height as vertical text and puts every letter on its own line, for example on a page
 * of short lines with a page number. It counts only characters that have an outline. Page margins do not load fonts,
 * so the header uses the same character.
 */
const ruler = {
  font: `@font-face { font-family: Ruler; src: url(data:font/ttf;base64,${buildBlankFont(wideSpace).toString('base64')}) }`,
  style: `content: "${wideSpace.repeat(2)}"; font: 9pt Ruler; color: white; white-space: pre`,
};

const style = `
${ruler.font}
@page {
  size: A4;
  margin: 26mm 24mm 28mm;
  @top-center { ${ruler.style} }
  @bottom-center { content: counter(page) " / " counter(pages); font: 9pt system-ui, "Noto Sans", sans-serif; color: #5b6675 }
}
html { font: 11pt/1.55 ${serif}, "Noto Serif CJK SC", "Noto Sans CJK SC", serif; color: #1d2430 }
${eastAsian}
body { margin: 0 }
header { margin: 0 0 14mm; padding-bottom: 4mm; border-bottom: 0.5pt solid #e4e1d9 }
header::after { content: "${wideSpace}"; position: absolute; font: 1px Ruler; color: white }
h1 { margin: 0; font-size: 21pt; line-height: 1.25; font-weight: 600; overflow-wrap: anywhere }
section + section { margin-top: 11mm }
h2 { margin: 0 0 3mm; font: 600 9pt system-ui, "Noto Sans", sans-serif; letter-spacing: 0.04em; color: #5b6675; break-after: avoid }
p { margin: 0; min-height: 1.55em; unicode-bidi: plaintext; text-align: start; overflow-wrap: anywhere; white-space: pre-wrap; orphans: 2; widows: 2 }
p.none { color: #5b6675; font-style: italic }
`;

/** The HTML of a text PDF: the title, then each page's text under a small heading, line by line. */
export function buildTextPdfHtml({ title, language, pages }: TextDocument): string {
  return `<!doctype html>
<html lang="${languageTag(language)}">
<head>
<meta charset="utf-8">
<title>${escapeHtml(title)}</title>
<style>${style}</style>
</head>
<body>
<header><h1 dir="auto">${escapeHtml(title)}</h1></header>
${pages.map((page, index) => buildSection(page, index + 1, language)).join('\n')}
</body>
</html>
`;
}

function buildSection({ lines, language }: TextPage, number: number, documentLanguage: string): string {
  const paragraphs = textOf({ lines })
    .split('\n')
    .map((line) => {
      const attribute = languageAttribute(languageOf(line, language), documentLanguage);
      return `<p dir="auto"${attribute}>${escapeHtml(line)}</p>`;
    });
  const text =
    lines.length > 0 ? paragraphs.join('\n') : '<p class="none">No text was found on this page.</p>';
  return `<section>\n<h2>Page ${number}</h2>\n${text}\n</section>`;
}

/** Kana are only used in Japanese and Hangul only in Korean; Chinese characters alone follow the page's language. */
function languageOf(line: string, language: string | undefined): string | undefined {
  if (/[\p{Script=Hiragana}\p{Script=Katakana}]/u.test(line)) return 'ja';
  return /\p{Script=Hangul}/u.test(line) ? 'ko' : language;
}
