import pino from 'pino';
import { currentSpan } from './trace.ts';

/** Fields that are never logged: credentials, cookies, SAML messages, text from scans. */
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

/** Structured logs: one JSON object a line, which escapes line breaks and control codes. */
export function createLogger({
  level,
  destination,
  sync = false,
}: {
  level: string;
  destination?: pino.DestinationStream;
  /** Whether a line is written before the call returns, for processes that may be frozen at any time. */
  sync?: boolean;
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
      mixin: nameSpan,
      hooks: { streamWrite: escapeControls },
    },
    destination ?? pino.destination({ sync }),
  );
}

/** Leads from a line to its trace. */
function nameSpan(): { traceId?: string; spanId?: string } {
  const span = currentSpan();
  return span ? { traceId: span.traceId, spanId: span.spanId } : {};
}

/**
 * Escapes what JSON leaves as it is: DEL and C1 (terminal control codes), line and paragraph separators, and
 * directional controls.
 */
function escapeControls(line: string): string {
  return line.replace(
    /[\u007f-\u009f\u2028\u2029\p{Bidi_Control}]/gu,
    (character) => `\\u${character.charCodeAt(0).toString(16).padStart(4, '0')}`,
  );
}

export type Logger = ReturnType<typeof createLogger>;
