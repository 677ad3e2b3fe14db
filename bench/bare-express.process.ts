// An Express application that only answers: each path with given headers and bytes.
import express from 'express';

export interface BareAnswer {
  path: string;
  headers: Record<string, string>;
  body: string;
}

process.once('message', (answers: BareAnswer[]) => {
  const app = express();
  app.disable('x-powered-by');
  for (const { path, headers, body } of answers) {
    app.get(path, (_request, response) => {
      response.set(headers).send(body);
    });
  }
  const server = app.listen(0, '127.0.0.1', () => process.send?.(server.address()));
});
process.once('disconnect', () => process.exit(0));
