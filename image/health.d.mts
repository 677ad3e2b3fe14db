export function checkHealth(options: {
  what: string | undefined;
  env: Record<string, string | undefined>;
  now: number;
}): Promise<void>;
