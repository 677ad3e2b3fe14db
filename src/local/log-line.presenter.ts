const levels = { trace: 10, debug: 20, info: 30, warn: 40, error: 50, fatal: 60, silent: 100 };
export type LogLevel = keyof typeof levels;

const hidden = new Set(['level', 'time', 'pid', 'hostname', 'msg', 'name', 'v']);

/**
 * A process's output as one compact line for the terminal: `web warn message key=value`. `undefined` for a log entry
 * below the level. Lines that are not log entries stay as they are.
 */
export function presentLogLine(source: string, line: string, least: LogLevel): string | undefined {
  const entry = parseEntry(line);
  const label = source.padEnd(9);
  if (!entry) return line.trim() === '' ? undefined : `${label}${stripControls(line)}`;
  if (entry.level < levels[least]) return undefined;
  const level = Object.entries(levels).find(([, value]) => value === entry.level)?.[0] ?? String(entry.level);
  const details = Object.entries(entry)
    .filter(([key, value]) => !hidden.has(key) && value !== undefined)
    .map(([key, value]) => `${key}=${presentValue(value)}`);
  const message = typeof entry.msg === 'string' ? entry.msg : '';
  return stripControls([`${label}${level.padEnd(5)}`, message, ...details].filter(Boolean).join(' '));
}

function parseEntry(line: string): ({ level: number } & Record<string, unknown>) | undefined {
  if (!line.startsWith('{')) return undefined;
  try {
    const entry = JSON.parse(line);
    return typeof entry.level === 'number' ? entry : undefined;
  } catch {
    return undefined;
  }
}

function presentValue(value: unknown): string {
  if (typeof value === 'string') return /^[\w./:@-]+$/.test(value) ? value : JSON.stringify(value);
  if (isError(value)) return JSON.stringify(value.stack ?? value.message);
  return JSON.stringify(value);
}

function isError(value: unknown): value is { message: string; stack?: string } {
  return typeof value === 'object' && value !== null && 'message' in value;
}

// logged text may come from outside and must not control the terminal
function stripControls(text: string): string {
  return text.replace(/\p{Cc}/gu, ' ');
}
