// The description of a deployment: one JSON file, parsed once, all mistakes reported together.
import { readFileSync } from 'node:fs';
import path from 'node:path';
import { z } from 'zod';

const secretName = z.string().regex(/^[A-Z][A-Z0-9_]*$/, 'is not a valid environment variable name');
const whole = z.number().int().positive();
const network = z.string().regex(/^\d{1,3}(\.\d{1,3}){3}\/\d{1,2}$/, 'is not a network such as 10.60.0.0/16');

/** What the provider calls the attributes. */
const attributeNames = z
  .strictObject({
    email: z.string().default('email'),
    name: z.string().default('name'),
    groups: z.string().default('groups'),
  })
  .prefault({});

const saml = z.strictObject({
  providerName: z.string().min(1),
  issuer: z.string().min(1),
  metadataUrl: z.url({ protocol: /^https$/ }).optional(),
  entryPoint: z.url({ protocol: /^https$/ }).optional(),
  certificate: z.string().min(1).optional(),
  attributes: attributeNames,
  groupsSeparator: z.string().length(1).optional(),
});

const groups = z
  .strictObject({
    table: z.record(z.string(), z.string()).refine((table) => Object.keys(table).length > 0, {
      message: 'is empty: no one could sign in',
    }),
    admins: z.string().default('paperlift-admins'),
    users: z.string().default('paperlift-users'),
    auditors: z.string().default('paperlift-auditors'),
    records: z.string().default('paperlift-records'),
  })
  .superRefine(({ table, admins, users, auditors, records }, context) => {
    for (const [from, to] of Object.entries(table)) {
      if ([admins, users, auditors, records].includes(to)) continue;
      const message = `maps to "${to}", which is not ${admins}, ${users}, ${auditors} or ${records}`;
      context.addIssue({ code: 'custom', path: ['table', from], message });
    }
  });

const identity = z.strictObject({
  /** The first label of the pool's own sign-in page, unique in the region. Without it the pool has no such page. */
  domainPrefix: z
    .string()
    .regex(/^[a-z0-9-]+$/)
    .optional(),
  callbackUrls: z.array(z.url()).default([]),
  /** Lets the pool federate to the company's provider, as an application of its own there. */
  federation: z
    .strictObject({
      metadataUrl: z.url({ protocol: /^https$/ }),
      attributes: attributeNames,
    })
    .optional(),
});

const taskSize = (cpu: number, memory: number) => ({
  cpu: z.literal([256, 512, 1024, 2048, 4096]).default(cpu as 512),
  memory: whole.default(memory),
});

/** A file of certificates or of revoked ones in a bucket, in PEM. */
const pemFile = z.strictObject({ key: z.string().min(1), version: z.string().optional() });

const fargate = z.strictObject({
  network: network.default('10.60.0.0/16'),
  availabilityZones: z.array(z.string()).min(2).optional(),
  egress: z.enum(['nat', 'endpoints']).default('nat'),
  natGateways: whole.default(1),
  /** The networks that may reach the load balancer. */
  clients: z.array(network).min(1).default(['0.0.0.0/0']),
  /** Clients need a certificate of these authorities that is on none of their revocation lists. */
  mutualTls: pemFile
    .extend({ bucket: z.string().min(3), revocations: z.array(pemFile).default([]) })
    .optional(),
  architecture: z.enum(['amd64', 'arm64']).default('amd64'),
  web: z
    .strictObject({
      ...taskSize(512, 1024),
      tasks: whole.default(2),
      mostTasks: whole.default(6),
      requestsPerMinute: whole.default(1200),
    })
    .prefault({}),
  worker: z
    .strictObject({
      ...taskSize(1024, 4096),
      tasks: whole.default(1),
      pagesAtOnce: whole.default(4),
      spot: z.boolean().default(false),
    })
    .prefault({}),
  /** A domain of Amazon OpenSearch Service in the network, which searches instead of the embedded index. */
  openSearch: z
    .strictObject({
      instance: z
        .string()
        .regex(/^[a-z0-9]+\.[a-z0-9]+\.search$/, 'is not an instance type such as t3.medium.search')
        .default('t3.medium.search'),
      /** Data nodes, one or more in each of two zones. */
      nodes: z.number().int().min(2).max(20).multipleOf(2).default(2),
      volumeGb: whole.min(10).max(1024).default(20),
    })
    .optional(),
});

/** What the web application firewall in front of the web allows of one address in five minutes. */
const firewall = z
  .strictObject({
    requestsPerFiveMinutes: whole.min(100).default(20_000),
    signInsPerFiveMinutes: whole.min(10).default(1500),
    /** Networks whose people share an address: not counted. */
    uncounted: z.array(network).default([]),
  })
  .or(z.literal(false));

const lambda = z.strictObject({
  web: z.strictObject({ memory: whole.min(512).max(10240).default(1769) }).prefault({}),
  worker: z
    .strictObject({
      memory: whole.min(1536).max(10240).default(3008),
      timeoutSeconds: whole.min(180).max(900).default(300),
      exportsAtOnce: whole.min(2).default(2),
    })
    .prefault({}),
  /** The limits of the API for everyone together. */
  requestsPerSecond: whole.default(200),
  burst: whole.default(400),
  /** Whether the stack sets the account's role by which API Gateway writes logs. One role serves all APIs of a region. */
  setsLogRole: z.boolean().default(true),
  mutualTls: pemFile.extend({ bucket: z.string().min(3) }).optional(),
});

const principal = z.string().regex(/^arn:[\w-]+:(iam|sts)::\d{12}:\S+$/, 'is not the ARN of a role or user');

const publicCollector = 'public.ecr.aws/aws-observability/aws-otel-collector:v0.49.0';

/** What is measured, and where to. */
const telemetry = z
  .strictObject({
    traces: z.boolean().default(false),
    /** The part of the requests that is recorded. */
    sampling: z.number().min(0).max(1).default(0.1),
    /** Beside Fargate's tasks: an image anywhere, or a tag of the deployment's repository. */
    collectorImage: z.string().min(1).default(publicCollector),
    /** CloudWatch's metrics by the product, and alarms of them. */
    metrics: z.boolean().default(false),
  })
  .prefault({});

/** The pipeline at GitHub that may deploy this. */
const pipeline = z.strictObject({
  repository: z.string().regex(/^[\w.-]+\/[\w.-]+$/, 'is not owner/name'),
  environment: z.string().regex(/^[\w.-]+$/, 'is not the name of an environment'),
  /** Whether the account has GitHub as an identity provider already: it can have it once. */
  providerExists: z.boolean().default(false),
});

/** Who may read and repair data by hand. */
const breakGlass = z.strictObject({
  trusted: z.array(principal).min(1),
  /** Off where they come by an identity provider that requires a second factor: AWS does not see it. */
  requiresMfa: z.boolean().default(true),
  /** The roles of AWS Backup. */
  backupRoles: z.array(principal).default([]),
});

const deployment = z
  .strictObject({
    name: z
      .string()
      .regex(/^[a-z][a-z0-9-]{1,20}$/)
      .default('paperlift'),
    account: z.string().regex(/^\d{12}$/, 'is not an AWS account id of twelve digits'),
    region: z.string().regex(/^[a-z]{2}(-[a-z]+)+-\d$/, 'is not an AWS region'),
    publicUrl: z
      .url({ protocol: /^https$/ })
      .refine((url) => new URL(url).origin === url, 'must be https://host, without a path or trailing slash'),
    certificateArn: z.string().regex(/^arn:[\w-]+:acm:[\w-]+:\d{12}:certificate\/.+$/),
    hostedZone: z.strictObject({ id: z.string().min(1), name: z.string().min(1) }).optional(),
    /** A tag of the repository, or better a digest (sha256:…). */
    image: z.string().min(1),
    /** Whether the registry signs what is pushed. The setting is the whole registry's, one of an account and region. */
    signImages: z.boolean().default(false),
    alarmMail: z.email().optional(),
    supportContact: z.string().min(1).optional(),
    logDays: z.literal([1, 7, 14, 30, 60, 90, 180, 365, 400, 731]).default(90),
    /** The quota "Transactions per second per account: DetectDocumentText (synchronous)" of account and region. */
    textractCallsPerSecond: whole.max(900),
    /** Write units a second that the table and each of its indexes take at once, instead of a new table's 4,000. */
    warmWriteUnits: whole.min(4000).max(40_000).optional(),
    saml,
    groups,
    identity: identity.prefault({}),
    /** Variables that the secret holds beside SESSION_SECRET. */
    secretVariables: z.array(secretName).default([]),
    /** Any other variable of .env.example. */
    environment: z.record(secretName, z.string()).default({}),
    /** After a restore: the table or bucket to use instead of the stacks' own. */
    restored: z.strictObject({ table: z.string().optional(), bucket: z.string().optional() }).default({}),
    firewall: firewall.prefault({}),
    telemetry,
    /** Buckets that rules may put exports into, by the organisation whose rules may. */
    pushBuckets: z
      .record(z.string().regex(/^[\w-]+$/), z.array(z.string().regex(/^[a-z0-9][a-z0-9.-]{1,61}[a-z0-9]$/)))
      .default({}),
    /** Whether there is an event bus that is told what happens. */
    eventBus: z.boolean().default(false),
    breakGlass: breakGlass.optional(),
    /** Whether roles have the boundary of the stack Guards. */
    boundary: z.boolean().default(false),
    pipeline: pipeline.optional(),
    /** Names the bootstrap of the account that deploys this, where it is not the default one. */
    bootstrapQualifier: z
      .string()
      .regex(/^[a-z0-9]{1,10}$/, 'is not a qualifier: up to ten small letters and digits')
      .optional(),
    fargate: fargate.optional(),
    lambda: lambda.optional(),
    /** Where publicUrl leads, when both are given. */
    leadsTo: z.enum(['fargate', 'lambda']).optional(),
  })
  .superRefine((given, context) => {
    const mistake = (at: string, message: string) =>
      context.addIssue({ code: 'custom', path: [at], message });
    if (!given.fargate && !given.lambda) mistake('fargate, lambda', 'set at least one of the two');
    if (given.fargate && given.lambda && !given.leadsTo) {
      mistake('leadsTo', 'is missing: set it to fargate or lambda, which publicUrl leads to');
    }
    if (given.fargate?.openSearch && given.lambda)
      mistake(
        'fargate.openSearch',
        'the functions of lambda are in no network, from which they could reach it: leave out one of the two',
      );
    if (given.leadsTo && !given[given.leadsTo])
      mistake('leadsTo', `is ${given.leadsTo}, which is not configured`);
    const region = given.certificateArn.split(':')[3];
    if (region !== given.region) mistake('certificateArn', `is in ${region}, but must be in ${given.region}`);
    const { metadataUrl, entryPoint, certificate } = given.saml;
    const hasCertificate = certificate || given.secretVariables.includes('SAML_IDP_CERTIFICATE');
    if (!metadataUrl && !(entryPoint && hasCertificate)) {
      mistake('saml', 'set metadataUrl, or entryPoint and certificate');
    }
    if (given.fargate?.egress === 'endpoints' && !given.saml.entryPoint) {
      mistake(
        'fargate.egress',
        'saml.metadataUrl cannot be read without NAT: set entryPoint and certificate',
      );
    }
    if (given.pipeline && !given.boundary) {
      mistake('pipeline', 'needs "boundary": true: the stack Guards holds its role');
    }
    const { traces, collectorImage } = given.telemetry;
    if (given.fargate?.egress === 'endpoints' && traces && collectorImage.includes('/')) {
      mistake(
        'telemetry.collectorImage',
        'cannot be pulled without NAT: push it to the repository, and name its tag',
      );
    }
    if (given.identity.federation && !given.identity.domainPrefix) {
      mistake('identity.domainPrefix', 'is missing: federation requires the pool’s domain');
    }
    if (given.identity.domainPrefix && given.identity.callbackUrls.length === 0) {
      mistake('identity.callbackUrls', 'is empty: the pool’s sign-in page needs a URL to return to');
    }
  });

export type Deployment = z.infer<typeof deployment>;

export class DeploymentError extends Error {
  override name = 'DeploymentError';
}

/** Parses a deployment file. Throws DeploymentError that names every mistake. */
export function parseDeployment(json: unknown): Deployment {
  const parsed = deployment.safeParse(json, { reportInput: true });
  if (parsed.success) return parsed.data;
  const mistakes = parsed.error.issues.map(({ path: at, message, code, input }) => {
    const missing = code === 'invalid_type' && input === undefined && message.includes('undefined');
    return `${at.join('.') || 'the file'}: ${missing ? 'is missing' : message}`;
  });
  throw new DeploymentError(`Invalid deployment configuration:\n  ${mistakes.join('\n  ')}`);
}

/** Reads a deployment file, by default paperlift.json beside this module. `image` overrides the file's. */
export function readDeployment(named: { file?: string; image?: string }): Deployment {
  const file = path.resolve(import.meta.dirname, named.file ?? 'paperlift.json');
  let json: unknown;
  try {
    json = JSON.parse(readFileSync(file, 'utf8'));
  } catch (error) {
    const hint = named.file ? '' : ' Copy paperlift.example.json to paperlift.json and fill it in.';
    throw new DeploymentError(`${(error as Error).message}.${hint}`);
  }
  return parseDeployment(named.image ? { ...(json as object), image: named.image } : json);
}
