// Tells the same story to a service on each framework, with OpenTelemetry's
// zero-code instrumentation and user.cjs, and looks at the users on its SERVER spans.
// The packages are those of e2e/apps/npm; run it by make test-apps.
'use strict';

const assert = require('node:assert/strict');
const { spawn } = require('node:child_process');
const { once } = require('node:events');
const http = require('node:http');
const net = require('node:net');
const path = require('node:path');
const { test } = require('node:test');
const { setTimeout: sleep } = require('node:timers/promises');

const packages = process.env.ACTIVITYLOG_APPS;
const user = path.join(__dirname, 'user.cjs');
const register = '@opentelemetry/auto-instrumentations-node/register';

const nobody = undefined;
const alice = { 'user.id': '1', 'user.name': 'alice', 'user.roles': 'editor' };
const bob = { 'user.id': '2', 'user.name': 'bob', 'user.roles': 'reader' };
const aliceLogin = { username: 'alice', password: 'wonderland' };

// The story: method, path, body or credentials, answer, and who did it.
const story = [
  ['PUT', '/articles/1', {}, 401, nobody],
  ['POST', '/login', { username: 'alice', password: 'wrong' }, 401, nobody],
  ['POST', '/login', aliceLogin, 200, alice],
  ['PUT', '/articles/1', {}, 200, alice],
  ['PUT', '/articles/403', {}, 403, alice],
  ['PUT', '/articles/401', {}, 401, nobody], // the answer does not say which of the two it means
  ['POST', '/logout', {}, 204, alice],
  ['PUT', '/articles/1', {}, 401, nobody],
];
const more = {
  express: [
    ['POST', '/login', aliceLogin, 200, alice],
    ['POST', '/form/login', { username: 'bob', password: 'wrong' }, 200, nobody], // alice's session tried to be bob
    ['POST', '/impersonate/2', {}, 200, alice],
    ['POST', '/logout', {}, 204, alice],
    ['POST', '/form/login', { username: 'bob', password: 'wrong' }, 200, nobody],
    ['POST', '/form/login', { username: 'bob', password: 'builder' }, 302, bob],
    ['POST', '/logout', {}, 204, bob],
    ['POST', '/guest', {}, 200, nobody],
    ['POST', '/throws', {}, 200, nobody],
    ['PUT', '/articles/1', {}, 401, nobody],
  ],
  hapi: [
    ['PUT', '/try/1', {}, 200, nobody], // credentials were sent, and not accepted
  ],
};
const basic = [
  ['PUT', '/articles/1', { basic: 'alice:wonderland' }, 200, { 'user.id': 'alice' }],
  ['PUT', '/articles/1', { basic: 'alice:wrong' }, 401, nobody],
];

// withoutRoutes is the story where no instrumentation tells the route, and so only
// the end of each request can be seen: a logout leaves nobody, and a login by a
// browser that has a cookie already is doubted.
const withoutRoutes = [
  ...story.map(([method, url, body, status, who]) => [method, url, body, status, url === '/logout' ? nobody : who]),
  ['POST', '/login', aliceLogin, 200, nobody],
  ['PUT', '/articles/1', {}, 200, alice],
  ['POST', '/form/login', { username: 'bob', password: 'wrong' }, 200, nobody],
];

// withoutLogin is the story where a login puts nobody on the request that it answers.
function withoutLogin(steps) {
  return steps.map(([method, url, body, status, who]) => [method, url, body, status, url === '/login' ? nobody : who]);
}

const cases = [
  ['express', {}, [...story, ...more.express]],
  ['express', { packages: 'express4', name: 'express 4' }, [...story, ...more.express]],
  ['express', { env: { EXPRESS: 'renamed' }, name: 'express, not instrumented' }, withoutRoutes],
  ['express', { first: true, name: 'express, user.cjs first' }, story],
  ['express', { imported: true, name: 'express, --import' }, story],
  ['express', { env: { ACTIVITYLOG_USER_PATHS: 'session.token, session.passport.user' }, name: 'express, ACTIVITYLOG_USER_PATHS' },
    story.map(([method, url, body, status, who]) => [method, url, body, status, who && { 'user.id': '1' }])],
  ['express', { env: { ACTIVITYLOG_USER_ON_401: 'true' }, name: 'express, ACTIVITYLOG_USER_ON_401' },
    story.map(([method, url, body, status, who]) => [method, url, body, status, url === '/articles/401' ? alice : who])],
  ['koa', {}, story],
  ['fastify', {}, story],
  ['hapi', {}, [...withoutLogin(story), ...more.hapi]],
  ['basic', { name: 'express-basic-auth' }, basic],
];

for (const [app, options, steps] of cases) {
  test(options.name ?? app, { skip: !packages && 'ACTIVITYLOG_APPS is not set' }, async (t) => {
    const collector = await startCollector(t);
    const address = await startApp(t, app, options, collector.port);
    const jar = {};
    for (const [method, url, body, status] of steps) {
      assert.equal(await send(address, method, url, body, jar), status, `${method} ${url}`);
    }
    const spans = await collector.spans(steps.length);
    assert.deepEqual(
      spans.map((span) => [span.method, span.path, span.status, span.user]),
      steps.map(([method, url, , status, who]) => [method, url, status, who]),
    );
    if (app !== 'basic') assert.ok(spans.some(({ route }) => /^\/articles\/[:{]id/.test(route)) || options.env, 'no span has the route');
    for (const secret of ['wonderland', 'builder', 'secret-of-alice', 'wrong', 'example.com']) {
      assert.ok(!collector.text().includes(secret), `a span has ${secret}`);
    }
  });
}

async function startCollector(t) {
  const bodies = [];
  const server = http.createServer(async (request, response) => {
    const chunks = [];
    for await (const chunk of request) chunks.push(chunk);
    if (request.url === '/v1/traces') bodies.push(Buffer.concat(chunks).toString());
    response.setHeader('content-type', 'application/json').end('{}');
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  t.after(() => server.close());
  const spans = () => bodies
    .flatMap((body) => JSON.parse(body).resourceSpans)
    .flatMap((resource) => resource.scopeSpans)
    .flatMap((scope) => scope.spans)
    .filter((span) => span.kind === 2)
    .sort((a, b) => (BigInt(a.startTimeUnixNano) < BigInt(b.startTimeUnixNano) ? -1 : 1))
    .map(brief);
  return {
    port: server.address().port,
    text: () => bodies.join('\n'),
    spans: async (n) => {
      for (let i = 0; i < 100 && spans().length < n; i++) await sleep(100);
      return spans();
    },
  };
}

function brief(span) {
  const all = Object.fromEntries(span.attributes.map(({ key, value }) => [key, textOf(value)]));
  const users = Object.entries(all).filter(([key]) => key.startsWith('user.') && !key.startsWith('user_agent'));
  return {
    method: all['http.request.method'],
    path: all['url.path'],
    status: Number(all['http.response.status_code']),
    route: all['http.route'],
    user: users.length ? Object.fromEntries(users) : undefined,
  };
}

function textOf(value) {
  return value.arrayValue ? value.arrayValue.values.map(textOf).join(',') : String(value.stringValue ?? value.intValue);
}

async function startApp(t, app, { env, first, imported, packages: folder = 'frameworks' }, collector) {
  const port = await freePort();
  let loads = ['--require', register, '--require', user];
  if (first) loads = ['--require', user, '--require', register];
  if (imported) loads = ['--require', user, '--import', register, '--experimental-loader', '@opentelemetry/instrumentation/hook.mjs'];
  const child = spawn(process.execPath, [...loads, path.join(__dirname, 'testdata', `${app}.cjs`)], {
    cwd: path.join(packages, folder),
    stdio: ['ignore', 'ignore', 'inherit'],
    env: {
      ...process.env,
      NODE_NO_WARNINGS: '1',
      NODE_PATH: path.join(packages, folder, 'node_modules'),
      PORT: String(port),
      OTEL_SERVICE_NAME: app,
      OTEL_TRACES_EXPORTER: 'otlp',
      OTEL_METRICS_EXPORTER: 'none',
      OTEL_LOGS_EXPORTER: 'none',
      OTEL_NODE_RESOURCE_DETECTORS: 'env',
      OTEL_EXPORTER_OTLP_PROTOCOL: 'http/json',
      OTEL_EXPORTER_OTLP_ENDPOINT: `http://127.0.0.1:${collector}`,
      OTEL_BSP_SCHEDULE_DELAY: '200',
      ...env,
    },
  });
  t.after(() => child.kill('SIGKILL')); // the instrumentation keeps SIGTERM for itself
  for (let i = 0; i < 200; i++) {
    if (child.exitCode !== null) break;
    if (await listens(port)) return { host: '127.0.0.1', port };
    await sleep(100);
  }
  throw new Error(`${app} does not listen`);
}

async function freePort() {
  const server = net.createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address();
  server.close();
  await once(server, 'close');
  return port;
}

function listens(port) {
  return new Promise((resolve) => {
    const socket = net.connect(port, '127.0.0.1');
    socket.once('connect', () => { socket.destroy(); resolve(true); });
    socket.once('error', () => resolve(false));
  });
}

async function send(address, method, url, { basic: credentials, ...body }, jar) {
  const headers = { 'content-type': 'application/json' };
  if (jar.cookies) headers.cookie = Object.entries(jar.cookies).map(([name, value]) => `${name}=${value}`).join('; ');
  if (credentials) headers.authorization = `Basic ${Buffer.from(credentials).toString('base64')}`;
  const request = http.request({ ...address, method, path: url, headers, timeout: 5000 });
  request.end(JSON.stringify(body));
  const [response] = await once(request, 'response');
  for (const cookie of response.headers['set-cookie'] ?? []) {
    const [, name, value] = /^([^=]+)=([^;]*)/.exec(cookie);
    jar.cookies = { ...jar.cookies, [name]: value };
  }
  response.resume();
  await once(response, 'end');
  return response.statusCode;
}
