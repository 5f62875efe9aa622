import { describe, expect, it } from 'vitest';
import { safeDiff } from '../../../src/context/diffText';
import { holdsKey, mayHoldSecret, withoutKeys } from '../../../src/context/secrets';

describe('files that may hold secrets', () => {
  it.each([
    ...['.env', 'app/.env.local', '.env.production', 'prod.env', 'certs/server.pem', 'server.KEY', 'a\\.ENV'],
    ...['id_rsa', 'home/.ssh/config', '.npmrc', '.aws/anything', 'ca.crt', 'store.p12', 'terraform.tfstate'],
    ...['service-account-prod.json', 'config/master.key', '.git-credentials', 'signing.jks'],
  ])('%s', (path) => {
    expect(mayHoldSecret(path)).toBe(true);
  });

  it.each([
    ...['.env.example', 'app/.env.sample', 'src/env.ts', 'environment.ts', 'src/keyboard.ts', 'id_rsa.pub'],
    ...['keys.ts', 'README.md', 'src/certificate.ts', 'src/secrets.ts', 'package.json', '.envelope'],
  ])('are not %s', (path) => {
    expect(mayHoldSecret(path)).toBe(false);
  });
});

const key = '-----BEGIN RSA PRIVATE KEY-----\nMIIE\nabc=\n-----END RSA PRIVATE KEY-----';

describe('a private key in a text', () => {
  it('is found and taken out, also one that is cut off', () => {
    expect(holdsKey(`const a = 1;\n${key}\n`)).toBe(true);
    expect(holdsKey('-----BEGIN PUBLIC KEY-----')).toBe(false);
    expect(withoutKeys(`a\n${key}\nb\n${key}\nc`, '[key]')).toBe('a\n[key]\nb\n[key]\nc');
    expect(withoutKeys('a\n-----BEGIN OPENSSH PRIVATE KEY-----\nb3Bl', '[key]')).toBe('a\n[key]');
  });
});

describe('a diff', () => {
  const section = (path: string, line: string): string =>
    `diff --git a/${path} b/${path}\nindex 1..2 100644\n--- a/${path}\n+++ b/${path}\n@@ -1 +1 @@\n-old\n+${line}\n`;

  it('loses the files that may hold secrets, and says which', () => {
    const diff = section('src/a.ts', 'a') + section('.env', 'TOKEN=1') + section('src/b.ts', '+++ b/.env');
    expect(safeDiff(diff)).toEqual({
      text: section('src/a.ts', 'a') + section('src/b.ts', '+++ b/.env'),
      leftOut: ['.env'],
    });
  });

  it('loses a file that was one before it was renamed', () => {
    const renamed =
      'diff --git a/.env b/settings.txt\nsimilarity index 90%\nrename from .env\nrename to settings.txt\n';
    expect(safeDiff(renamed).text).toBe('');
  });

  it('loses what is of no known file', () => {
    const bare = section('.env', 'TOKEN=1').replaceAll(/ [ab]\//g, ' ');
    expect(safeDiff(section('a.ts', 'a') + bare)).toEqual({
      text: section('a.ts', 'a'),
      leftOut: ['diff --git .env .env'],
    });
    const quoted = section('"x"/.env', 'TOKEN=1').replaceAll(/ ([ab]\/.*\.env)/g, ' "$1"');
    expect(safeDiff(quoted).text).toBe('');
  });

  it('loses keys that were put into other files', () => {
    const { text } = safeDiff(section('a.ts', key));
    expect(text).toContain('[a private key was left out]');
    expect(text).not.toContain('MIIE');
  });
});
