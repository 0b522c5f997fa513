// node app.js <old|new>: run in the folder that has node_modules.
'use strict';
const path = require('path');
const here = process.cwd();
const req = (m) => require(require.resolve(m, { paths: [here] }));
const { NodeSDK } = req('@opentelemetry/sdk-node');
const { OTLPTraceExporter } = req('@opentelemetry/exporter-trace-otlp-http');
const { HttpInstrumentation } = req('@opentelemetry/instrumentation-http');
const { ExpressInstrumentation } = req('@opentelemetry/instrumentation-express');
const { GraphQLInstrumentation } = req('@opentelemetry/instrumentation-graphql');
const { GrpcInstrumentation } = req('@opentelemetry/instrumentation-grpc');
const { PgInstrumentation } = req('@opentelemetry/instrumentation-pg');
const what = process.argv[2]; // express | plain | grpc
// The hooks in which a service names its user on spans other than the HTTP server's.
const HOOKS = ['pg', 'graphql'].includes(what);
const USER = process.env.USER_KEY || 'enduser.id';

const sdk = new NodeSDK({
  traceExporter: new OTLPTraceExporter({ url: process.env.CAPTURE }),
  instrumentations: [new HttpInstrumentation(), new ExpressInstrumentation(), new GraphQLInstrumentation(HOOKS ? { responseHook: (span) => span.setAttribute(USER, 'alice') } : {}), new GrpcInstrumentation(), new PgInstrumentation(HOOKS ? { requestHook: (span) => span.setAttribute(USER, 'alice') } : {})],
});
sdk.start();
const { trace, context } = req('@opentelemetry/api');
const { getRPCMetadata } = req('@opentelemetry/core');
// The span that the user is set on: the HTTP server span, or with USER_ON=active whatever is active in the middleware.
const userSpan = () => (process.env.USER_ON !== 'active' && getRPCMetadata(context.active())?.span) || trace.getActiveSpan();
const http = require('http');

function call(port, method, url, headers, body) {
  return new Promise((resolve) => {
    const { execFile } = require('child_process'); // curl: no client span of this process
    const args = ['-s', '-o', '/dev/null', '-w', '%{http_code}', '-A', 'story/1.0', '-X', method];
    for (const [k, v] of Object.entries(headers || {})) args.push('-H', `${k}: ${v}`);
    if (body) args.push('-H', 'Content-Type: application/json', '-d', body);
    args.push(`http://127.0.0.1:${port}${url}`);
    execFile('curl', args, (e, out) => { console.log(method, url, out); resolve(); });
  });
}

async function expressApp() {
  const express = req('express');
  const { Pool } = req('pg');
  const pool = new Pool({ connectionString: process.env.PG });
  const { graphql, buildSchema } = req('graphql');
  const app = express();
  app.use(function authenticate(r, res, next) {
    const user = r.get('x-user');
    if (user) userSpan().setAttribute(USER, user);
    next();
  });
  app.get('/articles', (r, res) => res.json([]));
  app.put('/articles/:id', async (r, res) => {
    const q = await pool.query('SELECT $1::int AS id', [r.params.id]);
    res.json(q.rows[0]);
  });
  app.get('/articles/:id', (r, res) => res.status(404).json({}));
  app.delete('/articles/:id', (r, res) => res.status(403).json({}));
  const api = express.Router();
  api.post('/articles/:article_id/comments', () => { throw new Error('no room'); });
  app.use('/api/v1', api);
  app.get('/reports/:id', (r, res) => {
    http.get({ host: '127.0.0.1', port: server.address().port, path: '/articles?page=2', agent: false }, (up) => { up.resume(); up.on('end', () => res.json({})); });
  });
  const schema = buildSchema('type Query { article(id: ID!): String } type Mutation { publishArticle(id: ID!): String }');
  app.use(express.json());
  app.post('/graphql', async (r, res) => {
    res.json(await graphql({ schema, source: r.body.query, operationName: r.body.operationName, rootValue: { publishArticle: () => 'ok', article: () => 'a' } }));
  });
  const server = app.listen(0, '127.0.0.1');
  await new Promise((r) => server.on('listening', r));
  const port = server.address().port;
  await call(port, 'GET', '/articles');
  await call(port, 'PUT', '/articles/17?draft=1', { 'x-user': 'alice' }, '{"title":"Tea"}');
  await call(port, 'GET', '/articles/99', { 'x-user': 'alice' });
  await call(port, 'DELETE', '/articles/17', { 'x-user': 'bob' });
  await call(port, 'DELETE', '/articles/17');
  await call(port, 'POST', '/api/v1/articles/17/comments', { 'x-user': 'alice' });
  await call(port, 'GET', '/reports/3', { 'x-user': 'alice' });
  await call(port, 'POST', '/nowhere/17', { 'x-user': 'alice' });
  await call(port, 'POST', '/graphql', { 'x-user': 'alice' }, JSON.stringify({ operationName: 'Publish', query: 'mutation Publish { publishArticle(id: "17") }' }));
  await call(port, 'POST', '/graphql', {}, JSON.stringify({ query: '{ article(id: "17") }' }));
  await pool.end();
  server.close();
}

async function plain() {
  const server = http.createServer((r, res) => {
    const user = r.headers['x-user'];
    if (user) userSpan().setAttribute(USER, user);
    if (r.url.startsWith('/boom')) { res.statusCode = 500; return res.end(); }
    res.end('ok');
  }).listen(0, '127.0.0.1');
  await new Promise((r) => server.on('listening', r));
  const port = server.address().port;
  await call(port, 'GET', '/articles/17');
  await call(port, 'PATCH', '/articles/17', { 'x-user': 'alice', 'X-Forwarded-For': '203.0.113.9' }, '{}');
  await call(port, 'POST', '/boom', { 'x-user': 'alice' });
  server.close();
}

async function grpcApp() {
  const grpc = req('@grpc/grpc-js');
  const loader = req('@grpc/proto-loader');
  const proto = grpc.loadPackageDefinition(loader.loadSync(path.join(__dirname, 'blog.proto'))).blog.v1;
  const server = new grpc.Server();
  const auth = (c) => { const u = c.metadata.get('x-user')[0]; if (u) userSpan().setAttribute(USER, u); };
  server.addService(proto.ArticleService.service, {
    getArticle: (c, cb) => { auth(c); cb(null, { id: c.request.id, title: 'Tea' }); },
    deleteArticle: (c, cb) => { auth(c); cb({ code: c.request.id === '17' ? grpc.status.PERMISSION_DENIED : grpc.status.INTERNAL, details: 'not yours' }); },
  });
  const port = await new Promise((r, j) => server.bindAsync('127.0.0.1:0', grpc.ServerCredentials.createInsecure(), (e, p) => e ? j(e) : r(p)));
  const client = new proto.ArticleService(`127.0.0.1:${port}`, grpc.credentials.createInsecure());
  const meta = (u) => { const m = new grpc.Metadata(); if (u) m.set('x-user', u); return m; };
  const rpc = (name, id, u) => new Promise((r) => client[name]({ id }, meta(u), (e) => { console.log(name, e && e.code); r(); }));
  await rpc('getArticle', '17');
  await rpc('getArticle', '17', 'alice');
  await rpc('deleteArticle', '17', 'alice');
  await rpc('deleteArticle', '18', 'alice');
  client.close();
  server.forceShutdown();
}

async function pgApp() {
  const { Pool } = req('pg');
  const pool = new Pool({ connectionString: process.env.PG });
  await pool.query('CREATE TABLE IF NOT EXISTS articles (id int PRIMARY KEY, title text)');
  await pool.query('DELETE FROM articles');
  await pool.query('INSERT INTO articles (id, title) VALUES ($1, $2)', [17, 'Tea']);
  await pool.query('SELECT title FROM articles WHERE id = $1', [17]);
  await pool.query('UPDATE articles SET title = $1 WHERE id = $2', ['Tea', 17]);
  await pool.query('INSERT INTO articles (id, title) VALUES ($1, $2)', [17, 'Tea']).catch((e) => console.log(e.code));
  await pool.query('DELETE FROM articles WHERE id = $1', [17]);
  await pool.query('BEGIN');
  await pool.end();
}

async function graphqlApp() {
  const { graphql, buildSchema } = req('graphql');
  const schema = buildSchema('type Query { article(id: ID!): String } type Mutation { publishArticle(id: ID!): String }');
  const rootValue = { article: () => 'Tea', publishArticle: ({ id }) => { if (id === '18') throw new Error('not yours'); return 'ok'; } };
  await graphql({ schema, source: 'query Read { article(id: "17") }', rootValue });
  await graphql({ schema, source: 'mutation Publish { publishArticle(id: "17") }', rootValue });
  await graphql({ schema, source: 'mutation { publishArticle(id: "18") }', rootValue });
}

({ express: expressApp, plain, grpc: grpcApp, pg: pgApp, graphql: graphqlApp })[what]().then(() => sdk.shutdown()).then(() => process.exit(0));
