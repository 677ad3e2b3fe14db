// Imported early: while a process starts it holds nothing, so a signal ends it there and then. As a container's first
// process it would not even hear one that it has no handler for.
export const endAtOnce = () => process.exit(0);

process.on('SIGTERM', endAtOnce);
process.on('SIGINT', endAtOnce);
