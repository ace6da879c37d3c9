// What Spectral and Redocly, each with the rules it recommends, find in the OpenAPI document that is
// named: lines of JSON, one for a finding. Called by tests/rest/test_openapi_linters.py.
import { readFile } from 'node:fs/promises';
import { createConfig, lint } from '@redocly/openapi-core';
import spectral from '@stoplight/spectral-core';
import parsers from '@stoplight/spectral-parsers';
import rulesets from '@stoplight/spectral-rulesets';

const { Document, Spectral } = spectral;

const [path] = process.argv.slice(2);
for (const finding of [...(await bySpectral(path)), ...(await byRedocly(path))]) {
  console.log(JSON.stringify(finding));
}

async function bySpectral(path) {
  const linter = new Spectral();
  linter.setRuleset({ extends: [rulesets.oas] });
  const found = await linter.run(new Document(await readFile(path, 'utf8'), parsers.Json, path));
  return found.map(({ code, message, path: where }) => ({
    linter: 'spectral', rule: String(code), message, where: where.join('.'),
  }));
}

async function byRedocly(path) {
  // Without this it asks its maker for a newer version of itself.
  process.env.REDOCLY_SUPPRESS_UPDATE_NOTICE = 'true';
  const found = await lint({ ref: path, config: await createConfig({ extends: ['recommended'] }) });
  return found.map(({ ruleId, message, location }) => ({
    linter: 'redocly', rule: ruleId, message, where: location.map((each) => each.pointer).join(' '),
  }));
}
