// The house: which folder of src/ may import which, and which file may import which library. Data runs one way, from
// routes through services to stores, and from the features at the top to what all of them rest on.
import path from 'node:path';

/**
 * Every folder of src/ with the folders that it may import, apart from itself, `errors.ts` and `ids.ts`. `http` is for the
 * files that answer requests alone (`isEdge`).
 */
export const rooms: Record<string, string> = {
  // pure
  files: 'text',
  text: 'runtime',
  // what a process is, and what it talks to
  runtime: '',
  aws: 'runtime',
  jobs: 'aws runtime',
  // who asks
  people: 'aws text',
  config: 'people runtime text',
  audit: 'aws config people runtime http',
  auth: 'audit aws config people runtime text http',
  // what all routes share
  http: 'aws config people runtime',
  // features, each above those that it may import
  projects: 'audit aws people runtime text http',
  pages: 'projects audit aws files jobs people runtime text http',
  drawing: 'aws files jobs pages runtime text',
  imports: 'pages projects drawing audit aws files jobs people runtime http',
  uploads: 'imports pages projects audit aws files people runtime http',
  detection: 'pages drawing audit aws config files jobs runtime text',
  search: 'pages projects audit aws people runtime text http',
  review: 'search pages projects audit aws people runtime text http',
  exports: 'imports drawing pages projects audit aws config files jobs people runtime text http',
  events: 'exports imports pages projects audit aws people runtime http',
  rules: 'events exports projects audit aws people text http',
  capture: 'uploads pages projects auth audit aws people http',
  site: 'exports search review uploads imports pages projects auth audit config files people text http',
  // ways in
  lambda: 'jobs runtime',
  setup: 'aws config',
  // wiring, and what stands in for AWS on one machine: these may import everything
  compose: '*',
  app: '*',
  local: '*',
};

/** Libraries that only some files may import. */
const libraries: { name: RegExp; where: RegExp; why: string }[] = [
  {
    name: /^(express|multer)$/,
    where:
      /^(?!.*\.service\.ts$)(app\.ts|app\/|http\/|lambda\/|local\/)|\.routes\.ts$|\.cookie\.ts$|\.view\.ts$|^auth\/(session|authenticate|saml\/strategy)\.ts$|^uploads\/(multipart|named-upload|form-uploads)\.ts$/,
    why: 'Express is for what answers requests: app, http/, lambda/, auth/ and routes.',
  },
  {
    name: /^@aws-sdk\/|^@smithy\//,
    where:
      /^(aws|jobs|setup|local)\/|\.store\.ts$|^detection\/(text-detector|textract-blocks|image-moderator)\.ts$|^exports\/text-translator\.ts$|^events\/bus\.putter\.ts$|^rules\/s3\.push\.ts$|^auth\/(pool-mirror|machine-clients|token\.keys)\.ts$/,
    why: 'The AWS SDK is for aws/, jobs/, the stores and what calls one service: text detector, moderator, translator.',
  },
  {
    name: /^@opensearch-project\//,
    where: /^search\/opensearch\/opensearch\.client\.ts$/,
    why: 'OpenSearch is for its own folder of the search.',
  },
  {
    name: /^puppeteer-core$/,
    where: /^exports\/pdf\/|^local\//,
    why: 'Chromium is for the renderer of PDFs.',
  },
];

/** What a file of a role may not import. */
const roles: { from: RegExp; to: RegExp; why: string }[] = [
  {
    from: /\.routes\.ts$/,
    to: /\.store\.ts$/,
    why: 'Routes call services, not stores.',
  },
  {
    from: /\.service\.ts$/,
    to: /\.(routes|presenter|api)\.ts$|^http\//,
    why: 'Services know neither routes nor views.',
  },
  {
    from: /\.(store|presenter)\.ts$/,
    to: /\.(routes|service)\.ts$/,
    why: 'Stores and presenters know neither routes nor services.',
  },
  {
    from: /./,
    to: /^(server|worker|index-text|lambda|lambda-worker|lambda-pre-token)\.ts$/,
    why: 'Nothing imports an entry point.',
  },
];

const importing =
  /^(?:import|export)\b[^;'"]*?\bfrom '([^'\n]+)';|^import '([^'\n]+)';|\bimport\('([^'\n]+)'\)/gm;

/** What a module imports, types included, by the names that it gives them. */
function importsOf(source: string): string[] {
  return [...source.matchAll(importing)].map(([, from, bare, lazily]) => (from ?? bare ?? lazily) as string);
}

const roomOf = (file: string) => (file.includes('/') ? (file.split('/')[0] as string) : '');

/** Files of a feature that answer requests: these alone may use http/. */
function isEdge(file: string): boolean {
  return (
    /\.(routes|presenter|api|openapi|cookie|view|csv)\.ts$/.test(file) ||
    /^auth\/(session|authenticate|sign-in)/.test(file) ||
    /^uploads\/(multipart|named-upload|form-uploads)\.ts$/.test(file) ||
    roomOf(file) === 'site' ||
    roomOf(file) === 'http'
  );
}

/**
 * Every import that the house does not allow, as a sentence. `sources` are the modules of src/ by their paths in it; types
 * count, because knowing a type is knowing its owner.
 */
export function findViolations(sources: Record<string, string>): string[] {
  const found: string[] = [];
  const imported = new Map<string, string[]>();
  for (const [file, source] of Object.entries(sources)) {
    const targets: string[] = [];
    for (const name of importsOf(source)) {
      if (!name.startsWith('.')) {
        const library = libraries.find((each) => each.name.test(name));
        if (library && !library.where.test(file)) found.push(`${file} imports ${name}. ${library.why}`);
        continue;
      }
      const target = path.posix.join(path.posix.dirname(file), name);
      targets.push(target);
      const why = refuse(file, target);
      if (why) found.push(`${file} imports ${target}. ${why}`);
    }
    imported.set(file, targets);
  }
  return [...found, ...findCircles(imported)];
}

function refuse(file: string, target: string): string | undefined {
  const [from, to] = [roomOf(file), roomOf(target)];
  const role = roles.find((each) => each.from.test(file) && each.to.test(target));
  if (role) return role.why;
  if (from === '' || from === to) return undefined; // entry points and wiring
  if (['errors.ts', 'ids.ts'].includes(target)) return undefined;
  const allowed = rooms[from];
  if (allowed === undefined) return `${from}/ is no room of the house: add it to the matrix.`;
  if (allowed === '*') return undefined;
  if (!allowed.split(' ').includes(to)) return `${from}/ may import: ${allowed || 'nothing'}.`;
  if (to === 'http' && !isEdge(file)) return 'http/ is for files that answer requests.';
  return undefined;
}

/** Files that import each other, directly or by way of others. */
function findCircles(imported: Map<string, string[]>): string[] {
  const done = new Set<string>();
  const circles: string[] = [];
  const walk = (file: string, trail: string[]) => {
    const at = trail.indexOf(file);
    if (at >= 0) {
      circles.push(`${[...trail.slice(at), file].join(' -> ')} is a circle.`);
      return;
    }
    if (done.has(file)) return;
    for (const target of imported.get(file) ?? []) walk(target, [...trail, file]);
    done.add(file);
  };
  for (const file of imported.keys()) walk(file, []);
  return circles;
}
