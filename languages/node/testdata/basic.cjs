// Express with express-basic-auth, which keeps the password on the request.
'use strict';
const express = require('express');
const basic = require('express-basic-auth');
const app = express();
app.use(basic({ users: { alice: 'wonderland' } }));
app.put('/articles/:id', (req, res) => res.json({}));
app.listen(Number(process.env.PORT), '127.0.0.1');
