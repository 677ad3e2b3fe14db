// The program `docker` of the documentation's commands: hands its arguments and its input to the check, and gives back the
// output and the exit code.
import { request } from 'node:http';
import { argv, env, stdin, stdout } from 'node:process';

const args = argv.slice(2);
const asking = request({
  socketPath: env.ONPREM_DOCKER_SOCKET as string,
  method: 'POST',
  headers: { 'x-command': encodeURIComponent(JSON.stringify({ args, directory: process.cwd() })) },
});
asking.on('response', (response) => {
  response.pipe(stdout, { end: false });
  response.on('end', () => {
    process.stderr.write(decodeURIComponent(response.trailers['x-errors'] ?? ''));
    process.exit(Number(response.trailers['x-code'] ?? 125));
  });
});
stdin.pipe(asking);
