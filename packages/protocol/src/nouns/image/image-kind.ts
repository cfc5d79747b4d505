/** By which other nouns name it, and its permissions that methods of theirs take. */
export const imageKind = 'image'
export const imageRead = 'images.read'
