// A small blog service that knows nothing of activities. OpenTelemetry's
// zero-code instrumentation, which `npm start` loads before this file, makes a
// span of each request; collector.yaml says which spans are activities.
'use strict';

const express = require('express');
const path = require('node:path');
const articles = require('./articles');
const auth = require('./auth');
const json = require('./json');

const app = express();
app.disable('x-powered-by');
app.use(express.static(path.join(__dirname, 'public')));
app.get('/ping', (req, res) => res.json({ ok: true }));

const api = express.Router();
api.use(auth.authenticate);
api.post('/login', json, auth.login);
api.post('/logout', auth.signedIn, auth.logout);
api.use('/articles', articles);
app.use('/api', api);

app.use((req, res) => res.status(404).json({ error: 'not found' }));

// Four parameters make it Express's handler of errors.
app.use((err, req, res, next) => {
  const status = err.status ?? 500;
  if (status >= 500) console.error(err);
  res.status(status).json({ error: status < 500 ? err.message : 'internal error' });
});

// Three accounts have public passwords, so only this machine may reach it.
const server = app.listen(Number(process.env.PORT ?? 8080), '127.0.0.1', (err) => {
  if (err) throw err;
  console.log(`listening on http://127.0.0.1:${server.address().port}`);
});

// The instrumentation sends what it has on SIGTERM, too, and lets us end.
process.on('SIGTERM', () => {
  server.close();
  server.closeIdleConnections(); // Node.js 18 does not do so by itself
});
