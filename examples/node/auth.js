// Who is asking: accounts, sessions, and the user on the request's span.
'use strict';

const crypto = require('node:crypto');
const { setUser } = require('./tracing');

const cookieName = 'blog_session';
const sessionSeconds = 24 * 60 * 60;

// The passwords are public: this is an example, for the own machine only.
const users = [
  account('1', 'alice', 'wonderland'),
  account('2', 'bob', 'builder'),
  account('3', 'admin', 'looking-glass', true),
];
// An unknown name costs one comparison, too.
const decoy = account('', '', crypto.randomBytes(16).toString('hex'));

// Sessions by the hash of their token: who reads our memory gets no key.
const sessions = new Map();

function account(id, name, password, admin = false) {
  const salt = crypto.randomBytes(16);
  return { id, name, admin, salt, hash: crypto.scryptSync(password, salt, 32) };
}

function passwordFits(user, password) {
  return new Promise((resolve, reject) => {
    crypto.scrypt(password, user.salt, 32, (err, hash) => {
      if (err) reject(err);
      else resolve(crypto.timingSafeEqual(hash, user.hash));
    });
  });
}

function keyOf(req) {
  const cookies = (req.headers.cookie ?? '').split(/; */);
  const token = cookies.find((c) => c.startsWith(`${cookieName}=`))?.slice(cookieName.length + 1);
  return token && crypto.createHash('sha256').update(token).digest('hex');
}

// authenticate finds out whose request it is. Without a session that is open,
// it goes on as nobody's.
function authenticate(req, res, next) {
  const session = sessions.get(keyOf(req));
  if (session && session.expires > Date.now()) {
    req.user = session.user;
    setUser({ id: session.user.id, name: session.user.name, session: session.id });
  }
  next();
}

// signedIn answers 401 to everybody else.
function signedIn(req, res, next) {
  if (req.user) next();
  else res.status(401).json({ error: 'login required' });
}

async function login(req, res) {
  const { username, password } = req.body ?? {};
  if (typeof username !== 'string' || typeof password !== 'string') {
    res.status(400).json({ error: 'username and password must be text' });
    return;
  }
  const user = users.find((u) => u.name === username);
  if (!(await passwordFits(user ?? decoy, password)) || !user) {
    setUser({ name: username.slice(0, 100) }); // who it claimed to be: a name without an id
    res.status(401).json({ error: 'wrong name or password' });
    return;
  }
  const token = crypto.randomBytes(24).toString('base64url');
  const session = { id: crypto.randomUUID(), user, expires: Date.now() + sessionSeconds * 1000 };
  sessions.set(crypto.createHash('sha256').update(token).digest('hex'), session);
  setUser({ id: user.id, name: user.name, session: session.id });
  res.cookie(cookieName, token, { httpOnly: true, sameSite: 'lax', secure: req.secure, maxAge: sessionSeconds * 1000 });
  res.json({ id: user.id, name: user.name });
}

function logout(req, res) {
  sessions.delete(keyOf(req));
  res.clearCookie(cookieName);
  res.status(204).end();
}

module.exports = { authenticate, signedIn, login, logout };
