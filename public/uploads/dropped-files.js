// Reads what was dropped or chosen, folders with all that they hold.
/**
 * A file, and where it lay in what was dropped.
 * @typedef {{ file: File, path: string }} FoundFile
 */
/** @typedef {{ files: FoundFile[], unread: string[], empty: string[] }} Found */

const byName = new Intl.Collator(undefined, { numeric: true, sensitivity: 'base' });
const systemFiles = new Set(['thumbs.db', 'ehthumbs.db', 'desktop.ini', '__macosx', 'icon\r']);

/**
 * Files and folders that file managers keep in a folder without showing them.
 * @param {string} name
 */
const isHidden = (name) => name.startsWith('.') || systemFiles.has(name.toLowerCase());

/**
 * Resolves with `files` ({ file, path }, in the order of their names in each folder), `unread` (paths of what could not be
 * read) and `empty` (names of dropped folders without a file). Hidden files in folders are left out. Call it while the drop
 * event is being handled: afterwards the browser has forgotten what was dropped.
 * @param {DataTransfer} dataTransfer
 */
export async function readDropped(dataTransfer) {
  const items = [...dataTransfer.items].filter(({ kind }) => kind === 'file');
  const dropped = items.map((item) => ({ entry: item.webkitGetAsEntry?.(), file: item.getAsFile() }));
  /** @type {Found} */
  const found = { files: [], unread: [], empty: [] };
  for (const { entry, file } of dropped) {
    if (!isFolder(entry)) {
      if (file) found.files.push({ file, path: file.name });
      continue;
    }
    const before = found.files.length + found.unread.length;
    await readFolder(entry, entry.name, found);
    if (found.files.length + found.unread.length === before) found.empty.push(entry.name);
  }
  return found;
}

/**
 * @param {FileSystemEntry | null | undefined} entry
 * @returns {entry is FileSystemDirectoryEntry}
 */
const isFolder = (entry) => entry?.isDirectory === true;
/**
 * @param {FileSystemEntry} entry
 * @returns {entry is FileSystemFileEntry}
 */
const isFile = (entry) => entry.isFile;

/**
 * @param {FileSystemDirectoryEntry} folder
 * @param {string} path
 * @param {Found} found
 */
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
    if (isFolder(entry)) await readFolder(entry, inside, found);
    else if (isFile(entry)) await readFile(entry, inside, found);
  }
}

/**
 * @param {FileSystemFileEntry} entry
 * @param {string} path
 * @param {Found} found
 */
async function readFile(entry, path, found) {
  try {
    /** @type {File} */
    const file = await new Promise((resolve, reject) => entry.file(resolve, reject));
    found.files.push({ file, path });
  } catch {
    found.unread.push(path);
  }
}

/**
 * `readEntries` gives at most 100 at a time (File and Directory Entries API, 7.3).
 * @param {FileSystemDirectoryEntry} folder
 */
async function listEntries(folder) {
  const reader = folder.createReader();
  /** @type {FileSystemEntry[]} */
  const entries = [];
  for (;;) {
    /** @type {FileSystemEntry[]} */
    const some = await new Promise((resolve, reject) => reader.readEntries(resolve, reject));
    if (some.length === 0) return entries;
    entries.push(...some);
  }
}

/**
 * The same for a folder that was chosen in `<input webkitdirectory>`.
 * @param {FileList} files
 */
export function readChosenFolder(files) {
  return [...files]
    .map((file) => ({ file, path: file.webkitRelativePath || file.name }))
    .filter(({ path }) => !path.split('/').slice(1).some(isHidden))
    .sort((one, other) => byName.compare(one.path, other.path));
}
