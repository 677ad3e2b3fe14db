// The smallest Express application as a Lambda function.
import { configure } from '@vendia/serverless-express';
import express from 'express';

const app = express();
app.get('/health/live', (_request, response) => {
  response.json({ status: 'ok' });
});

const serve = configure({ app });

export const handler = (event: unknown, context: never) => serve(event, context, () => {});
