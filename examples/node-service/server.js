import { createServer } from 'node:http';
import { access, constants } from 'node:fs/promises';

import express from 'express';

import { nextHighTide } from './tide.js';

export const app = express();
app.disable('x-powered-by');

const mayWrite = (path) => access(path, constants.W_OK).then(() => true, () => false);

app.get('/healthz', (_request, response) => response.type('text').send('ok\n'));
app.get('/tides/:port', (request, response) => {
  const tide = nextHighTide(request.params.port, new Date(request.query.at ?? Date.now()));
  response.status(tide ? 200 : 404).json(tide ?? { error: 'no such port' });
});
app.get('/about', async (_request, response) => {
  response.json({
    node: process.version,
    uid: process.getuid(),
    environment: process.env.NODE_ENV,
    writable: await mayWrite('server.js'),
  });
});

const server = createServer(app);
server.listen(process.env.PORT ?? 8080, process.env.HOST ?? '0.0.0.0');
// The first process of a container stops at a signal only where it says so.
process.once('SIGTERM', () => server.close());
