/** The part of a command that does not depend on its service. */
interface AnyCommand {
  middlewareStack: {
    // biome-ignore lint/suspicious/noExplicitAny: the SDK's middleware types are generic over every command
    add: (middleware: any, options: { step: never; priority: 'high' }) => void;
  };
}

type Next = (args: unknown) => Promise<unknown>;

/** Whether a time limit was reached during a call, rather than between two of the SDK's attempts. */
export function watchForSilence(command: object, timeIsUp: AbortSignal): () => boolean {
  let isCalling = false;
  let wasSilent = false;
  (command as AnyCommand).middlewareStack.add(
    (next: Next) => async (args: unknown) => {
      isCalling = true;
      try {
        return await next(args);
      } finally {
        isCalling = false;
      }
    },
    { step: 'deserialize' as never, priority: 'high' },
  );
  timeIsUp.addEventListener('abort', () => {
    wasSilent = isCalling;
  });
  return () => wasSilent;
}
