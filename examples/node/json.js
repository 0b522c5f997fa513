// Reads bodies of JSON. Each route with a body has it after its checks of the user:
// nothing is read from somebody who may not send it.
'use strict';

const express = require('express');

module.exports = express.json({ limit: '64kb' });
