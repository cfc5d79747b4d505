import { joinPath, nameOf, parentOf } from './file-path.ts'

/** A file that is to go to a folder, or with no `file` a folder that is to be made there. */
export interface Incoming {
  folder: string
  name: string
  file: File | null
}

/** So many files and folders are taken at a time. */
export const mostIncoming = 1000

/** There are more than `mostIncoming`: nothing of them is taken. */
export class TooManyIncoming extends Error {
  override readonly name = 'TooManyIncoming'
}

/** What was let fall, folders with all that is in them. It has to be called while the event is handled: what was dropped is gone then. */
export function droppedIn(transfer: DataTransfer): Promise<Incoming[]> {
  const items = [...transfer.items].filter(({ kind }) => kind === 'file')
  const dropped = items.map((item) => {
    const entry = item.webkitGetAsEntry()
    return entry?.isDirectory === true ? entry : item.getAsFile()
  })
  return walkDropped(dropped.filter((each) => each !== null))
}

/** Each folder stands before what is in it. Throws TooManyIncoming, and what the browser throws for what it cannot read. */
export async function walkDropped(dropped: readonly (FileSystemEntry | File)[]): Promise<Incoming[]> {
  const pending = dropped.map((entry) => ({ folder: '', entry }))
  const found: Incoming[] = []
  // It grows as folders are read, each after the folder that it is in.
  for (const { folder, entry } of pending) {
    if (pending.length > mostIncoming) throw new TooManyIncoming()
    const { name } = entry
    if (entry instanceof File) found.push({ folder, name, file: entry })
    else if (isFolder(entry)) {
      found.push({ folder, name, file: null })
      for await (const inside of entriesOf(entry)) pending.push({ folder: joinPath(folder, name), entry: inside })
    } else found.push({ folder, name, file: await fileOf(entry as FileSystemFileEntry) })
  }
  return found
}

/** Files that were chosen, with the folders that they are in where a folder was. Throws TooManyIncoming. */
export function chosenIn(files: readonly File[]): Incoming[] {
  const folders = new Set<string>()
  const found = files.map((file): Incoming => {
    const folder = parentOf(file.webkitRelativePath)
    for (let each = folder; each !== ''; each = parentOf(each)) folders.add(each)
    return { folder, name: file.name, file }
  })
  if (found.length + folders.size > mostIncoming) throw new TooManyIncoming()
  // A folder's path is longer than that of the one around it, and so sorted behind it.
  const made = [...folders].sort().map((path): Incoming => ({ folder: parentOf(path), name: nameOf(path), file: null }))
  return [...made, ...found]
}

function isFolder(entry: FileSystemEntry): entry is FileSystemDirectoryEntry {
  return entry.isDirectory
}

/** The browser gives them in batches, an empty one at the end. */
async function* entriesOf(folder: FileSystemDirectoryEntry): AsyncGenerator<FileSystemEntry> {
  const reader = folder.createReader()
  for (let seen = 0; seen <= mostIncoming; ) {
    const batch = await new Promise<FileSystemEntry[]>((resolve, reject) => reader.readEntries(resolve, reject))
    if (batch.length === 0) return
    seen += batch.length
    yield* batch
  }
}

function fileOf(entry: FileSystemFileEntry): Promise<File> {
  return new Promise((resolve, reject) => entry.file(resolve, reject))
}
