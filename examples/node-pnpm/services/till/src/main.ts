import { sum } from '@shop/money';
import express from 'express';

const app = express();
app.get('/healthz', (_request, response) => {
  response.type('text').send('ok\n');
});
app.get('/sum', (request, response) => {
  const prices = String(request.query.prices ?? '').split(',').filter(Boolean);
  response.json({ sum: sum(prices), uid: process.getuid?.() });
});
app.listen(Number(process.env.PORT ?? 8080), process.env.HOST ?? '0.0.0.0');
