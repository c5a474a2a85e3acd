export default defineEventHandler(() => ({
  light: 'group flashing, two every ten seconds',
  uid: process.getuid?.(),
  node: process.versions.node.split('.')[0],
}));
