// Puts together what ships: the packages that run, or the application's own files.
//
// Arguments: what (`dependencies`, `application`, or a framework's output), the workspace, the application's directory,
// where to, and for the application a JSON list of the workspace's other packages, whether it was built, and what the
// image starts; for a site its directory stands in that place.
import { spawnSync } from 'node:child_process';
import fs from 'node:fs';
import { base, closure, copy, fail, inModules, isDirectory, isWithin, join, list, makeDirectory, manifest, parent, read, real, stat } from './packages.mjs';

const [what, root, application, out, others, built, entry] = process.argv.slice(2);
// Made after the last package was installed: what is younger was made by the application's own scripts.
const MARK = 'node_modules/.cofferdam-installed';
const { packages, links } = closure(root, application);
const members = JSON.parse(others ?? '[]').map((path) => join(root, path));
const place = (path, top = out) => top + path.slice(root.length);

// What is no part of a package: others have a place of their own, and compilers leave their working files.
const UNUSED = ['node_modules', 'build/Release/obj.target', 'build/Release/.deps', 'build/Release/obj'];

// Where packages bring add-ons for many platforms, as `node-gyp-build` and its like look for them.
const PREBUILT = /^prebuilds\/([a-z]+\d*)-([\w+]+)$/;
const SYSTEMS = ['aix', 'android', 'darwin', 'freebsd', 'ios', 'netbsd', 'openbsd', 'sunos', 'win32'];
const PROCESSORS = ['arm', 'arm64', 'ia32', 'loong64', 'mips', 'mipsel', 'ppc', 'ppc64', 'riscv64', 's390', 's390x', 'x64'];

// Whether what is at a path of a package is surely for another platform than this.
function isForeign(path) {
  const [, system, processors = ''] = PREBUILT.exec(path) ?? [];
  const isOther = (processor) => processor !== process.arch && PROCESSORS.includes(processor);
  return SYSTEMS.includes(system) || (/^linux(glibc|musl)?$/.test(system) && processors.split('+').every(isOther));
}

function dependencies() {
  makeDirectory(out);
  for (const directory of packages.filter(inModules)) {
    copy(directory, place(directory), (path) => !UNUSED.includes(path) && !isForeign(path));
  }
  for (const link of links) copy(link, place(link));
  programs();
  makeDirectory(join(root, 'node_modules'));
  fs.writeFileSync(join(root, MARK), '');
}

// The links to programs of packages, where the manager made links.
function programs() {
  for (const directory of new Set([root, application].map((path) => join(path, 'node_modules/.bin')))) {
    for (const name of isDirectory(directory) ? list(directory) : []) {
      const path = join(directory, name);
      const target = stat(path).isSymbolicLink() && real(path);
      if (target && packages.some((other) => inModules(other) && isWithin(target, other))) copy(path, place(path));
    }
  }
}

// What only developers need, as patterns below a package's directory: of all that is there, and in any case of letters of
// what is no directory.
function unshipped() {
  const { paths, files } = JSON.parse(read(join(parent(process.argv[1]), 'unshipped.json')));
  return { paths: paths.map((pattern) => expression(pattern)), files: files.map((pattern) => expression(pattern, 'i')) };
}
const SOURCE = /\.[cm]?tsx?$/;

// A pattern as an expression: `*` is any text within a part, a leading `**/` any directories.
function expression(pattern, flags) {
  const below = pattern.startsWith('**/') ? '^(.*/)?' : '^';
  const parts = pattern.replace(/^\*\*\//, '').split('*');
  return new RegExp(below + parts.map((part) => part.replace(/[.+?^$()[\]{}|\\]/g, '\\$&')).join('[^/]*') + '$', `s${flags ?? ''}`);
}

// Whether a file of a package without a list of its files ships.
function ships(path, from, { paths, files }) {
  const is = (pattern) => pattern.test(path);
  if (paths.some(is)) return false;
  return stat(from).isDirectory() || !(files.some(is) || (built === 'true' && SOURCE.test(path)));
}

// The files that a package declares, as npm understands `files`.
function declared(directory) {
  const npm = spawnSync('npm', ['pack', '--dry-run', '--json', '--ignore-scripts'], {
    cwd: directory,
    encoding: 'utf8',
    maxBuffer: 1 << 28,
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  if (npm.status !== 0) fail(`npm cannot list the files of ${base(directory)}`);
  const [answer] = Object.values(JSON.parse(npm.stdout));
  return answer.files.map((file) => Buffer.from(file.path, 'utf8').toString('latin1'));
}

function own(directory) {
  if (Array.isArray(manifest(directory)?.files)) {
    for (const path of declared(directory)) copy(join(directory, path), join(place(directory), path));
  } else {
    const patterns = unshipped();
    pick(directory, (path, from) => ships(path, from, patterns) && !members.includes(from));
  }
}

// What the application's scripts wrote into packages, such as a generated client.
function generated() {
  const mark = stat(join(root, MARK))?.mtimeMs ?? Infinity;
  const isYoung = (path, from) => {
    const about = stat(from);
    if (about.isDirectory()) return base(path) !== '.cache' && base(path) !== 'node_modules';
    return about.isFile() && about.mtimeMs > mark;
  };
  const hidden = [root, application].map((path) => join(path, 'node_modules')).filter(isDirectory);
  const dots = hidden.flatMap((modules) => list(modules).map((name) => join(modules, name)));
  const homes = dots.filter((path) => base(path).startsWith('.') && !['.bin', '.pnpm', '.cache'].includes(base(path)));
  for (const home of new Set([...packages.filter(inModules), ...homes.filter(isDirectory)])) {
    pick(home, isYoung);
  }
}

// Copies the files of a directory that are wanted, without directories that would be empty.
function pick(directory, wanted, below = '') {
  for (const name of list(directory)) {
    const [path, from] = [join(below, name), join(directory, name)];
    if (!wanted(path, from)) continue;
    if (isDirectory(from)) pick(from, wanted, path);
    else copy(from, place(from));
  }
}

// Like Node's lookup of a program: the file itself, with an ending, or a directory's index.
function isStartable(path) {
  const about = manifest(path);
  const endings = ['', '.js', '.cjs', '.mjs', '.json', '.node', '/index.js', about?.main ? `/${about.main}` : ''];
  return endings.some((ending) => ['', '.js', '/index.js'].some((more) => stat(path + ending + more)?.isFile()));
}

function nextStandalone() {
  const build = join(application, '.next');
  if (!isDirectory(join(build, 'standalone'))) {
    fail('the build left no `.next/standalone`', 'write `output: "standalone"` in next.config');
  }
  split(join(build, 'standalone'));
  for (const path of ['.next/static', 'public'].map((name) => join(application, name))) {
    if (isDirectory(path)) copy(path, place(path, join(out, 'application')));
  }
}

function nitro(output) {
  if (!isDirectory(output) || (entry && !stat(join(output, entry))?.isFile())) {
    const preset = 'write `preset: "node-server"` in nitro.config, or `nitro: {preset: "node-server"}` in the configuration of Nuxt or Vite';
    fail(`the build left no \`${join('.output', entry || 'server')}\``, `${preset}; a site of files alone has \`static: {}\` beside it`);
  }
  split(output);
}

// Directories in which tools put what they make.
const SITES = ['dist', 'build', 'out', 'public', '_site'];

function site(directory) {
  if (stat(join(directory, 'index.html'))?.isFile()) return copy(directory, out);
  const made = SITES.find((name) => stat(join(application, name, 'index.html'))?.isFile());
  fail(`the build left no \`index.html\` in \`${entry}\``, `name the directory that it makes: \`static: {root: ${made ?? '…'}}\``);
}

// The parts of an output that stands alone: packages apart from the rest.
function split(directory) {
  const walk = (from, below) => {
    for (const name of list(from)) {
      const [path, to] = [join(from, name), join(below, name)];
      if (name === 'node_modules') copy(path, join(out, 'dependencies', to));
      else if (isDirectory(path)) walk(path, to);
      else copy(path, join(out, 'application', to));
    }
  };
  for (const part of ['dependencies', 'application']) makeDirectory(join(out, part));
  walk(directory, '');
}

if (what === 'dependencies') {
  dependencies();
} else if (what === 'application') {
  makeDirectory(out);
  for (const directory of packages.filter((path) => !inModules(path))) own(directory);
  generated();
  if (entry && !isStartable(join(place(application), entry))) {
    const where = isStartable(join(application, entry)) ? 'is not among the files that ship' : 'is not there after the build';
    fail(`the image starts \`${entry}\`, which ${where}`, 'write `runtime: {entrypoint: [node, …]}`, or mend `main` or `files` in package.json');
  }
} else if (what === 'site') {
  site(join(application, entry));
} else if (what === 'next') {
  nextStandalone();
} else {
  nitro(join(application, '.output'));
}
