import pino from 'pino';

/** Never in a log, wherever they come from: credentials, cookies, SAML messages, what people scanned. */
const redacted = [
  'authorization',
  'cookie',
  'set-cookie',
  'SAMLResponse',
  'RelayState',
  'password',
  'token',
  'text',
  'preview',
];

/** Structured logs, one JSON object a line (which also escapes line breaks and control codes). */
export function createLogger({
  level,
  destination,
}: {
  level: string;
  destination?: pino.DestinationStream;
}) {
  return pino(
    {
      level,
      base: undefined,
      timestamp: pino.stdTimeFunctions.isoTime,
      redact: {
        paths: redacted.flatMap((key) => [`["${key}"]`, `*["${key}"]`, `*.*["${key}"]`]),
        censor: '[redacted]',
      },
      serializers: { err: pino.stdSerializers.errWithCause },
    },
    destination ?? pino.destination({ sync: false }),
  );
}

export type Logger = ReturnType<typeof createLogger>;
