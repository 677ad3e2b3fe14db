/** A log that tests can read: every entry, and every byte as it was written. */
export function createLogCapture() {
  const lines: string[] = [];
  return {
    destination: {
      write(line: string) {
        lines.push(line);
      },
    },
    text: () => lines.join(''),
    entries: () => lines.map((line) => JSON.parse(line) as Record<string, unknown>),
  };
}
