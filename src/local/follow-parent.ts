// Loaded into the processes that the local stack starts. Their standard input is a pipe from it; when the pipe closes,
// they end as if told to, so that nothing stays behind when the stack is killed.
process.stdin.on('end', () => process.kill(process.pid, 'SIGTERM'));
process.stdin.resume();
// must not keep an otherwise finished process alive (a pipe has `unref`; the declared type also covers files)
(process.stdin as unknown as { unref(): void }).unref();
