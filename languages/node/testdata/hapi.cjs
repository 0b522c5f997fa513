// hapi, with a scheme of authentication of its own.
'use strict';
const Boom = require('@hapi/boom');
const Hapi = require('@hapi/hapi');
const { users, byName } = require('./users.cjs');

const sessions = new Map();
const server = Hapi.server({ port: Number(process.env.PORT), host: '127.0.0.1' });
server.auth.scheme('cookie', () => ({
  authenticate(request, h) {
    const user = sessions.get(request.headers.cookie);
    return user ? h.authenticated({ credentials: { user } }) : h.unauthenticated(Boom.unauthorized(), { credentials: users[1] });
  },
}));
server.auth.strategy('session', 'cookie');
server.route([
  {
    method: 'POST', path: '/login', handler: (request, h) => {
      const user = byName(request.payload.username, request.payload.password);
      if (!user) return h.response({}).code(401);
      const cookie = `sid=${sessions.size + 1}`;
      sessions.set(cookie, user);
      return h.response({}).header('set-cookie', cookie);
    },
  },
  {
    method: 'POST', path: '/logout', options: { auth: 'session' }, handler: (request, h) => {
      sessions.delete(request.headers.cookie);
      return h.response().code(204);
    },
  },
  {
    method: 'PUT', path: '/articles/{id}', options: { auth: 'session' },
    handler: (request, h) => h.response({}).code({ 401: 401, 403: 403 }[request.params.id] ?? 200),
  },
  // What was sent is not what was accepted.
  { method: 'PUT', path: '/try/{id}', options: { auth: { strategy: 'session', mode: 'try' } }, handler: () => ({}) },
]);
server.start();
