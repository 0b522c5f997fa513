// Reads bodies of JSON. It stands in each route that has one, behind what refuses:
// nothing is read from somebody who may not send it.
'use strict';

const express = require('express');

module.exports = express.json({ limit: '64kb' });
