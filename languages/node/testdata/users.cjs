'use strict';
const users = [
  { id: 1, username: 'alice', password: 'wonderland', email: 'alice@example.com', roles: ['editor'], apiToken: 'secret-of-alice' },
  { id: 2, username: 'bob', password: 'builder', email: 'bob@example.com', roles: ['reader'] },
];
exports.users = users;
exports.byName = (name, password) => users.find((user) => user.username === name && user.password === password);
