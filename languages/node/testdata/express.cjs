// Express with Passport and sessions, as its own pages show it.
'use strict';
const express = require(process.env.EXPRESS || 'express');
const session = require('express-session');
const passport = require('passport');
const { Strategy } = require('passport-local');
const { users, byName } = require('./users.cjs');

passport.use(new Strategy((name, password, done) => done(null, byName(name, password) ?? false)));
passport.serializeUser((user, done) => done(null, user.id));
passport.deserializeUser((id, done) => done(null, users.find((user) => user.id === id) && { ...users.find((user) => user.id === id) }));

const app = express();
app.use(express.json());
app.use(session({ secret: 'the session secret', resave: false, saveUninitialized: false }));
app.use(passport.session());
app.post('/login', passport.authenticate('local'), (req, res) => res.json({ ok: true }));
// A form that is shown again answers 200.
app.post('/form/login', (req, res, next) => passport.authenticate('local', (err, user) => {
  if (!user) return res.send('<p>wrong</p>');
  req.login(user, () => res.redirect('/'));
})(req, res, next));
app.post('/logout', (req, res, next) => req.logout((err) => (err ? next(err) : res.sendStatus(204))));
const signedIn = (req, res, next) => (req.user ? next() : res.sendStatus(401));
app.put('/articles/:id', signedIn, (req, res) => {
  if (req.params.id === '403') return res.sendStatus(403);
  if (req.params.id === '401') return res.sendStatus(401);
  return res.json({});
});
// Another account from here on: alice did this.
app.post('/impersonate/:id', signedIn, (req, res) => {
  req.user = users[1];
  res.json({});
});
app.post('/guest', (req, res) => {
  req.user = { id: 0, username: 'Guest' };
  res.json({});
});
app.post('/throws', (req, res) => {
  Object.defineProperty(req, 'user', { get() { throw new Error('a getter'); } });
  Object.defineProperty(req, 'auth', { get() { return Promise.reject(new Error('a promise')); } });
  res.json({});
});
app.listen(Number(process.env.PORT), '127.0.0.1');
