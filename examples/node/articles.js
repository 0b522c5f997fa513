// The articles, in memory: everybody reads, authors and admins change.
'use strict';

const express = require('express');
const { signedIn } = require('./auth');
const json = require('./json');
const { describe } = require('./tracing');

const articles = new Map();
let lastID = 0;

function add(author, { title, body }) {
  const article = { id: ++lastID, author, title, body };
  articles.set(String(article.id), article);
  return article;
}

add('alice', { title: 'Down the rabbit hole', body: 'Alice was beginning to get very tired.' });
add('bob', { title: 'Can we fix it?', body: 'Yes, we can.' });

// find puts the article of the path into req.article, or answers 404.
function find(req, res, next) {
  req.article = articles.get(req.params.id);
  if (req.article) next();
  else res.status(404).json({ error: 'not found' });
}

function mayChange(req, res, next) {
  if (req.user.admin || req.user.name === req.article.author) next();
  else res.status(403).json({ error: 'not your article' });
}

// read takes the fields out of the body; required: all of them.
function read(body, required) {
  const fields = {};
  for (const name of ['title', 'body']) {
    const value = body?.[name];
    if (value === undefined && !required) continue;
    if (typeof value !== 'string' || value === '') return undefined;
    fields[name] = value;
  }
  return fields;
}

const update = (required) => (req, res) => {
  const fields = read(req.body, required);
  if (!fields) {
    res.status(400).json({ error: 'title and body must not be empty' });
    return;
  }
  describe(Object.assign(req.article, fields));
  res.json(req.article);
};

const router = express.Router();

router.get('/', (req, res) => res.json([...articles.values()]));

router.post('/', signedIn, json, (req, res) => {
  const fields = read(req.body, true);
  if (!fields) {
    res.status(400).json({ error: 'title and body must not be empty' });
    return;
  }
  const article = add(req.user.name, fields);
  describe(article);
  res.status(201).location(`/api/articles/${article.id}`).json(article);
});

router.get('/:id', find, (req, res) => {
  describe(req.article);
  res.json(req.article);
});

router.put('/:id', signedIn, find, mayChange, json, update(true));
router.patch('/:id', signedIn, find, mayChange, json, update(false));

router.delete('/:id', signedIn, find, mayChange, (req, res) => {
  articles.delete(req.params.id);
  describe(req.article);
  res.status(204).end();
});

module.exports = router;
