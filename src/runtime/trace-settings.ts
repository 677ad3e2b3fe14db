/** Where spans are sent, and which. Each value is one of OpenTelemetry's variables (src/config/telemetry.config.ts). */
export interface TraceSettings {
  url: string;
  headers: Record<string, string>;
  timeoutMs: number;
  compression: 'none' | 'gzip';
  sampler: {
    name:
      | 'always_on'
      | 'always_off'
      | 'traceidratio'
      | 'parentbased_always_on'
      | 'parentbased_always_off'
      | 'parentbased_traceidratio';
    /** Of the samplers by ratio. */
    ratio: number;
  };
  batch: { delayMs: number; maxQueue: number; maxSize: number; timeoutMs: number };
  /** What the variables say about the process; `service.name` among them, if it was named. */
  resource: Record<string, string>;
}

/** The headers with which a request goes out. */
export type SignRequest = (request: {
  headers: Record<string, string>;
  body: Uint8Array;
}) => Promise<Record<string, string>>;
