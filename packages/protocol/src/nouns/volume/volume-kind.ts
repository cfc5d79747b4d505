/** By which other nouns name it, and its permissions that methods of theirs take. */
export const volumeKind = 'volume'
export const volumeFilesRead = 'volumes.files.read'
export const volumeFilesWrite = 'volumes.files.write'
