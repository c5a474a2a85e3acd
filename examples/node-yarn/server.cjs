const express = require('express');
const datagrams = require('unix-dgram');

const app = express();
app.get('/healthz', (_request, response) => response.type('text').send('ok\n'));
// A datagram to nobody comes back with the system's own word for it, by way of the add-on.
app.get('/knock', (_request, response) => {
  const socket = datagrams.createSocket('unix_dgram');
  socket.once('error', ({ syscall, errno }) => response.json({ syscall, errno }));
  socket.send(Buffer.from('anybody there?'), '/tmp/nobody');
});
app.listen(process.env.PORT ?? 8080, process.env.HOST ?? '0.0.0.0');
