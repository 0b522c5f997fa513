'use strict';

const assert = require('node:assert/strict');
const { test } = require('node:test');
const { identify, find } = require('./user.cjs');

const jwt = 'eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiIxIn0.c2lnbmF0dXJl';

test('users', () => {
  const cases = [
    // Passport and hand-written ones
    [{ id: 7, username: 'alice', password: 'x', token: 'y' }, '7', 'alice'],
    [{ id: 7n, name: 'Alice Liddell' }, '7', 'Alice Liddell'],
    [{ id: 'u-1', email: 'alice@example.com' }, 'u-1', 'alice@example.com'],
    [{ _id: { toHexString: () => '507f1f77bcf86cd799439011' }, login: 'alice' }, '507f1f77bcf86cd799439011', 'alice'],
    [{ id: 3, name: { givenName: 'Alice' }, displayName: 'Alice L.' }, '3', 'Alice L.'],
    // an application that knows its users by their names: Node-RED, verdaccio
    [{ username: 'admin', permissions: '*' }, 'admin', 'admin'],
    [{ name: 'alice', groups: ['alice', '$all'], real_groups: [] }, 'alice', 'alice'],
    ['alice', 'alice', undefined],
    [42, '42', undefined],
    // claims
    [{ sub: 'auth0|1', preferred_username: 'alice', iat: 1 }, 'auth0|1', 'alice'],
    [{ header: {}, payload: { sub: 'auth0|1' }, token: jwt }, 'auth0|1', undefined],
    // Directus, express-basic-auth, hapi, next-auth, Parse
    [{ user: '6c63aef0-0000-4000-8000-000000000001', role: '17', admin: false }, '6c63aef0-0000-4000-8000-000000000001', undefined],
    [{ user: 'alice', password: 'wonderland' }, 'alice', undefined],
    [{ isAuthenticated: true, credentials: { user: { id: 1, username: 'alice' } } }, '1', 'alice'],
    [{ user: { name: 'Alice', email: 'a@example.com', image: 'x' }, expires: '2026' }, 'Alice', 'Alice'],
    [{ isMaster: false, user: { id: 'k3', username: 'alice' } }, 'k3', 'alice'],
  ];
  for (const [value, id, name] of cases) {
    const user = identify(value);
    assert.deepEqual([user?.id, user?.name], [id, name], JSON.stringify(value, (_, v) => (typeof v === 'bigint' ? String(v) : v)));
  }
});

test('nobody', () => {
  const cases = [
    undefined, null, true, false, '', '  ', NaN, Infinity, [], ['alice'], {}, () => 'alice', Symbol('alice'), new Map(), new Date(),
    Promise.resolve({ id: 1 }), Promise.reject(new Error('not ours to handle')),
    'anonymous', 'undefined', 'null', 0, -1, '00000000-0000-0000-0000-000000000000',
    { anonymous: true, permissions: '*' }, // Node-RED
    { id: 0, username: 'Guest' }, { uid: 0 }, { id: -1, username: 'unknown' }, // NodeBB, Unleash
    { id: 5, isGuest: true }, { id: 5, is_anonymous: true }, { id: 5, isAuthenticated: false },
    { id: 5, username: 'anonymous' }, { name: 'Anonymous User' }, { username: 'anonymousUser' },
    { name: undefined, groups: ['$all', '$anonymous'], real_groups: [] }, // verdaccio
    { user: null, role: null, admin: false }, // Directus
    { isAuthenticated: false, credentials: { id: 1, username: 'alice' } }, // hapi, mode try
    { id: 'node-red-editor', secret: 'not_available' }, { clientId: 'x', id: 'x', clientSecret: 'y', name: 'App' }, // OAuth clients
    jwt, `Bearer ${jwt}`, 'Basic YWxpY2U6eA==', 'ghp_0123456789', { id: jwt }, { username: jwt }, // secrets
    'a\nb', 'x'.repeat(257), { password: 'wonderland' }, { token: 'abc' },
  ];
  for (const value of cases) assert.equal(identify(value), undefined, String(value));
});

test('roles', () => {
  assert.deepEqual(identify({ id: 1, roles: ['a', { name: 'b' }, { secret: 'c' }, null] }).roles, ['a', 'b']);
  assert.deepEqual(identify({ id: 1, role: 'admin' }).roles, ['admin']);
  assert.equal(identify({ id: 1 }).roles, undefined);
  assert.equal(identify({ id: 1, roles: Array(100).fill('a') }).roles.length, 16);
});

test('where to look', () => {
  const getter = (get) => Object.defineProperty({}, 'user', { get });
  const id = (...sources) => find(sources)?.user.id;
  assert.equal(id({ session: { user: { id: 1 } } }), '1');
  assert.equal(id({ session: { userId: 'u1' } }), 'u1');
  assert.equal(id({ user: { anonymous: true }, session: { user: { id: 2 } } }), '2');
  assert.equal(id({ state: { user: { id: 3 } } }), '3');
  assert.equal(id({}, { user: { id: 4 } }), '4');
  assert.equal(id(getter(() => { throw new Error('no'); }), { user: { id: 5 } }), '5');
  assert.equal(id(getter(() => Promise.reject(new Error('no')))), undefined);
  assert.equal(id({ auth: jwt }), undefined);
  assert.equal(id({ body: { user: { id: 6 } }, query: { user: '6' }, headers: { user: '6' }, params: { user: '6' } }), undefined);
});
