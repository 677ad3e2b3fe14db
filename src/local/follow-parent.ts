// Loaded into the processes that the local stack starts: each has a pipe from it as its standard input, and ends as if
// told to when that closes, so that nothing stays behind when the stack itself is killed.
process.stdin.on('end', () => process.kill(process.pid, 'SIGTERM'));
process.stdin.resume();
// It must hold no process that has otherwise finished. (A pipe has `unref`; the declared type also covers files.)
(process.stdin as unknown as { unref(): void }).unref();
