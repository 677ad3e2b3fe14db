// Takes the worker's place: logs once, starts a process of its own, and runs until it is told to end.
import { spawn } from 'node:child_process';

const child = spawn(process.execPath, ['-e', 'setInterval(() => {}, 1000)'], { stdio: 'inherit' });
console.log(JSON.stringify({ level: 40, msg: 'started', child: child.pid }));
const timer = setInterval(() => {}, 1000);
process.on('SIGTERM', () => {
  child.kill();
  clearInterval(timer);
});
