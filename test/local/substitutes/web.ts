// Takes the web process's place: answers on its port and says how it was told to.
import { createServer } from 'node:http';

const server = createServer((_request, response) => response.end(process.env.PUBLIC_URL));
server.listen(Number(process.env.PORT), process.env.HOST);
process.on('SIGTERM', () => {
  server.close(() => process.exit(0));
  server.closeAllConnections();
});
