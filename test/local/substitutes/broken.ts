// Takes the place of a process that cannot start.
console.error('The configuration has mistakes');
process.exitCode = 1;
