import assert from 'node:assert/strict';
import { test } from 'node:test';

import { nextHighTide } from '../tide.js';

test('the next high tide is the known one or later', () => {
  assert.equal(nextHighTide('dover', new Date('2026-01-01T00:00:00Z')).at, '2026-01-01T08:12:00.000Z');
  assert.equal(nextHighTide('atlantis', new Date()), null);
});
