// Imported first by every program. An older Node would fail later with an unclear error.
const needed = 24;
if (Number(process.versions.node.split('.')[0]) < needed) {
  process.stderr.write(
    `Paperlift needs Node.js ${needed} or newer; this is ${process.version}. Start it with npm (npm run local), which provides its own.\n`,
  );
  process.exit(1);
}
