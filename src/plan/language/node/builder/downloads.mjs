// Takes what a lock file names from what earlier fetches downloaded, or keeps it there for later ones.
//
// Arguments: `take` or `keep`, the directory of downloads, the home of the managers' own, the lock file, the checksum of the
// manager (`algorithm-digits`, or nothing) and the file that has it. Others write to the directory of downloads too, so
// nothing there is believed: files lie in it by their digests, flat, so that no link of somebody else's leads a write out
// of it, and each is held against the lock. Whatever has no digest in the lock is neither taken nor kept.
import { createHash, randomUUID } from 'node:crypto';
import fs from 'node:fs';
import { basename, dirname, join } from 'node:path';

const [how, kept, home, lock, checksum, manager] = process.argv.slice(2);
// Where the managers have their own; `fetch.sh` tells them.
const NPM = join(home, '.npm/_cacache/content-v2/sha512');
const CLASSIC = join(home, '.yarn-mirror');
const YARN = join(home, '.yarn/berry/cache');

const isOfNpm = lock.endsWith('.json');
// The strong digests of an `integrity` ("Subresource Integrity").
function sha512s(integrity) {
  const found = [...integrity.matchAll(/\bsha512-([\w+/]{86}==)/g)];
  return found.map(([, base64]) => Buffer.from(base64, 'base64').toString('hex'));
}
// The entries of a lock file of either Yarn begin where a line does.
const entries = (text) => text.replaceAll('\r', '').split(/\n(?=\S)/);
const sha512 = (text) => createHash('sha512').update(text).digest('hex');

// npm finds archives by their digests alone (cacache, "content-v2"), and would not look at those of the context then.
function* npm(text) {
  const ofContext = new Set([...text.matchAll(/"resolved": *"file:[^"]*",\s*"integrity": *"([^"]+)"/g)].map(([, value]) => value));
  for (const [, value] of text.matchAll(/"integrity": *"([^"]+)"/g)) {
    if (ofContext.has(value)) continue;
    for (const digits of sha512s(value)) yield [digits, join(NPM, digits.slice(0, 2), digits.slice(2, 4), digits.slice(4))];
  }
}

// The old Yarn finds archives by the last part of their address (`getTarballMirrorPath`), if it has a directory for them.
// It has none where two share a name: one would be taken for the other, which may have no digest.
function* classic(text) {
  const archives = new Map();
  for (const entry of entries(text)) {
    const address = /^  resolved "?([^"#\s]+)/m.exec(entry)?.[1];
    if (!address) continue;
    const pathname = address.replace(/^[\w+.-]+:(?:\/\/[^/]*)?|\?.*/g, '');
    const scope = /\/(@[^/]+)(?:\/|%2f)[^/]+\/(?:-|_attachments)\/(?:@[^/]+\/)?[^/]+$/.exec(pathname)?.[1];
    const name = (scope ? `${scope}-` : '') + basename(pathname);
    if ((archives.get(name)?.address ?? address) !== address) return;
    archives.set(name, { address, digits: sha512s(/^  integrity (.*)$/m.exec(entry)?.[1] ?? '')[0] });
  }
  fs.mkdirSync(CLASSIC, { recursive: true });
  for (const [name, { digits }] of archives) if (digits) yield [digits, join(CLASSIC, name)];
}

// The newer Yarn finds archives, which it packs anew, by the package (`slugifyLocator`, `getVersionFilename`).
function* yarn(text) {
  const key = /^  cacheKey: *"?(\w+)/m.exec(text)?.[1];
  for (const entry of entries(text)) {
    const locator = /^  resolution: "(?:@([\w.-]+)\/)?([\w.-]+)@npm:(\d+\.\d+\.\d+(?:-[\w.-]+)?)"$/m;
    const [, scope, name, version] = locator.exec(entry) ?? [];
    const [, its, digits] = /^  checksum: (?:(\w+)\/)?([0-9a-f]{128})$/m.exec(entry) ?? [];
    if (!name || !digits || (its ?? key) !== key) continue;
    const hash = sha512(`${sha512((scope ?? '') + name)}npm:${version}`).slice(0, 10);
    yield [digits, join(YARN, `${scope ? `@${scope}-` : ''}${name}-npm-${version}-${hash}-${key}.zip`)];
  }
}

// The digests of what is locked, each with the file in which the manager wants it. pnpm keeps unpacked files and does not
// hold them against the lock.
function* wanted() {
  if (checksum) yield [checksum, manager];
  const text = fs.readFileSync(lock, 'utf8');
  const read = isOfNpm ? npm : lock.endsWith('pnpm-lock.yaml') ? () => [] : /^__metadata:/m.test(text) ? yarn : classic;
  for (const [digits, file] of read(text)) yield [`sha512-${digits}`, file];
}

// What is kept of a digest, nothing where that is something else: neither what a link leads to, nor a pipe.
function read(path, digest) {
  const [algorithm, digits] = digest.split('-');
  let file;
  try {
    file = fs.openSync(path, fs.constants.O_RDONLY | fs.constants.O_NOFOLLOW | fs.constants.O_NONBLOCK);
    const content = fs.fstatSync(file).isFile() ? fs.readFileSync(file) : '';
    return createHash(algorithm).update(content).digest('hex') === digits ? content : null;
  } catch {
    return null;
  } finally {
    if (file !== undefined) fs.closeSync(file);
  }
}

// Writes the whole of a file or nothing, and tells whether it could: a disk may be full, and what is there is enough.
function write(path, content) {
  const beside = join(dirname(path), randomUUID());
  try {
    fs.mkdirSync(dirname(path), { recursive: true });
    fs.writeFileSync(beside, content, { flag: 'wx' });
    fs.renameSync(beside, path);
    return true;
  } catch {
    fs.rmSync(beside, { force: true });
    return false;
  }
}

// npm asks the registry for addresses that its lock file does not tell, even of archives that it has. These get one that
// nobody serves, in the place where npm would have written it, until everything is installed.
const NOWHERE = 'http://127.0.0.1:9/';

function addAddresses(taken) {
  const entry = /("version": *"[^"]*",)(\s*)("integrity": *"([^"]*)")/g;
  edit(lock, (text) => text.replace(entry, (whole, version, space, integrity, value) => {
    const [digits] = sha512s(value);
    return taken.has(`sha512-${digits}`) ? `${version}${space}"resolved": "${NOWHERE}${digits}.tgz",${space}${integrity}` : whole;
  }));
}

function removeAddresses(path) {
  edit(path, (text) => text.replaceAll(new RegExp(`\\s*"resolved": "${NOWHERE}[^"]*",`, 'g'), ''));
}

function edit(path, change) {
  const text = fs.existsSync(path) ? fs.readFileSync(path, 'utf8') : '';
  if (change(text) !== text) fs.writeFileSync(path, change(text));
}

function take() {
  const [all, taken] = [new Set(), new Set()];
  for (const [digest, file] of wanted()) {
    const path = join(kept, digest);
    const content = read(path, digest);
    if (content === null) fs.rmSync(path, { recursive: true, force: true });
    else if (write(file, content)) taken.add(digest);
    all.add(digest);
  }
  if (isOfNpm) addAddresses(taken);
  if (all.size > 0) console.log(`${taken.size} of ${all.size} archives were downloaded before`);
}

function keep() {
  for (const [digest, file] of wanted()) {
    const path = join(kept, digest);
    const content = fs.existsSync(path) ? null : read(file, digest);
    if (content !== null && !write(path, content)) break;
  }
  if (isOfNpm) [lock, join(dirname(lock), 'node_modules/.package-lock.json')].forEach(removeAddresses);
}

if (how === 'take') take();
else keep();
