// Names the user of each request on the request's span, without a change to the
// application. Load it beside OpenTelemetry's zero-code instrumentation, in any order:
//
//   node --require @opentelemetry/auto-instrumentations-node/register --require ./user.cjs app.js
//
// When the response ends it reads the user where Express, Passport, Fastify, Koa,
// hapi, Nest and Next put it, and sets user.id, user.name and user.roles. It reads
// only ids, names and roles, and says nothing where it is not sure.
//
//   ACTIVITYLOG_USER_PATHS=user,session.account   where to look, instead of PATHS below
//   ACTIVITYLOG_USER_ON_401=true                  also for answers with 401
//
// It needs no package. docs/develop/identify-users.md says more.
'use strict';

const diagnostics = require('node:diagnostics_channel');
const Module = require('node:module');
const { isPromise } = require('node:util/types');

// Where applications put the user, from the request object, Koa's context, or the
// request object of Fastify, hapi or Next.
const PATHS = [
  'user', // Passport, Express, Fastify, Nest, Payload
  'auth', // express-jwt, express-oauth2-jwt-bearer, hapi, next-auth, Parse
  'remote_user', // verdaccio
  'accountability', // Directus
  'currentUser',
  'state.user', // Koa
  'oidc.user', // express-openid-connect
  'kauth.grant.access_token.content', // keycloak-connect
  'feathers.user',
  'session.user',
  'session.userId',
];
const IDS = ['id', '_id', 'userId', 'user_id', 'userID', 'uid', 'uuid', 'sub', 'pk', 'oid'];
const NAMES = ['username', 'userName', 'user_name', 'preferred_username', 'login', 'name', 'displayName', 'display_name', 'email'];
// Where a value that has no id of its own keeps its user.
const INNER = ['user', 'credentials', 'payload', 'claims'];

const NOBODY = /^\$?(anonymous|anonymous[ _-]?user|anon|guest|nobody|public|unknown|unauthenticated|undefined|null|none|false)$/i;
const NO_ID = /^(0+|-1|0{8}-0{4}-0{4}-0{4}-0{12})$/;
const SECRET_WORD = /passw|pwd|secret|token|hash|salt|cookie|api_?key|private|credential$/i;
const SECRET_VALUE = /^(Bearer|Basic) |^ey[\w-]+\.[\w-]+\.|-----BEGIN|^(gh[a-z]_|github_pat_|sk[-_]|xox[a-z]-)/;
// The requests that change who the user is.
const LOGIN = /(^|[/._-])(log[-_]?in|sign[-_]?in|session|sessions|authenticate|(auth|oauth2?|openid-connect|connect)\/(token|local|callback)|token)\/?$/i;
const REFUSED = 401;

const settings = {
  paths: (process.env.ACTIVITYLOG_USER_PATHS || '').split(',').map((path) => path.trim()).filter(Boolean),
  on401: /^(1|true|yes)$/i.test(process.env.ACTIVITYLOG_USER_ON_401 || ''),
};
const paths = (settings.paths.length ? settings.paths : PATHS)
  .map((path) => path.split('.'))
  .filter((path) => !SECRET_WORD.test(path[path.length - 1]));

// text returns what an id or a name says, or undefined if it is no id or name.
function text(value) {
  if (value === null || value === undefined) return undefined;
  if (typeof value === 'object' && typeof value.toHexString === 'function') value = value.toHexString(); // MongoDB
  if (typeof value === 'number' ? !Number.isFinite(value) : typeof value !== 'string' && typeof value !== 'bigint') return undefined;
  const said = String(value).trim();
  // eslint-disable-next-line no-control-regex
  if (said === '' || said.length > 256 || /[\u0000-\u001f]/.test(said) || SECRET_VALUE.test(said)) return undefined;
  return said;
}

function firstText(object, keys) {
  for (const key of keys) {
    const said = text(object[key]);
    if (said !== undefined) return said;
  }
  return undefined;
}

// isNobody knows the objects that frameworks make for a visitor who has not logged in.
function isNobody(user) {
  return user.anonymous === true || user.isAnonymous === true || user.is_anonymous === true ||
    user.guest === true || user.isGuest === true || user.is_guest === true ||
    user.isAuthenticated === false || user.is_authenticated === false || user.authenticated === false || user.loggedIn === false;
}

// isClient knows the OAuth clients that Passport's strategies put in the user's place.
function isClient(user) {
  return ['clientSecret', 'client_secret', 'redirectUri', 'redirectUris', 'redirect_uris', 'grants'].some((key) => user[key] !== undefined) ||
    (user.secret !== undefined && firstText(user, NAMES) === undefined);
}

// isProgram knows the users that applications make for a program's token.
function isProgram(user) {
  return user.isAPI === true || user.isApi === true || user.isService === true || user.isBot === true;
}

// identify returns {id, name, roles, type}, or undefined for a value that names nobody.
function identify(value, depth = 0) {
  if (typeof value === 'string' || typeof value === 'number' || typeof value === 'bigint') {
    const id = text(value);
    return id === undefined || NOBODY.test(id) || NO_ID.test(id) ? undefined : { id };
  }
  if (value === null || typeof value !== 'object' || Array.isArray(value)) return undefined;
  if (isPromise(value)) {
    value.catch(() => {}); // what a getter began for us alone must not end the process
    return undefined;
  }
  if (isNobody(value) || isClient(value)) return undefined;
  let id = firstText(value, IDS);
  if (id === undefined && depth < 2) {
    for (const key of INNER) {
      const inner = identify(value[key], depth + 1);
      if (inner !== undefined) return inner;
    }
  }
  const name = firstText(value, NAMES);
  id ??= name; // an application without ids knows its users by their names
  if (id === undefined || NOBODY.test(id) || NO_ID.test(id) || (name !== undefined && NOBODY.test(name))) return undefined;
  return { id, name, roles: rolesOf(value), type: isProgram(value) ? 'service' : undefined };
}

function rolesOf(user) {
  const said = user.roles ?? user.role;
  const roles = (Array.isArray(said) ? said.slice(0, 16) : [said])
    .map((role) => text(role !== null && typeof role === 'object' ? role.name : role))
    .filter((role) => role !== undefined && role.length <= 64);
  return roles.length ? roles : undefined;
}

function valueAt(source, path) {
  for (const key of path) {
    if (source === null || typeof source !== 'object') return undefined;
    source = source[key];
  }
  return source;
}

// find returns the first user that the objects of a request hold, and the value
// that told it. known is what an earlier call has found.
function find(sources, known) {
  for (const source of sources) {
    for (const path of paths) {
      try {
        const value = valueAt(source, path);
        if (value === undefined || value === null) continue;
        if (value === known?.value && typeof value === 'object') return known;
        const user = identify(value);
        if (user !== undefined) return { user, value };
      } catch {
        // A getter of the application that fails says nothing.
      }
    }
  }
  return undefined;
}

// OpenTelemetry's API keeps its parts in a global, and instrumentation-http keeps
// the request's span in the context under this key, whichever copies are installed.
const RPC = Symbol.for('OpenTelemetry SDK Context Key RPC_METADATA');

function rpcMetadata() {
  return globalThis[Symbol.for('opentelemetry.js.api.1')]?.context?.active()?.getValue(RPC);
}

const requests = new WeakMap(); // from Node's request, and from its span, to its Request

// Request is what is known of one request.
class Request {
  constructor(request, response, span) {
    this.request = request;
    this.response = response;
    this.span = span;
    this.sources = [request];
    this.looked = false;
    this.before = undefined;
  }

  add(source) {
    this.sources.unshift(source);
  }

  // look remembers the user as it is before the next handler runs: a logout
  // leaves nobody on the request.
  look() {
    this.looked = true;
    this.before = find(this.sources, this.before);
  }

  // isNew says whether a user at the end was nobody's before this request.
  isNew(after) {
    if (this.looked) return after?.value !== this.before?.value;
    const { cookie, authorization } = this.request.headers;
    return cookie === undefined && authorization === undefined;
  }

  // user returns who made the request, at its end.
  user() {
    const status = this.response.statusCode;
    if (status === REFUSED && !settings.on401) return undefined;
    const after = find(this.sources);
    if (!isLogin(this.request)) return (this.before ?? after)?.user;
    // Who is logged in already says nothing about a login: its user is new.
    return status < 400 && this.isNew(after) ? after?.user : undefined;
  }

  name() {
    if (this.span === undefined) return;
    const span = this.span;
    this.span = undefined; // once
    if (!span.isRecording() || span.attributes?.['user.id'] !== undefined || span.attributes?.['enduser.id'] !== undefined) return;
    const user = this.user();
    if (user === undefined) return;
    span.setAttribute('user.id', user.id);
    if (user.name !== undefined) span.setAttribute('user.name', user.name);
    if (user.type !== undefined) span.setAttribute('activity.actor.type', user.type);
    if (user.roles !== undefined) span.setAttribute('user.roles', user.roles);
  }
}

function isLogin(request) {
  if (request.method !== 'POST' && request.method !== 'PUT') return false;
  return LOGIN.test(String(request.originalUrl ?? request.url ?? '').split(/[?#]/, 1)[0]);
}

// safely runs what must not disturb the application.
function safely(run) {
  return function (...args) {
    try {
      return run.apply(this, args);
    } catch {
      return undefined;
    }
  };
}

// onRequest runs as the first listener of each request, within its context.
const onRequest = safely((request, response) => {
  const metadata = rpcMetadata();
  if (metadata?.span === undefined || requests.has(request)) return;
  const known = new Request(request, response, metadata.span);
  requests.set(request, known);
  requests.set(metadata.span, known);
  watchRoute(known, metadata);
  const end = safely(() => known.name());
  response.prependListener('finish', end);
  response.prependListener('close', end); // before the instrumentation's, which ends the span
});

// watchRoute looks at the user each time that a framework's instrumentation tells the
// route, which it does before each handler.
function watchRoute(known, metadata) {
  let route = metadata.route;
  const look = safely(() => known.look());
  Object.defineProperty(metadata, 'route', {
    configurable: true,
    enumerable: true,
    get: () => route,
    set: (value) => {
      route = value;
      look();
    },
  });
}

diagnostics.subscribe('http.server.request.start', safely(({ server }) => {
  if (!server.listeners('request').includes(onRequest)) server.prependListener('request', onRequest);
}));

// The request objects of frameworks that are not Node's.
function addSource(request, source) {
  requests.get(request)?.add(source);
}

diagnostics.subscribe('fastify.initialization', safely(({ fastify }) => {
  fastify.addHook('onRequest', (request, reply, done) => {
    safely(() => {
      addSource(request.raw, request);
      // No instrumentation of the zero-code package tells Fastify's routes.
      const metadata = rpcMetadata();
      if (metadata !== undefined) metadata.route ??= request.routeOptions?.url;
    })();
    done();
  });
  fastify.addHook('preHandler', (request, reply, done) => {
    safely(() => requests.get(request.raw)?.look())();
    done();
  });
}));

const patches = [
  // Koa: each request has a context, in which Node's request does not occur.
  [/^koa$|[\\/]koa[\\/]lib[\\/]application\.js$/, (exports) => {
    wrap((exports.default ?? exports).prototype, 'createContext', (create) => function (request, response) {
      const context = create.call(this, request, response);
      safely(() => addSource(request, context))();
      return context;
    });
  }],
  [/^@hapi\/hapi$|[\\/]@hapi[\\/]hapi[\\/]lib[\\/]index\.js$/, (exports) => {
    for (const name of ['server', 'Server']) {
      wrap(exports, name, (create) => function (...args) {
        const server = create.apply(this, args);
        safely(() => server.ext('onPreHandler', (request, h) => {
          safely(() => request.auth?.isAuthenticated && addSource(request.raw.req, request))();
          return h.continue;
        }))();
        return server;
      });
    }
  }],
  // Next: the handlers of app/**/route.js get a web Request.
  [/[\\/]?next[\\/]dist[\\/]compiled[\\/]next-server[\\/]app-route[\w.-]*$/, (exports) => {
    wrap((exports.AppRouteRouteModule ?? exports.default)?.prototype, 'handle', (handle) => function (request, ...rest) {
      safely(() => requests.get(rpcMetadata()?.span)?.add(request))();
      return handle.call(this, request, ...rest);
    });
  }],
];

function wrap(object, name, wrapper) {
  const original = object?.[name];
  if (typeof original === 'function') object[name] = wrapper(original);
}

const patched = new WeakSet();
const load = Module._load;
Module._load = function (request, ...rest) {
  const exports = load.call(this, request, ...rest);
  safely(() => {
    for (const [pattern, patch] of patches) {
      if (!pattern.test(request) || patched.has(exports)) continue;
      patched.add(exports);
      patch(exports);
    }
  })();
  return exports;
};

module.exports = { identify, find }; // for tests
