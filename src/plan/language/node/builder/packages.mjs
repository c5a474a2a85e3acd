// What is installed below a workspace: its packages, and which of them need which.
//
// Paths are strings with one character for each byte, because names of files need not be text.
import fs from 'node:fs';

const bytes = (path) => Buffer.from(path, 'latin1');

export const join = (...parts) => parts.filter((part) => part !== '').join('/');
export const parent = (path) => path.slice(0, path.lastIndexOf('/'));
export const base = (path) => path.slice(path.lastIndexOf('/') + 1);
export const isWithin = (path, directory) => path === directory || path.startsWith(`${directory}/`);
export const list = (path) => fs.readdirSync(bytes(path), 'latin1').sort();
export const read = (path) => fs.readFileSync(bytes(path), 'utf8');
export const linkTarget = (path) => fs.readlinkSync(bytes(path), 'latin1');
export const makeDirectory = (path) => fs.mkdirSync(bytes(path), { recursive: true });

// What is at a path, without following a link; nothing where there is nothing.
export function stat(path) {
  try {
    return fs.lstatSync(bytes(path));
  } catch {
    return undefined;
  }
}

export function real(path) {
  try {
    return fs.realpathSync.native(bytes(path), 'latin1');
  } catch {
    return null;
  }
}

export function isDirectory(path) {
  return stat(path)?.isDirectory() ?? false;
}

// What a package says of itself; nothing where it is none. What cannot be read is passed over in the depths of other
// packages, which keep such for their tests.
export function manifest(directory) {
  const path = join(directory, 'package.json');
  if (!stat(path)?.isFile()) return null;
  try {
    const value = JSON.parse(read(path).replace(/^\uFEFF/, ''));
    if (value !== null && typeof value === 'object') return value;
  } catch (error) {
    if (!inModules(directory)) fail(`${path} cannot be read: ${error.message}`);
  }
  return null;
}

export const inModules = (directory) => directory.split('/').includes('node_modules');

// Where Node finds a package from a directory ("Loading from node_modules folders").
function find(name, from, root) {
  for (let at = from; isWithin(at, root); at = parent(at)) {
    if (base(at) === 'node_modules') continue;
    const path = join(at, 'node_modules', name);
    if (stat(path)) return path;
  }
  return null;
}

// What a package needs at run time. An optional peer is there for the sake of whoever else asks for it.
function needs(about) {
  const names = [about.dependencies, about.optionalDependencies].flatMap((set) => Object.keys(set ?? {}));
  const peers = Object.keys(about.peerDependencies ?? {});
  return names.concat(peers.filter((name) => !about.peerDependenciesMeta?.[name]?.optional));
}

// What a package cannot do without, with all its tools where it is of the workspace.
export function musts(about, directory) {
  const all = { ...about.dependencies, ...about.peerDependencies, ...(inModules(directory) ? {} : about.devDependencies) };
  return Object.keys(all).filter((name) => !about.optionalDependencies?.[name] && !about.peerDependenciesMeta?.[name]?.optional);
}

// Everything that an application needs at run time, or another wish is for: the directories of packages, each after
// those that it needs, and the links that lead to them.
export function closure(root, application, wanted = needs) {
  const packages = new Set();
  const seen = new Set();
  const links = new Set();
  const follow = (path) => {
    for (let at = path; stat(at)?.isSymbolicLink(); ) {
      links.add(at);
      const target = linkTarget(at);
      at = target.startsWith('/') ? target : real(parent(at)) + '/' + target;
      at = join(real(parent(at)) ?? parent(at), base(at));
    }
    return real(path);
  };
  const visit = (directory) => {
    if (seen.has(directory)) return;
    seen.add(directory);
    for (const name of wanted(manifest(directory) ?? {}, directory)) {
      const path = find(name, directory, root);
      const found = path && real(path) && follow(path);
      if (found && isWithin(found, root)) visit(found);
    }
    packages.add(directory);
  };
  visit(application);
  // What pnpm hoists is found by packages that forgot to say what they need.
  const hoisted = join(root, 'node_modules/.pnpm/node_modules');
  for (const path of isDirectory(hoisted) ? entries(hoisted) : []) {
    if (packages.has(real(path))) follow(path);
  }
  return { packages: [...packages], links: [...links].sort() };
}

// The packages of the workspace that an application is built from, each after those that it needs.
export function builtTogether(root, application, members) {
  const ordered = [];
  const seen = new Set();
  const visit = (directory) => {
    if (seen.has(directory)) return;
    seen.add(directory);
    const about = manifest(directory) ?? {};
    for (const name of [...needs(about), ...Object.keys(about.devDependencies ?? {})]) {
      const path = find(name, directory, root);
      const found = path && real(path);
      if (found && members.includes(found)) visit(found);
    }
    ordered.push(directory);
  };
  visit(application);
  return ordered;
}

// The packages in a `node_modules`, scopes looked into.
export function entries(modules) {
  return list(modules).flatMap((name) => {
    const path = join(modules, name);
    return name.startsWith('@') && isDirectory(path) ? list(path).map((inner) => join(path, inner)) : [path];
  });
}

// Copies a file, a link, or a directory with everything that `wanted` accepts, by the path below the top.
export function copy(from, to, wanted = () => true, below = '') {
  const about = stat(from);
  if (about.isSymbolicLink()) {
    makeDirectory(parent(to));
    fs.symlinkSync(bytes(linkTarget(from)), bytes(to));
  } else if (about.isDirectory()) {
    makeDirectory(to);
    for (const name of list(from)) {
      const path = join(below, name);
      if (wanted(path, join(from, name))) copy(join(from, name), join(to, name), wanted, path);
    }
  } else {
    makeDirectory(parent(to));
    fs.copyFileSync(bytes(from), bytes(to));
  }
}

export function fail(message, help) {
  console.error(`cofferdam: ${message}${help ? `\n  help: ${help}` : ''}`);
  process.exit(1);
}
