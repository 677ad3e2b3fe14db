import type { Finding } from '../../test/onprem/part.ts';

interface Engine {
  service: string;
  engine: string;
  version: string;
}

/** A Markdown table: engine, version, what was tried, what was found. */
export function presentFindings(findings: Finding[], engines: Engine[]): string {
  const rows = engines.flatMap(({ service, engine, version }) =>
    findings
      .filter((finding) => finding.service === service)
      .map(({ tried, found }) => `| ${engine} | ${version} | ${tried} | ${found} |`),
  );
  return ['| engine | version | tried | found |', '| --- | --- | --- | --- |', ...rows].join('\n');
}
