// Builds an application: its own `postinstall` script and the one that builds it, after those of the packages of the
// workspace that it needs.
//
// Arguments: the ground, the application's directory, a JSON list of the packages of the workspace, and the script.
import { spawnSync } from 'node:child_process';
import { builtTogether, fail, join, manifest } from './packages.mjs';

const [root, application, members, script] = process.argv.slice(2);
const directories = builtTogether(root, application, JSON.parse(members).map((path) => join(root, path)));

function run(directory, name) {
  const about = manifest(directory);
  if (!about?.scripts?.[name]) return;
  const npm = spawnSync('npm', ['run', '--silent', name], { cwd: directory, stdio: 'inherit' });
  if (npm.status === 0) return;
  fail(
    `the script \`${name}\` of ${about.name ?? directory} failed in the offline step that builds the application`,
    'what it wants of the network must be in the context or among the dependencies; install scripts of packages that ' +
      'download something are named in `node: {fetch-scripts: […]}`',
  );
}

for (const directory of new Set([root, ...directories])) run(directory, 'postinstall');
for (const directory of directories) run(directory, script);
