// Runs the install scripts of packages, each after those of the packages that it needs.
//
// Arguments: how (`offline` or `network`), the ground, and two JSON lists of packages: whose scripts run (null for all),
// and whose do not.
import fs from 'node:fs';
import { createRequire } from 'node:module';
import { base, closure, entries, fail, inModules, isDirectory, join, list, manifest, musts, parent, real, stat } from './packages.mjs';

const [how, root, ...lists] = process.argv.slice(2);
const [chosen, left] = lists.map((list) => JSON.parse(list));
const npm = createRequire(join(parent(parent(real(process.execPath))), 'lib/node_modules/npm/package.json'));
const runScript = npm('@npmcli/run-script');

// Every directory of a package below a directory, real paths only.
function* installed(directory) {
  const modules = join(directory, 'node_modules');
  if (!isDirectory(modules)) return;
  for (const path of entries(modules)) {
    if (!stat(path).isDirectory()) continue;
    if (base(path) === '.pnpm') {
      for (const store of list(path)) yield* installed(join(path, store));
    } else if (!base(path).startsWith('.')) {
      yield path;
      yield* installed(path);
    }
  }
}

// The directories that have a `node_modules`: of the workspace, not of its packages.
function* projects(directory) {
  yield directory;
  for (const name of list(directory)) {
    const path = join(directory, name);
    if (!inModules(path) && isDirectory(path)) yield* projects(path);
  }
}

function needsBuilding(directory, about) {
  const scripts = about.scripts ?? {};
  return ['preinstall', 'install', 'postinstall'].some((name) => scripts[name]) || stat(join(directory, 'binding.gyp'));
}

const waiting = new Map();
for (const project of projects(root)) {
  for (const directory of installed(project)) {
    const about = manifest(directory);
    if (!about || !needsBuilding(directory, about)) continue;
    const isChosen = chosen === null || chosen.includes(about.name);
    if (isChosen && !left.includes(about.name)) waiting.set(directory, about);
  }
}

// Whether everything of the workspace can do without a package.
function isOptional(directory) {
  return [...projects(root)].every((project) => !manifest(project) || !closure(root, project, musts).packages.includes(directory));
}

// As npm does: what asks for the package finds that it is not there.
function drop(directory, about) {
  console.log(`> ${about.name}@${about.version}: left out, for it is optional and its install scripts failed`);
  fs.rmSync(Buffer.from(directory, 'latin1'), { recursive: true });
}

async function build(directory, about) {
  waiting.delete(directory);
  for (const name of Object.keys({ ...about.dependencies, ...about.optionalDependencies })) {
    for (const [other, its] of waiting) if (its.name === name) await build(other, its);
  }
  console.log(`> ${about.name}@${about.version}: install scripts`);
  for (const event of ['preinstall', 'install', 'postinstall']) {
    try {
      await runScript({ event, path: directory, pkg: about, stdio: 'inherit', banner: false });
    } catch (error) {
      if (isOptional(directory)) return drop(directory, about);
      if (how === 'network') fail(`the ${event} script of ${about.name} failed: ${error.message}`);
      fail(
        `the ${event} script of ${about.name} failed in the offline step that runs install scripts`,
        `if it downloads something, write \`node: {fetch-scripts: ["${about.name}"]}\`; if it compiles, name what it ` +
          'needs in `build: {packages: […]}`',
      );
    }
  }
}

while (waiting.size > 0) await build(...waiting.entries().next().value);
