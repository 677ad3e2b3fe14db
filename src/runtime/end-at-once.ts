// Imported first. A process that is still starting holds nothing, so a signal ends it at once. As a container's first
// process (PID 1) it would ignore signals that have no handler.
export const endAtOnce = () => process.exit(0);

process.on('SIGTERM', endAtOnce);
process.on('SIGINT', endAtOnce);
