// Reads what was dropped or chosen, folders with all that they hold.
const byName = new Intl.Collator(undefined, { numeric: true, sensitivity: 'base' });
const systemFiles = new Set(['thumbs.db', 'ehthumbs.db', 'desktop.ini', '__macosx', 'icon\r']);

/** Files and folders that file managers keep in a folder without showing them. */
export const isHidden = (name) => name.startsWith('.') || systemFiles.has(name.toLowerCase());

/**
 * Resolves with `files` ({ file, path }, in the order of their names in each folder), `unread` (paths of what could not be
 * read) and `empty` (names of dropped folders without a file). Hidden files in folders are left out. Call it while the drop
 * event is being handled: afterwards the browser has forgotten what was dropped.
 */
export async function readDropped(dataTransfer) {
  const items = [...dataTransfer.items].filter(({ kind }) => kind === 'file');
  const dropped = items.map((item) => [item.webkitGetAsEntry?.(), item.getAsFile()]);
  const found = { files: [], unread: [], empty: [] };
  for (const [entry, file] of dropped) {
    if (!entry?.isDirectory) {
      if (file) found.files.push({ file, path: file.name });
      continue;
    }
    const before = found.files.length + found.unread.length;
    await readFolder(entry, entry.name, found);
    if (found.files.length + found.unread.length === before) found.empty.push(entry.name);
  }
  return found;
}

async function readFolder(folder, path, found) {
  let entries;
  try {
    entries = await listEntries(folder);
  } catch {
    found.unread.push(path);
    return;
  }
  for (const entry of entries.sort((one, other) => byName.compare(one.name, other.name))) {
    if (isHidden(entry.name)) continue;
    const inside = `${path}/${entry.name}`;
    if (entry.isDirectory) await readFolder(entry, inside, found);
    else await readFile(entry, inside, found);
  }
}

async function readFile(entry, path, found) {
  try {
    found.files.push({ file: await new Promise((resolve, reject) => entry.file(resolve, reject)), path });
  } catch {
    found.unread.push(path);
  }
}

/** `readEntries` gives at most 100 at a time (File and Directory Entries API, 7.3). */
async function listEntries(folder) {
  const reader = folder.createReader();
  const entries = [];
  for (;;) {
    const some = await new Promise((resolve, reject) => reader.readEntries(resolve, reject));
    if (some.length === 0) return entries;
    entries.push(...some);
  }
}

/** The same for a folder that was chosen in `<input webkitdirectory>`. */
export function readChosenFolder(files) {
  return [...files]
    .map((file) => ({ file, path: file.webkitRelativePath || file.name }))
    .filter(({ path }) => !path.split('/').slice(1).some(isHidden))
    .sort((one, other) => byName.compare(one.path, other.path));
}
